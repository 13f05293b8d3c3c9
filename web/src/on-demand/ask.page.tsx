/** Asks to be seen now: what it is about, how, where she is; and what stands in the way when it cannot be. */
import { Button, SegmentedControl, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWhere } from '@afar/fhir';
import type {
  AppointmentView,
  OnDemandNow,
  OnDemandRequest,
  VisitMode,
} from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Empty } from '../kit/empty.tsx';
import { emergencyNumber } from '../kit/emergency.ts';
import { Page, Pending } from '../kit/page.tsx';
import { PlaceSelect } from '../kit/place-select.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { usualPlaceQuery, visitQuery } from '../patient/queries.ts';
import { useSubject } from '../patient/subject.ts';
import { useReader } from '../shell/session.ts';
import classes from './on-demand.module.css';
import { nowQuery } from './queries.ts';

export function AskPage() {
  const { t } = useTranslation('now');
  const { t: patient } = useTranslation('patient');
  const now = useQuery(nowQuery);
  const { zone } = useReader();
  return (
    <Page
      title={t('ask.title')}
      lead={t('ask.lead')}
      back={{ to: '/patient', label: patient('visit.back') }}
    >
      <Notice tone="bad" title={t('ask.emergency')}>
        {t('ask.emergencyText', { number: emergencyNumber(zone) })}
      </Notice>
      {now.isPending && <Pending rows={1} height={280} />}
      {now.isError && <Trouble error={now.error} retry={() => void now.refetch()} />}
      {now.data &&
        (now.data.open && now.data.onDuty > 0 ? (
          <AskForm now={now.data} />
        ) : (
          <Closed now={now.data} />
        ))}
    </Page>
  );
}

function Closed({ now }: { now: OnDemandNow }) {
  const { t } = useTranslation('now');
  return (
    <Empty text={`${t(now.open ? 'ask.nobody' : 'ask.closed')}. ${t('ask.closedText')}`}>
      <Button component={Link} to="/patient/book" size="lg">
        {t('ask.book')}
      </Button>
    </Empty>
  );
}

function AskForm({ now }: { now: OnDemandNow }) {
  const { t } = useTranslation('now');
  const { t: common } = useTranslation();
  const { t: patient } = useTranslation('patient');
  const { t: family } = useTranslation('family');
  const { dependant } = useSubject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const modeLabel = useId();
  const [reason, setReason] = useState('');
  const [type, setType] = useState<VisitMode>(now.modes[0]!);
  const [missing, setMissing] = useState(false);
  const usual = useQuery(usualPlaceQuery);
  const [said, setSaid] = useState<{ place: string | undefined }>();
  const place = said ? said.place : usual.data?.place;
  const placeNeeded = usual.data?.asked === true && !isWhere(place);
  // One key for one try: a repeated click asks once.
  const [key, setKey] = useState(() => crypto.randomUUID());

  const ask = useMutation({
    mutationFn: (body: OnDemandRequest) =>
      api.post<AppointmentView>('/api/on-demand', body, { headers: { 'idempotency-key': key } }),
    onSuccess: async (visit) => {
      client.setQueryData([...visitQuery(visit.id).queryKey], { ...visit, note: 'none' });
      void client.invalidateQueries({ queryKey: ['appointments'] });
      await navigate({ to: '/patient/visits/$visitId/intake', params: { visitId: visit.id } });
    },
    onError: () => setKey(crypto.randomUUID()),
  });

  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const bad = !reason.trim() || placeNeeded;
        setMissing(bad);
        if (bad) return;
        ask.mutate({
          type,
          reason: reason.trim(),
          ...(dependant && { patient: dependant.patient }),
          ...(isWhere(place) && { place }),
        });
      }}
    >
      <p className={classes.soft} role="status">
        {t('card.onDuty', { count: now.onDuty })} {t('ask.waiting', { count: now.waiting })}{' '}
        {now.waitMinutes === undefined
          ? t('card.waitUnknown')
          : t('card.wait', { minutes: common('minutes', { count: Math.max(1, now.waitMinutes) }) })}
      </p>
      {dependant && <Notice tone="warm" title={family('bookFor', { name: dependant.name })} />}
      {now.modes.length > 1 && (
        <div>
          <Text id={modeLabel} fw={550} mb={6}>
            {patient('book.type')}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby={modeLabel}
            value={type}
            onChange={(value) => setType(value as VisitMode)}
            data={now.modes.map((mode) => ({ value: mode, label: common(`visitMode.${mode}`) }))}
          />
        </div>
      )}
      {usual.data?.asked && (
        <PlaceSelect
          label={patient('book.place')}
          value={place}
          onChange={(next) => setSaid({ place: next })}
          error={missing && placeNeeded && patient('book.placeNeeded')}
        />
      )}
      <Textarea
        label={patient('book.reason')}
        description={patient('book.reasonHint')}
        size="md"
        autosize
        minRows={3}
        maxLength={500}
        required
        withAsterisk={false}
        data-testid="reason"
        value={reason}
        error={missing && !reason.trim() && patient('book.reasonNeeded')}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {ask.error && <Trouble error={ask.error} kept />}
      <Button type="submit" size="lg" loading={ask.isPending} data-testid="ask-now">
        {t('ask.send')}
      </Button>
    </form>
  );
}
