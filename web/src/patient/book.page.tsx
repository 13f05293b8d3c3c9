/** Booking: a day, a time in her own zone, how and why, and it is hers. */
import { Button } from '@mantine/core';
import { IconBellPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FreeSlot, VisitMode } from '@afar/visits/contract';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { BookingForm } from './booking-form.tsx';
import classes from './book.module.css';
import { PickTime } from './pick-time.tsx';
import { cliniciansQuery, slotsQuery } from './queries.ts';
import { useSubject } from './subject.ts';
import { useHold } from './use-hold.ts';

/** A start in the address, as minutes since the epoch: a time chosen before signing in. */
const startIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{6,9}$/.test(text) ? Number(text) * 60_000 : undefined;

export function BookPage() {
  const { t } = useTranslation(['patient', 'booking']);
  const { clinicianId, start } = useParams({ from: '/patient/book/$clinicianId/{-$start}' });
  const client = useQueryClient();
  const clinicians = useQuery(cliniciansQuery);
  const clinician = clinicians.data?.clinicians.find((one) => one.id === clinicianId);
  const opensAt = startIn(start);
  const [picked, setPicked] = useState<FreeSlot>();
  const [type, setType] = useState<VisitMode>();
  const [interpreter, setInterpreter] = useState<string>();
  const patient = useSubject().dependant?.patient;
  const mode = type ?? clinician?.modes[0] ?? 'video';
  const again = () => client.invalidateQueries({ queryKey: ['slots', clinicianId] });
  const hold = useHold(() => {
    setPicked(undefined);
    void again();
  });
  // The time she chose before signing in, if it is free still.
  const before = useQuery({
    ...slotsQuery(clinicianId, opensAt ?? 0, (opensAt ?? 0) + 60_000, { patient }),
    enabled: opensAt !== undefined,
    // Once it is kept for her nobody is offered it: asking again would lose it.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const brought = before.data?.find((one) => Date.parse(one.start) === opensAt);
  const [leftBehind, leaveBehind] = useState(false);
  const slot = picked ?? (leftBehind ? undefined : brought);

  const keep = (one: FreeSlot, how: VisitMode, language: string | undefined): void =>
    hold.keep({ slotId: one.id, type: how, ...(language && { interpreter: language }) });
  const keepBrought = useEffectEvent(() => {
    if (brought) keep(brought, mode, interpreter);
  });
  const broughtId = brought?.id;
  useEffect(() => {
    if (broughtId) keepBrought();
  }, [broughtId]);
  const choose = (one: FreeSlot | undefined): void => {
    setPicked(one);
    leaveBehind(true);
    if (one) keep(one, mode, interpreter);
  };
  return (
    <Page
      title={t('book.title')}
      back={{ to: '/patient/book', label: t('book.back') }}
      lead={
        clinician &&
        t('book.with', {
          name: clinician.name,
          specialty: clinician.specialty,
          interpolation: { escapeValue: false },
        }).replace(/[,،] $/, '')
      }
      actions={
        <Button
          component={Link}
          to="/patient/waitlist"
          variant="default"
          leftSection={<IconBellPlus size={20} aria-hidden="true" />}
          search={{ clinician: clinicianId } as never}
        >
          {t('booking:waitlist.join')}
        </Button>
      }
    >
      {clinicians.isPending && <Pending rows={2} height={96} />}
      {clinicians.isError && (
        <Trouble error={clinicians.error} retry={() => void clinicians.refetch()} />
      )}
      {clinicians.isSuccess && !clinician && <Notice title={t('booking:notOffered')} />}
      {opensAt !== undefined && before.isSuccess && !brought && !slot && (
        <Notice tone="warm" title={t('book.taken')}>
          {t('booking:pickAnother')}
        </Notice>
      )}
      {clinician && (
        <div className={classes.layout}>
          <PickTime
            patient={patient}
            clinician={clinician}
            type={mode}
            interpreter={interpreter}
            chosen={slot}
            kept={hold.id !== undefined || hold.pending}
            opensAt={opensAt}
            onChoose={choose}
          />
          <BookingForm
            key={clinician.id}
            clinician={clinician}
            slot={slot}
            hold={hold}
            mode={mode}
            interpreter={interpreter}
            onMode={(next) => {
              setType(next);
              if (slot) keep(slot, next, interpreter);
            }}
            onInterpreter={(next) => {
              setInterpreter(next);
              if (slot) keep(slot, mode, next);
            }}
            onKeep={() => slot && keep(slot, mode, interpreter)}
            onTaken={() => {
              choose(undefined);
              void again();
            }}
          />
        </div>
      )}
    </Page>
  );
}
