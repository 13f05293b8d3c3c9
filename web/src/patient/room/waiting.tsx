/** The waiting room: where one is in the line, said calmly and kept true by the socket. */
import { Button, SegmentedControl, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Checks, VisitView, WaitingStatus } from '@afar/visits/contract';
import { Sky } from '../../kit/sky.tsx';
import { clockTime } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useWithWhom } from '../../on-demand/with-whom.ts';
import { useReader } from '../../shell/session.ts';
import { SelfLook } from './self-look.tsx';
import classes from './room.module.css';

interface Props {
  visit: VisitView;
  status: WaitingStatus | undefined;
  reachable: boolean;
  error: unknown;
  retry: () => void;
  checks: Checks;
  onChecks: (checks: Checks) => void;
}

export function Waiting(props: Props) {
  const { visit, status, reachable, error, retry, checks, onChecks } = props;
  const { t } = useTranslation('patient');
  const { t: check } = useTranslation('check');
  const { zone, locale } = useReader();
  const now = useNow(60_000);
  const name = useWithWhom()(visit);
  return (
    <div className={classes.room} data-testid="waiting-room">
      <div className={classes.sky}>
        <Sky at={now} zone={zone} tall />
      </div>
      <div className={classes.panel}>
        <section className={classes.place} aria-live="polite">
          <h1 className={classes.position} data-testid="position">
            <Position status={status} />
          </h1>
          {status?.waitMinutes !== undefined && !status.clinicianPresent && (
            <Wait minutes={status.waitMinutes} />
          )}
          <p className={classes.calm}>
            {t(status?.clinicianPresent ? 'room.here' : 'room.calm', { name })}
          </p>
          {status?.waitingSince && (
            <p className={classes.since}>
              {t('room.since', { time: clockTime(status.waitingSince, zone, locale) })}
            </p>
          )}
        </section>
        {error !== undefined && <Trouble error={error} retry={retry} />}
        {!reachable && error === undefined && <Notice tone="warm" title={t('room.lost')} />}
        <section className={classes.how} aria-labelledby="how-title">
          <h2 id="how-title" className={classes.small}>
            {t('room.how')}
          </h2>
          <SegmentedControl
            fullWidth
            aria-labelledby="how-title"
            value={checks.audioOnly ? 'audio' : 'camera'}
            onChange={(value) => onChecks({ ...checks, audioOnly: value === 'audio' })}
            data={[
              { value: 'camera', label: t('room.withCamera') },
              { value: 'audio', label: check('noCamera') },
            ]}
          />
          <Switch
            label={check('saver')}
            checked={checks.dataSaver ?? false}
            onChange={(event) => onChecks({ ...checks, dataSaver: event.currentTarget.checked })}
          />
          {!checks.audioOnly && <SelfLook />}
        </section>
        <section>
          <h2 className={classes.small}>{t('room.tips')}</h2>
          <ul className={classes.tips}>
            <li>{t('room.tip1')}</li>
            <li>{t('room.tip2')}</li>
            <li>{t('room.tip3')}</li>
          </ul>
        </section>
        <div className={classes.leave}>
          <Button
            component={Link}
            to="/patient/visits/$visitId"
            params={{ visitId: visit.id } as never}
            variant="default"
            data-testid="leave-room"
          >
            {t('room.leave')}
          </Button>
          <span>{t('room.leaveText')}</span>
        </div>
      </div>
    </div>
  );
}

function Position({ status }: { status: WaitingStatus | undefined }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  if (status?.position === undefined) return common('loading');
  return status.position <= 1 ? t('room.next') : t('room.before', { count: status.position - 1 });
}

function Wait({ minutes }: { minutes: number }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const count = Math.max(1, Math.round(minutes));
  return (
    <p className={classes.wait} data-testid="wait">
      {t('room.wait', { minutes: common('minutes', { count }) })}
    </p>
  );
}
