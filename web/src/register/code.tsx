/** The six digits that came. */
import { Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CodeAnswer, CodeRequest } from '@afar/enrolment/contract';
import { asApiError } from '../kit/api.ts';
import { useNow } from '../kit/use-now.ts';
import { Part, StepTrouble } from './part.tsx';
import { askCode, verify } from './queries.ts';

interface Props {
  step: number;
  of: number;
  demo: boolean;
  asked: CodeRequest;
  sent: CodeAnswer;
  onSent: (sent: CodeAnswer) => void;
  onProof: (proof: string) => void;
  onBack: () => void;
}

export function CodeStep({ step, of, demo, asked, sent, onSent, onProof, onBack }: Props) {
  const { t } = useTranslation('register');
  const now = useNow(1000);
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const { channel, address, locale } = asked;
  const proving = useMutation({
    mutationFn: (typed: string) =>
      verify({ channel, address, locale, ticket: sent.ticket, code: typed }),
    onSuccess: ({ proof }) => onProof(proof),
  });
  const again = useMutation({
    mutationFn: () => askCode(asked),
    onSuccess: (next) => {
      proving.reset();
      setCode('');
      onSent(next);
    },
  });
  const refused = proving.error && asApiError(proving.error).status === 400;
  const wait = Math.ceil((sent.resendAt - now) / 1000);
  return (
    <Part step={step} of={of} title={t('code.title')} lead={t('code.lead', { address })}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const typed = code.replaceAll(/\s/g, '');
          setMissing(!/^\d{6}$/.test(typed));
          if (/^\d{6}$/.test(typed)) proving.mutate(typed);
        }}
      >
        <Stack gap="md">
          {!refused && <StepTrouble error={proving.error} />}
          <StepTrouble error={again.error} />
          <TextInput
            label={t('code.label')}
            size="md"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={9}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={missing ? t('code.missing') : refused ? t('code.wrong') : undefined}
          />
          <Button type="submit" size="lg" fullWidth loading={proving.isPending}>
            {t('next')}
          </Button>
          <Group justify="space-between">
            <Anchor component="button" type="button" onClick={onBack}>
              {t('code.other')}
            </Anchor>
            <Anchor
              component="button"
              type="button"
              disabled={wait > 0 || again.isPending}
              c={wait > 0 ? 'dimmed' : undefined}
              onClick={() => wait <= 0 && again.mutate()}
            >
              {wait > 0 ? t('code.wait', { seconds: wait }) : t('code.again')}
            </Anchor>
          </Group>
          {demo && (
            <Anchor component={Link} to="/outbox" target="_blank">
              {t('code.demo')}
            </Anchor>
          )}
        </Stack>
      </form>
    </Part>
  );
}
