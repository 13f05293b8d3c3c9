/** Who she is, and the password she chooses. */
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonInput } from '@afar/enrolment/contract';
import { Notice } from '../kit/trouble.tsx';
import { faultsOf, type PersonFault } from './draft.ts';
import { Part } from './part.tsx';
import { PersonFields } from './person-fields.tsx';
import { today } from './today.ts';

export type PasswordFault = 'short' | 'easy' | 'own';

interface Props {
  step: number;
  of: number;
  majority: number;
  /** Undefined for who was invited: her chart knows. */
  person: PersonInput | undefined;
  password: string;
  /** What the server said of them when it was asked at the end. */
  refused: { person: PersonFault[]; password: PasswordFault | undefined };
  onChange: (over: { person?: PersonInput; password?: string }) => void;
  onNext: () => void;
}

export function YouStep({
  step,
  of,
  majority,
  person,
  password,
  refused,
  onChange,
  onNext,
}: Props) {
  const { t } = useTranslation('register');
  const [tried, setTried] = useState(false);
  const missing = person ? faultsOf(person, majority, today()) : [];
  const short = password.length < 12;
  const fault = tried && short ? 'short' : refused.password;
  return (
    <Part step={step} of={of} title={t('you.title')} lead={t(person ? 'you.lead' : 'you.invited')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (missing.length === 0 && !short) onNext();
        }}
      >
        <Stack gap="md">
          {tried && missing.includes('young') && (
            <Notice tone="warm" title={t('you.young', { age: majority })} />
          )}
          {person && (
            <PersonFields
              own
              person={person}
              majority={majority}
              faults={tried ? [...missing, ...refused.person] : refused.person}
              onChange={(next) => onChange({ person: next })}
            />
          )}
          <PasswordInput
            label={t('you.password')}
            description={t('you.passwordHelp')}
            size="md"
            autoComplete="new-password"
            maxLength={256}
            visibilityToggleButtonProps={{ 'aria-label': t('you.show') }}
            value={password}
            onChange={(event) => onChange({ password: event.currentTarget.value })}
            error={fault && t(`you.weak.${fault}`)}
          />
          <Button type="submit" size="lg" fullWidth>
            {t('next')}
          </Button>
        </Stack>
      </form>
    </Part>
  );
}
