/** Why a record is opened: a kind and a few words, told to the privacy officer. */
import { Button, Radio, Textarea } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyReason, OpenedGlass } from '@afar/sharing/contract';
import { Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import type { Person } from './find.page.tsx';
import { openRecord } from './queries.ts';
import { emergencyReasons, reasonLength } from './reasons.ts';
import classes from './emergency.module.css';

interface Props {
  person: Person;
  onBack: () => void;
  onOpened: (opened: OpenedGlass) => void;
}

export function ReasonForm({ person, onBack, onOpened }: Props) {
  const { t } = useTranslation('emergency');
  const [reason, setReason] = useState<EmergencyReason>();
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const short = text.trim().length < reasonLength.least;
  const open = useMutation({
    mutationFn: (kind: EmergencyReason) =>
      openRecord({ patient: person.id, reason: kind, text: text.trim() }),
    onSuccess: onOpened,
  });
  return (
    <Section title={person.name}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (reason && !short) open.mutate(reason);
        }}
      >
        <Radio.Group
          size="md"
          label={t('reason.kind')}
          value={reason ?? ''}
          onChange={(value) => setReason(value as EmergencyReason)}
          error={tried && !reason ? t('reason.chooseKind') : undefined}
        >
          <div className={classes.kinds}>
            {emergencyReasons.map((one) => (
              <Radio key={one} size="md" value={one} label={t(`reason.${one}`)} />
            ))}
          </div>
        </Radio.Group>
        <Textarea
          size="lg"
          label={t('reason.text')}
          description={t('reason.textHint')}
          autosize
          minRows={2}
          maxLength={reasonLength.most}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={tried && short ? t('reason.tooShort', { count: reasonLength.least }) : undefined}
        />
        <p className={classes.soft}>{t('reason.told')}</p>
        {open.isError && <Trouble error={open.error} kept />}
        <div className={classes.buttons}>
          <Button
            type="submit"
            size="lg"
            color="ember"
            loading={open.isPending}
            leftSection={<IconAlertTriangle size={20} aria-hidden="true" />}
            data-testid="open-record"
          >
            {t('reason.send')}
          </Button>
          <Button size="lg" variant="default" onClick={onBack}>
            {t('reason.another')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
