/** What she is about to book, how and why; one key a try, so that a repeated click books once. */
import { Button, SegmentedControl, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWhere } from '@afar/fhir';
import type {
  AppointmentView,
  BookRequest,
  Clinician,
  FreeSlot,
  VisitMode,
} from '@afar/visits/contract';
import { isTaken, needsAnotherTime } from '../kit/another-time.ts';
import { api } from '../kit/api.ts';
import { Sky } from '../kit/sky.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { useReader } from '../shell/session.ts';
import classes from './book.module.css';
import { BookingExtras } from './booking-extras.tsx';
import { BookingPlace, licensedAt } from './booking-place.tsx';
import { HoldLine } from './hold-line.tsx';
import { usualPlaceQuery, visitQuery } from './queries.ts';
import { useSubject } from './subject.ts';
import type { Holding } from './use-hold.ts';
import { useIntoView } from './use-into-view.ts';

interface Props {
  clinician: Clinician;
  slot: FreeSlot | undefined;
  hold: Holding;
  mode: VisitMode;
  interpreter: string | undefined;
  onMode: (mode: VisitMode) => void;
  onInterpreter: (language: string | undefined) => void;
  /** The picked time is to be kept again. */
  onKeep: () => void;
  onTaken: () => void;
}

export function BookingForm(props: Props) {
  const { clinician, slot, hold, mode: type, interpreter, onTaken } = props;
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const { zone } = useReader();
  const client = useQueryClient();
  const navigate = useNavigate();
  const modeLabel = useId();
  const [reason, setReason] = useState('');
  const [urgent, setUrgent] = useState(false);
  const [missing, setMissing] = useState(false);
  const { dependant } = useSubject();
  const { t: family } = useTranslation('family');
  const { t: booking } = useTranslation('booking');
  const usual = useQuery(usualPlaceQuery);
  const [said, setSaid] = useState<{ place: string | undefined }>();
  const place = said ? said.place : usual.data?.place;
  // A clinic that asks for no licences has no use for it; a country that licenses by region needs the region.
  const placeNeeded = usual.data?.asked === true && type !== 'in-person' && !isWhere(place);
  const allowed = licensedAt(clinician, type, place);
  const [key, setKey] = useState(() => crypto.randomUUID());

  const book = useMutation({
    mutationFn: (body: BookRequest) =>
      api.post<AppointmentView>('/api/appointments', body, { headers: { 'idempotency-key': key } }),
    onSuccess: async (visit) => {
      hold.used();
      client.setQueryData([...visitQuery(visit.id).queryKey], { ...visit, note: 'none' });
      void client.invalidateQueries({ queryKey: ['appointments'] });
      notifications.show({
        message: visit.state === 'requested' ? booking('requested.sent') : t('book.booked'),
        color: 'moss',
        closeButtonProps: { 'aria-label': common('close') },
      });
      await navigate({ to: '/patient/visits/$visitId', params: { visitId: visit.id } });
    },
    onError: (error) => {
      setKey(crypto.randomUUID());
      if (needsAnotherTime(error)) onTaken();
    },
  });

  const slotId = slot?.id;
  const panel = useIntoView<HTMLElement>(slotId);
  // Another time is another try.
  const forget = useEffectEvent(() => book.reset());
  useEffect(() => {
    if (slotId) forget();
  }, [slotId]);

  // A booking may overtake the hold it follows: then her own booking is what the hold meets.
  const overtaken = book.isPending || book.isSuccess;
  const taken = (hold.taken && !overtaken) || (book.isError && isTaken(book.error));
  return (
    <aside ref={panel} className={classes.summary} aria-labelledby="booking-title">
      {slot && (
        <div className={classes.summarySky}>
          <Sky at={slot.start} zone={zone} />
        </div>
      )}
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setMissing(!reason.trim() || placeNeeded);
          if (slot && reason.trim() && !placeNeeded && allowed)
            book.mutate({
              slotId: slot.id,
              type,
              reason: reason.trim(),
              ...(dependant && { patient: dependant.patient }),
              ...(isWhere(place) && { place }),
              ...(hold.id && { hold: hold.id }),
              ...(interpreter && { interpreter }),
              ...(urgent && { urgent }),
            });
        }}
      >
        {dependant && <Notice tone="warm" title={family('bookFor', { name: dependant.name })} />}
        <h2 id="booking-title" className={classes.summaryTitle}>
          {t('book.yours')}
        </h2>
        {taken && (
          <Notice tone="warm" title={t('book.taken')}>
            {t('book.takenText')}
          </Notice>
        )}
        {book.error && !taken && <Trouble error={book.error} kept />}
        {slot ? (
          <p className={classes.picked} aria-live="polite" data-testid="picked-time">
            <When at={slot.start} clinicZone={clinician.zone} />
            <span className={classes.pickedWho}>
              {clinician.name} · {common('minutes', { count: clinician.minutes })}
            </span>
          </p>
        ) : (
          <Text c="dimmed">{t('book.pick')}</Text>
        )}
        {slot && <HoldLine hold={hold} onAgain={props.onKeep} />}
        {clinician.confirm && <Notice title={booking('requested.before')} />}
        {clinician.modes.length > 1 && (
          <div>
            <Text id={modeLabel} fw={550} mb={6}>
              {t('book.type')}
            </Text>
            <SegmentedControl
              fullWidth
              aria-labelledby={modeLabel}
              value={type}
              onChange={(value) => props.onMode(value as VisitMode)}
              data={clinician.modes.map((mode) => ({
                value: mode,
                label: common(`visitMode.${mode}`),
              }))}
            />
          </div>
        )}
        {usual.data?.asked && (
          <BookingPlace
            clinician={clinician}
            mode={type}
            place={place}
            onChange={(next) => setSaid({ place: next })}
            error={missing && placeNeeded && t('book.placeNeeded')}
          />
        )}
        <Textarea
          label={t('book.reason')}
          description={t('book.reasonHint')}
          size="md"
          autosize
          minRows={3}
          maxLength={500}
          required
          withAsterisk={false}
          data-testid="reason"
          value={reason}
          error={missing && !reason.trim() && t('book.reasonNeeded')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <BookingExtras
          interpreter={interpreter}
          onInterpreter={props.onInterpreter}
          urgent={urgent}
          onUrgent={setUrgent}
        />
        <Button
          type="submit"
          size="lg"
          fullWidth
          disabled={!slot || !allowed}
          loading={book.isPending}
          data-testid="confirm-booking"
        >
          {clinician.confirm ? booking('requested.send') : t('book.confirm')}
        </Button>
      </form>
    </aside>
  );
}
