/** What else a booking may ask for: an interpreter, and that it is urgent. */
import { Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { emergencyNumber } from '../kit/emergency.ts';
import { languageChoices } from '../kit/language-choices.ts';
import { useReader } from '../shell/session.ts';

interface Props {
  /** BCP 47. */
  interpreter: string | undefined;
  onInterpreter: (language: string | undefined) => void;
  urgent: boolean;
  onUrgent: (urgent: boolean) => void;
}

export function BookingExtras({ interpreter, onInterpreter, urgent, onUrgent }: Props) {
  const { t } = useTranslation('booking');
  const { zone, locale } = useReader();
  const [needed, setNeeded] = useState(interpreter !== undefined);
  return (
    <>
      <Switch
        label={t('interpreter.need')}
        checked={needed}
        onChange={(event) => {
          setNeeded(event.currentTarget.checked);
          if (!event.currentTarget.checked) onInterpreter(undefined);
        }}
      />
      {needed && (
        <Select
          label={t('interpreter.language')}
          description={t('interpreter.hint')}
          searchable
          data={languageChoices(locale)}
          value={interpreter ?? null}
          onChange={(next) => onInterpreter(next ?? undefined)}
        />
      )}
      <Switch
        label={t('urgent.label')}
        description={t('urgent.hint', { number: emergencyNumber(zone) })}
        checked={urgent}
        onChange={(event) => onUrgent(event.currentTarget.checked)}
      />
    </>
  );
}
