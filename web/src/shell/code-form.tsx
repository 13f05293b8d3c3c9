/** The second step of staff: six digits from an authenticator app. */
import { Anchor, Button, PinInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '@afar/access/contract';
import { asApiError } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useSession } from './session.ts';

interface Props {
  onSignedIn: (me: Me) => void;
  onOther: () => void;
}

export function CodeForm({ onSignedIn, onOther }: Props) {
  const { t } = useTranslation('shell');
  const session = useSession();
  const [code, setCode] = useState('');
  const [short, setShort] = useState(false);
  const label = useId();
  const cells = useRef<HTMLDivElement>(null);
  const confirm = useMutation({
    mutationFn: (digits: string) => session.secondFactor(digits),
    onSuccess: onSignedIn,
    onError: () => {
      setCode('');
      cells.current?.querySelector('input')?.focus();
    },
  });
  const submit = (digits: string): void => {
    if (confirm.isPending) return;
    setShort(digits.length < 6);
    if (digits.length === 6) confirm.mutate(digits);
  };
  const status = confirm.error ? asApiError(confirm.error).status : undefined;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit(code);
      }}
    >
      <Stack gap="md">
        <Text c="dimmed">{t('code.lead')}</Text>
        {status === 401 && <Notice tone="bad" title={t('code.refused')} />}
        {status === 429 && <Notice tone="bad" title={t('signIn.locked')} />}
        {status !== undefined && status !== 401 && status !== 429 && (
          <Trouble error={confirm.error} />
        )}
        {short && <Notice tone="bad" title={t('code.need')} />}
        <div ref={cells} role="group" aria-labelledby={label} data-testid="second-factor">
          <Text id={label} fw={550} mb={6}>
            {t('code.label')}
          </Text>
          <PinInput
            length={6}
            type="number"
            size="lg"
            oneTimeCode
            autoFocus
            value={code}
            onChange={setCode}
            onComplete={submit}
            getInputProps={(index) => ({ 'aria-label': `${t('code.label')}, ${index + 1}/6` })}
            aria-label={t('code.label')}
          />
        </div>
        <Button type="submit" size="lg" fullWidth loading={confirm.isPending}>
          {t('code.submit')}
        </Button>
        <Anchor component="button" type="button" onClick={onOther} ta="start">
          {t('code.other')}
        </Anchor>
      </Stack>
    </form>
  );
}
