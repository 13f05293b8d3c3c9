/** One person in the waiting room: who, why, how long, whether the devices work; and the way in. */
import { Badge, Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowRight,
  IconMicrophone,
  IconVideo,
  IconWifi,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Checks, QueueEntry } from '@afar/visits/contract';
import { stopwatch, toMs } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './home.module.css';
import { PatientLine } from './patient-line.tsx';

export function QueueCard({ entry, now }: { entry: QueueEntry; now: number }) {
  const { t } = useTranslation('clinician');
  const inVisit = entry.state !== 'waiting';
  return (
    <li
      className={classes.card}
      data-flag={entry.redFlag || undefined}
      data-live={inVisit || undefined}
    >
      <div className={classes.cardWho}>
        <h3 className={classes.name}>{entry.patient.name}</h3>
        <PatientLine patient={entry.patient} />
        <p className={classes.reason}>{entry.reason}</p>
        <Readiness checks={entry.checks} />
      </div>
      <div className={classes.cardState}>
        {entry.redFlag && (
          <Badge color="brick" leftSection={<IconAlertTriangle size={14} aria-hidden="true" />}>
            {t('queue.redFlag')}
          </Badge>
        )}
        {!entry.present && <Badge color="gray">{t('queue.away')}</Badge>}
        <p className={classes.waited}>
          <span className="afar-figures">{stopwatch(now - toMs(entry.waitingSince))}</span>
          <small>{t(inVisit ? 'queue.sinceArrival' : 'queue.waiting')}</small>
        </p>
        <Button
          component={Link}
          to="/clinician/visits/$visitId"
          params={{ visitId: entry.id } as never}
          size="md"
          variant={inVisit ? 'light' : 'filled'}
          rightSection={<IconArrowRight size={18} aria-hidden="true" />}
          data-testid="open-visit"
        >
          {t(inVisit ? 'queue.goBack' : 'queue.open')}
        </Button>
      </div>
    </li>
  );
}

/** What the device check said: only what needs attention is coloured. */
function Readiness({ checks }: { checks: Checks }) {
  const { t } = useTranslation('clinician');
  const { locale } = useReader();
  const items: [TablerIcon, 'camera' | 'microphone' | 'network', string][] = [
    [IconVideo, 'camera', checks.camera],
    [IconMicrophone, 'microphone', checks.microphone],
    [IconWifi, 'network', checks.network],
  ];
  return (
    <ul className={classes.ready} lang={locale}>
      {items.map(([Icon, what, result]) => (
        <li key={what} data-tone={toneOf(result)}>
          <Icon size={16} aria-hidden="true" />
          {t(`check.${what}`)}: {t(`check.result.${result}` as 'check.result.ok')}
        </li>
      ))}
      {checks.audioOnly && <li data-tone="warn">{t('check.audioOnly')}</li>}
      {checks.dataSaver && <li data-tone="warn">{t('check.dataSaver')}</li>}
    </ul>
  );
}

function toneOf(result: string): 'good' | 'warn' | 'plain' {
  if (result === 'ok' || result === 'good') return 'good';
  return result === 'skipped' ? 'plain' : 'warn';
}
