/** The picture of a visit, and before it the decision to begin: waiting, admitted, in the call, over. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconDoorEnter, IconVideo } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Admitted, RevokeReason, VisitView } from '@afar/visits/contract';
import { CallStage } from '../call/call-stage.tsx';
import { usePreparedCall } from '../call/prepare.ts';
import { coolDown, warmUp } from '../call/warm-up.ts';
import { api } from '../kit/api.ts';
import { stopwatch, toMs } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { When } from '../kit/when.tsx';
import { GiveBack } from '../on-demand/give-back.tsx';
import classes from './visit.module.css';

interface Props {
  visit: VisitView;
  mayWork: boolean;
  onEnd: () => void;
  onChanged: () => void;
}

export function VisitCall({ visit, mayWork, onEnd, onChanged }: Props) {
  const { t } = useTranslation('clinician');
  usePreparedCall();
  const client = useQueryClient();
  const now = useNow(1_000);
  const [variant, setVariant] = useState<'floating' | 'full'>('floating');
  // Opening an admitted visit again is coming back to it: the call starts by itself.
  const [inCall, setInCall] = useState(visit.state === 'admitted' || visit.state === 'in-progress');
  const [admittedAt, setAdmittedAt] = useState<number>();
  const [over, setOver] = useState<RevokeReason | 'refused' | 'left'>();

  const admit = useMutation({
    mutationFn: () => api.post<Admitted>(`/api/visits/${visit.id}/admit`),
    // The camera starts while the door opens.
    onMutate: () => warmUp({ audioOnly: visit.mode === 'audio' }),
    onError: coolDown,
    onSuccess: () => {
      setAdmittedAt(Date.now());
      setOver(undefined);
      setInCall(true);
      onChanged();
      void client.invalidateQueries({ queryKey: ['queue'] });
    },
  });
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that began the call is gone: whoever works by keyboard goes on in the call.
    if (inCall && document.activeElement === document.body) frame.current?.focus();
  }, [inCall]);
  useEffect(() => {
    if (variant !== 'full') return undefined;
    const shrink = (event: KeyboardEvent): void => {
      const inMenu = event.target instanceof Element && event.target.closest('[role="menu"]');
      if (event.key === 'Escape' && !event.defaultPrevented && !inMenu) setVariant('floating');
    };
    const header = document.querySelector('header');
    header?.setAttribute('inert', '');
    addEventListener('keydown', shrink);
    return () => {
      header?.removeAttribute('inert');
      removeEventListener('keydown', shrink);
    };
  }, [variant]);
  const onOver = useCallback(
    (reason: RevokeReason | 'refused' | 'left') => {
      setOver(reason);
      setInCall(false);
      setVariant('floating');
      // The visit itself is hidden by then: what it was about is said here.
      if (reason !== 'consent-withdrawn') onChanged();
    },
    [onChanged],
  );

  if (!mayWork) return null;
  if (inCall && visit.state !== 'ended')
    return (
      <div ref={frame} tabIndex={-1} className={classes.call} data-variant={variant}>
        <CallStage
          visitId={visit.id}
          role="clinician"
          otherName={visit.patient?.name ?? t('unnamed')}
          variant={variant}
          onVariant={setVariant}
          choices={{ audioOnly: visit.mode === 'audio' }}
          {...(admittedAt ? { admittedAt } : {})}
          onOver={onOver}
          onEnd={onEnd}
        />
      </div>
    );
  if (visit.state === 'ended')
    return (
      <Notice tone={visit.note === 'signed' ? 'good' : 'warm'} title={t('visit.ended')}>
        {t(visit.note === 'signed' ? 'visit.endedSigned' : 'visit.endedUnsigned')}
      </Notice>
    );
  if (over === 'consent-withdrawn')
    return (
      <div data-testid="call-over">
        <Notice tone="warm" title={t('visit.closedTitle')}>
          {t('visit.closedText')}
        </Notice>
      </div>
    );
  if (visit.state === 'admitted' || visit.state === 'in-progress')
    return (
      <div className={classes.door}>
        <p className={classes.doorTitle}>{t('visit.outside')}</p>
        {over === 'replaced' && <p className={classes.soft}>{t('visit.replaced')}</p>}
        <div className={classes.doorActions}>
          <Button
            onClick={() => {
              setOver(undefined);
              setInCall(true);
            }}
            leftSection={<IconVideo size={20} aria-hidden="true" />}
            data-testid="rejoin"
          >
            {t('visit.rejoin')}
          </Button>
          <Button variant="default" onClick={onEnd}>
            {t('visit.end')}
          </Button>
        </div>
      </div>
    );
  if (visit.state === 'waiting')
    return (
      <div className={classes.door} data-ready>
        <p className={classes.doorTitle}>{t('visit.isWaiting')}</p>
        {visit.waitingSince && (
          <p className={`${classes.soft} afar-figures`}>
            {t('visit.waitingFor', { time: stopwatch(now - toMs(visit.waitingSince)) })}
          </p>
        )}
        {admit.error && <Trouble error={admit.error} retry={() => admit.mutate()} />}
        <Button
          size="lg"
          onClick={() => admit.mutate()}
          loading={admit.isPending}
          leftSection={<IconDoorEnter size={22} aria-hidden="true" />}
          data-testid="admit"
        >
          {t('visit.admit')}
        </Button>
        {visit.onDemand === 'taken' && <GiveBack visit={visit.id} busy={admit.isPending} />}
      </div>
    );
  return (
    <div className={classes.door}>
      <p className={classes.doorTitle}>
        {t(visit.state === 'booked' ? 'visit.notHere' : 'visit.off')}
      </p>
      <p className={classes.soft}>
        <When at={visit.start} />
      </p>
    </div>
  );
}
