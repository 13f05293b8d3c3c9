/** From arriving to the end of the call, on one page: too early, waiting, in the call, after it. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  ArriveRequest,
  Checks,
  RevokeReason,
  VisitView,
  WaitingStatus,
} from '@afar/visits/contract';
import { CallStage } from '../call/call-stage.tsx';
import { usePreparedCall } from '../call/prepare.ts';
import { useWatchedVisit } from '../call/watch-visit.ts';
import { api, asApiError } from '../kit/api.ts';
import { Page, Pending, usePageTitle } from '../kit/page.tsx';
import { clockTime, relative, toMs } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useKeptFocus } from '../kit/use-kept-focus.ts';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { keepCheck, lastCheck, skipped } from './device-result.ts';
import { visitQuery } from './queries.ts';
import { AfterCall } from './room/after-call.tsx';
import classes from './room/room.module.css';
import { Waiting } from './room/waiting.tsx';
import { Where } from './room/where.tsx';

export function RoomPage() {
  const { t } = useTranslation('patient');
  const { visitId } = useParams({ from: '/patient/visits/$visitId/room' });
  const visit = useQuery({
    ...visitQuery(visitId),
    // Whoever takes her is named soon after.
    refetchInterval: (query) => (query.state.data?.onDemand === 'asked' ? 10_000 : false),
  });
  usePageTitle(t('room.title'));
  usePreparedCall();
  if (visit.data) return <Room visit={visit.data} refresh={() => void visit.refetch()} />;
  return (
    <Page title={t('room.title')}>
      {visit.isError ? (
        <Trouble error={visit.error} retry={() => void visit.refetch()} />
      ) : (
        <Pending rows={1} height={320} />
      )}
    </Page>
  );
}

const inCall = (state: VisitView['state']): boolean =>
  state === 'admitted' || state === 'in-progress';

function Room({ visit, refresh }: { visit: VisitView; refresh: () => void }) {
  const { t } = useTranslation('patient');
  const client = useQueryClient();
  const now = useNow(5_000);
  const [over, setOver] = useState<RevokeReason | 'refused' | 'left'>();
  const [admittedAt, setAdmittedAt] = useState<number>();
  const [checks, setChecks] = useState<Checks>(() => lastCheck() ?? skipped);
  const open = visit.state !== 'booked' || now >= toMs(visit.arriveFrom);
  const [place, setPlace] = useState<string>();

  const arrive = useMutation({
    mutationFn: (said: ArriveRequest) =>
      api.post<WaitingStatus>(`/api/visits/${visit.id}/arrive`, said),
    // What was refused for where she is stays refused.
    retry: (count, error) => count < 2 && asApiError(error).passing,
    onSuccess: (status) =>
      client.setQueryData<VisitView>([...visitQuery(visit.id).queryKey], (before) =>
        before ? { ...before, state: status.state } : before,
      ),
  });

  // Coming here is arriving: nothing to press, and coming back keeps the place.
  const come = useEffectEvent(() => arrive.mutate({ checks }));
  const coming = open && (visit.state === 'booked' || visit.state === 'waiting');
  // Unless nobody knows where she is: then saying so is arriving.
  const comes = coming && visit.placeAsked !== true;
  useEffect(() => {
    if (comes) come();
  }, [comes]);

  const following = visit.state === 'waiting' || (inCall(visit.state) && over !== undefined);
  const watched = useWatchedVisit(visit.id, following, true, ({ state: now }) => {
    if (now === visit.state) return;
    if (inCall(now) && visit.state === 'waiting') {
      setAdmittedAt(Date.now());
      setOver(undefined);
    }
    client.setQueryData<VisitView>([...visitQuery(visit.id).queryKey], (before) =>
      before ? { ...before, state: now } : before,
    );
    if (now === 'ended') refresh();
  });
  const { state } = visit;

  const onOver = useCallback(
    (reason: RevokeReason | 'refused' | 'left') => {
      setOver(reason);
      if (reason === 'returned') setOver(undefined);
      refresh();
    },
    [refresh],
  );

  if (state === 'ended' || over === 'ended') return <AfterCall visit={visit} />;
  if (state === 'cancelled' || state === 'no-show')
    return (
      <Page title={t('room.title')} back={{ to: '/patient', label: t('visit.back') }}>
        <Notice title={t('room.missed')}>{t('room.missedText')}</Notice>
      </Page>
    );
  if (!open) return <TooEarly visit={visit} now={now} />;
  const border = arrive.isError && asApiError(arrive.error).reason === 'licence-required';
  if (coming && (border || (visit.placeAsked === true && !arrive.isSuccess)))
    return (
      <Where
        visit={visit}
        place={place}
        onPlace={setPlace}
        border={border && place !== undefined && arrive.variables.place === place}
        error={arrive.isError && !(border && place) ? arrive.error : undefined}
        busy={arrive.isPending}
        onSay={(said) => arrive.mutate({ checks, place: said })}
      />
    );
  if (inCall(state) && over === undefined)
    return (
      <div className={classes.callPage}>
        <h1 className="afar-hidden">{t('room.title')}</h1>
        <CallStage
          visitId={visit.id}
          role="patient"
          otherName={visit.clinician.name}
          variant="full"
          choices={{
            audioOnly: (checks.audioOnly ?? false) || visit.mode === 'audio',
            saver: checks.dataSaver ?? false,
          }}
          {...(admittedAt ? { admittedAt } : {})}
          onOver={onOver}
        />
      </div>
    );
  if (over !== undefined && inCall(state))
    return <Stepped reason={over} visitId={visit.id} onBack={() => setOver(undefined)} />;
  return (
    <Waiting
      visit={visit}
      status={watched.status ?? arrive.data}
      reachable={watched.reachable && !arrive.isError}
      error={arrive.isError ? arrive.error : undefined}
      retry={() => arrive.mutate({ checks, ...(place && { place }) })}
      checks={checks}
      onChecks={(changed) => {
        setChecks(changed);
        keepCheck(changed);
      }}
    />
  );
}

function TooEarly({ visit, now }: { visit: VisitView; now: number }) {
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  return (
    <Page
      title={t('room.notYet', { when: relative(visit.arriveFrom, now, locale) })}
      lead={t('room.notYetText', { time: clockTime(visit.arriveFrom, zone, locale) })}
      back={{
        to: '/patient/visits/$visitId',
        params: { visitId: visit.id },
        label: t('visit.title'),
      }}
    >
      {null}
    </Page>
  );
}

interface SteppedProps {
  reason: RevokeReason | 'refused' | 'left';
  visitId: string;
  onBack: () => void;
}

/** Out of the call while the visit goes on: by choice, by another window, or refused. */
function Stepped({ reason, visitId, onBack }: SteppedProps) {
  const { t } = useTranslation('patient');
  useKeptFocus();
  // It is over for good: she, or who speaks for her, has taken the other out of her record.
  if (reason === 'consent-withdrawn')
    return (
      <Page
        title={t('room.closedTitle')}
        lead={t('room.closedText')}
        back={{ to: '/patient', label: t('visit.back') }}
      >
        <Button component={Link} to="/patient/sharing" size="lg" data-testid="call-over">
          {t('room.closedWho')}
        </Button>
      </Page>
    );
  const kind = reason === 'replaced' ? 'replaced' : reason === 'left' ? 'left' : 'refused';
  const words = {
    replaced: [t('room.replaced'), t('room.replacedText'), t('room.here2')],
    left: [t('room.leftTitle'), t('room.leftText'), t('room.rejoin')],
    refused: [t('room.refused'), t('room.refusedText'), t('room.rejoin')],
  }[kind] as [string, string, string];
  return (
    <Page title={words[0]} lead={words[1]}>
      <Button size="lg" onClick={onBack} data-testid="rejoin" me="md">
        {words[2]}
      </Button>
      <Button
        component={Link}
        to="/patient/visits/$visitId"
        params={{ visitId } as never}
        variant="subtle"
        size="lg"
      >
        {t('visit.title')}
      </Button>
    </Page>
  );
}
