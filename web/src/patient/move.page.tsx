/** Another time for a visit, in one step: the old one is hers until the new one is. */
import { Button, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  AppointmentView,
  Clinician,
  FreeSlot,
  RescheduleRequest,
  SeriesReport,
  VisitView,
} from '@afar/visits/contract';
import { SeriesDates } from '../calendar/series-dates.tsx';
import { isTaken, needsAnotherTime } from '../kit/another-time.ts';
import { api } from '../kit/api.ts';
import { Page, Pending } from '../kit/page.tsx';
import { toMs } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import classes from './book.module.css';
import { HoldLine } from './hold-line.tsx';
import { PickTime } from './pick-time.tsx';
import { PolicyLine } from './policy-line.tsx';
import { cliniciansQuery, visitQuery } from './queries.ts';
import { useHold } from './use-hold.ts';
import { useIntoView } from './use-into-view.ts';

export function MovePage() {
  const { t } = useTranslation(['booking', 'patient']);
  const { visitId } = useParams({ from: '/patient/visits/$visitId/move' });
  const visit = useQuery(visitQuery(visitId));
  const clinicians = useQuery(cliniciansQuery);
  const clinician = clinicians.data?.clinicians.find((one) => one.id === visit.data?.clinician.id);
  const error = visit.error ?? clinicians.error;
  return (
    <Page
      title={t('move.title')}
      lead={clinician?.name}
      back={{
        to: '/patient/visits/$visitId',
        params: { visitId } as never,
        label: t('move.back'),
      }}
    >
      {(visit.isPending || clinicians.isPending) && <Pending rows={2} height={120} />}
      {error && <Trouble error={error} retry={() => void visit.refetch()} />}
      {visit.data && clinicians.isSuccess && !clinician && <Notice title={t('notOffered')} />}
      {visit.data && clinician && !visit.data.canReschedule && (
        <Notice tone="warm" title={t('move.cannot')} />
      )}
      {visit.data?.canReschedule && clinician && <Move visit={visit.data} clinician={clinician} />}
    </Page>
  );
}

function Move({ visit, clinician }: { visit: VisitView; clinician: Clinician }) {
  const { t } = useTranslation(['booking', 'patient']);
  const { t: common } = useTranslation();
  const { zone } = useReader();
  const now = useNow(60_000);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [slot, setSlot] = useState<FreeSlot>();
  const panel = useIntoView<HTMLElement>(slot?.id);
  const [scope, setScope] = useState<'this' | 'following'>('this');
  const [key, setKey] = useState(() => crypto.randomUUID());
  const again = () => client.invalidateQueries({ queryKey: ['slots', clinician.id] });
  const hold = useHold(() => {
    setSlot(undefined);
    void again();
  });
  const keep = (one: FreeSlot): void => hold.keep({ slotId: one.id, type: visit.mode });
  const move = useMutation({
    mutationFn: (body: RescheduleRequest) =>
      api.post<AppointmentView | SeriesReport>(`/api/appointments/${visit.id}/reschedule`, body, {
        headers: { 'idempotency-key': key },
      }),
    onSuccess: async (answer) => {
      hold.used();
      await Promise.all([
        client.invalidateQueries({ queryKey: ['visit'] }),
        client.invalidateQueries({ queryKey: ['appointments'] }),
      ]);
      if ('dates' in answer && answer.dates.some((one) => one.conflict)) return;
      notifications.show({
        message: t('move.done'),
        color: 'moss',
        closeButtonProps: { 'aria-label': common('close') },
      });
      await navigate({ to: '/patient/visits/$visitId', params: { visitId: visit.id } });
    },
    onError: (error) => {
      setKey(crypto.randomUUID());
      if (needsAnotherTime(error)) {
        setSlot(undefined);
        void again();
      }
    },
  });
  const taken = hold.taken || (move.isError && isTaken(move.error));
  const report = move.data && 'dates' in move.data ? move.data : undefined;
  return (
    <div className={classes.layout}>
      <PickTime
        clinician={clinician}
        type={visit.mode}
        moving={visit.id}
        chosen={slot}
        kept={hold.id !== undefined || hold.pending}
        opensAt={Math.max(toMs(visit.start), now)}
        onChoose={(one) => {
          setSlot(one);
          if (one) keep(one);
        }}
      />
      <aside ref={panel} className={classes.summary} aria-labelledby="move-title">
        <div className={classes.form}>
          <h2 id="move-title" className={classes.summaryTitle}>
            {t('move.title')}
          </h2>
          {taken && (
            <Notice tone="warm" title={t('patient:book.taken')}>
              {t('move.takenText')}
            </Notice>
          )}
          {move.error && !taken && <Trouble error={move.error} />}
          <dl className={classes.swap}>
            <dt>{t('move.from')}</dt>
            <dd>
              <When at={visit.start} clinicZone={visit.zone} />
            </dd>
            <dt>{t('move.to')}</dt>
            <dd aria-live="polite" data-testid="picked-time">
              {slot ? (
                <When at={slot.start} clinicZone={clinician.zone} />
              ) : (
                <Text c="dimmed">{t('move.pick')}</Text>
              )}
            </dd>
          </dl>
          {slot && <HoldLine hold={hold} onAgain={() => keep(slot)} />}
          <PolicyLine visit={visit} now={now} />
          {visit.series && (
            <Radio.Group
              label={t('scope.label')}
              value={scope}
              onChange={(value) => setScope(value as typeof scope)}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="this" label={t('scope.this')} />
                <Radio value="following" label={t('scope.following')} />
              </Stack>
            </Radio.Group>
          )}
          {report && <SeriesDates report={report} zone={zone} moved />}
          <Button
            size="lg"
            fullWidth
            disabled={!slot}
            loading={move.isPending}
            data-testid="confirm-move"
            onClick={() =>
              slot &&
              move.mutate({
                slotId: slot.id,
                ...(hold.id && { hold: hold.id }),
                ...(visit.series && { scope }),
              })
            }
          >
            {t('move.confirm')}
          </Button>
        </div>
      </aside>
    </div>
  );
}
