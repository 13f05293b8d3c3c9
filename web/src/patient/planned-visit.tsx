/** A visit that is still to come: its facts, its steps, its place in a calendar, another time for it, the way out of it. */
import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconCalendarDown,
  IconCalendarTime,
  IconCircleDashed,
  IconRss,
  IconUrgent,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { FeedDialog } from '../calendar/feeds.tsx';
import { emergencyNumber } from '../kit/emergency.ts';
import { Sky } from '../kit/sky.tsx';
import { Notice } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { When } from '../kit/when.tsx';
import { useWithWhom } from '../on-demand/with-whom.ts';
import { useReader } from '../shell/session.ts';
import { CancelVisit } from './cancel-visit.tsx';
import { Steps } from './steps.tsx';
import classes from './visit.module.css';

export function PlannedVisit({ visit }: { visit: AppointmentView }) {
  const { t } = useTranslation(['patient', 'booking']);
  const withWhom = useWithWhom();
  const { t: common } = useTranslation();
  const { zone } = useReader();
  const now = useNow();
  const [feeds, feed] = useDisclosure(false);
  const asked = visit.state === 'requested';
  return (
    <div className={classes.planned}>
      <section className={classes.facts}>
        <div className={classes.factsSky}>
          <Sky at={visit.start} zone={zone} />
        </div>
        <dl className={classes.list}>
          <dt>{t('visit.when')}</dt>
          <dd>
            <When at={visit.start} clinicZone={visit.zone} />
          </dd>
          <dt>{t('visit.who')}</dt>
          <dd>
            {withWhom(visit)}
            {visit.clinician.specialty && (
              <span className={classes.soft}>{visit.clinician.specialty}</span>
            )}
            {visit.with.length > 0 && (
              <span className={classes.soft}>{visit.with.map((one) => one.name).join(', ')}</span>
            )}
          </dd>
          <dt>{t('visit.how')}</dt>
          <dd>{common(`visitType.${visit.mode}`)}</dd>
          <dt>{t('visit.why')}</dt>
          <dd>{visit.reason}</dd>
          {visit.series && (
            <>
              <dt>{t('booking:series.label')}</dt>
              <dd>
                {t('booking:series.of', { index: visit.series.index + 1, of: visit.series.of })}
              </dd>
            </>
          )}
        </dl>
        <Group className={classes.factsActions} gap="sm">
          {visit.canReschedule && (
            <Button
              component={Link}
              to="/patient/visits/$visitId/move"
              params={{ visitId: visit.id } as never}
              variant="light"
              leftSection={<IconCalendarTime size={20} aria-hidden="true" />}
              data-testid="move-open"
            >
              {t('booking:move.open')}
            </Button>
          )}
          {!asked && (
            <Button
              component="a"
              href={`/api/appointments/${visit.id}/calendar.ics`}
              download="afar-visit.ics"
              variant="light"
              leftSection={<IconCalendarDown size={20} aria-hidden="true" />}
            >
              {t('visit.calendar')}
            </Button>
          )}
          <Button
            variant="subtle"
            leftSection={<IconRss size={20} aria-hidden="true" />}
            onClick={feed.open}
          >
            {t('booking:subscribe')}
          </Button>
          {visit.canCancel && <CancelVisit visit={visit} />}
        </Group>
      </section>
      <section className={classes.ready} aria-label={t('prepare.title')}>
        {asked ? (
          <Notice icon={IconCircleDashed} title={t('booking:requested.title')}>
            {t('booking:requested.text')}
          </Notice>
        ) : (
          <Steps visit={visit} now={now} />
        )}
        <Notice tone="warm" title={t('visit.emergency')} icon={IconUrgent}>
          {t('visit.emergencyText', { number: emergencyNumber(zone) })}
        </Notice>
      </section>
      {feeds && <FeedDialog onClose={feed.close} />}
    </div>
  );
}
