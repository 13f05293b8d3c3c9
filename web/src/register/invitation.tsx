/** The code that the clinic told with its link. */
import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvitationKey } from '@afar/enrolment/contract';
import { asApiError } from '../kit/api.ts';
import { Part, StepTrouble } from './part.tsx';
import { greet } from './queries.ts';

interface Props {
  step: number;
  of: number;
  token: string;
  onGreeted: (key: InvitationKey, given: string) => void;
}

export function InvitationStep({ step, of, token, onGreeted }: Props) {
  const { t } = useTranslation('register');
  const [code, setCode] = useState('');
  const asking = useMutation({
    mutationFn: greet,
    onSuccess: ({ given }, key) => onGreeted(key, given),
  });
  const refused = asking.error && asApiError(asking.error).status === 400;
  return (
    <Part step={step} of={of} title={t('invitation.title')} lead={t('invitation.lead')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim()) asking.mutate({ token, code: code.replaceAll(/\s/g, '') });
        }}
      >
        <Stack gap="md">
          {!refused && <StepTrouble error={asking.error} />}
          <TextInput
            label={t('code.label')}
            size="md"
            inputMode="numeric"
            autoComplete="off"
            maxLength={9}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={refused && t('trouble.invitation')}
          />
          <Button type="submit" size="lg" fullWidth loading={asking.isPending}>
            {t('next')}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}
