/** Booking: a day, a time in her own zone, how and why, and it is hers. */
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FreeSlot } from '@afar/visits/contract';
import { Page, Pending } from '../kit/page.tsx';
import { addDays, dayKey, startOfDay, zoneName } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { BookingForm } from './booking-form.tsx';
import { DayStrip } from './day-strip.tsx';
import { byDay, weekFrom } from './days.ts';
import classes from './book.module.css';
import { cliniciansQuery, slotsQuery } from './queries.ts';
import { Times } from './times.tsx';

export function BookPage() {
  const { t } = useTranslation('patient');
  const { clinicianId } = useParams({ from: '/patient/book/$clinicianId' });
  const { zone, locale } = useReader();
  const clinicians = useQuery(cliniciansQuery);
  const clinician = clinicians.data?.clinicians.find((one) => one.id === clinicianId);
  const now = useNow(60_000);
  const today = dayKey(now, zone);
  const [first, setFirst] = useState<string>();
  const [day, setDay] = useState<string>();
  const [picked, setPicked] = useState<FreeSlot>();

  // The week opens where the first free time is: nobody should have to look for it.
  const opens = first ?? (clinician?.nextFree ? dayKey(clinician.nextFree, zone) : today);
  const week = weekFrom(opens);
  const slots = useQuery({
    ...slotsQuery(clinicianId, startOfDay(opens, zone), startOfDay(addDays(opens, 7), zone)),
    enabled: clinicians.isSuccess,
  });
  const days = byDay(slots.data ?? [], zone);
  const shown = day && week.includes(day) ? day : (week.find((one) => days.has(one)) ?? opens);

  // A time that went while she was writing must not be booked in the belief that it is free.
  const gone =
    picked &&
    week.includes(dayKey(picked.start, zone)) &&
    slots.data?.every((one) => one.id !== picked.id);
  const slot = gone ? undefined : picked;

  const move = (to: string): void => {
    setFirst(to < today ? today : to);
    setDay(undefined);
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
        }).replace(/, $/, '')
      }
    >
      <div className={classes.layout}>
        <Stack gap="lg" className={classes.picker}>
          <DayStrip
            week={week}
            days={days}
            pending={slots.isPending}
            chosen={shown}
            onChoose={setDay}
            {...(opens > today ? { onEarlier: () => move(addDays(opens, -7)) } : {})}
            onLater={() => move(addDays(opens, 7))}
          />
          {slots.isPending && <Pending rows={2} height={96} />}
          {slots.isError && <Trouble error={slots.error} retry={() => void slots.refetch()} />}
          {slots.isSuccess && (
            <Times
              slots={days.get(shown) ?? []}
              weekEmpty={days.size === 0}
              clinicZone={clinician?.zone}
              chosen={slot?.id}
              onChoose={setPicked}
              {...(clinician?.nextFree && dayKey(clinician.nextFree, zone) !== opens
                ? { onJump: () => move(dayKey(clinician.nextFree!, zone)) }
                : {})}
            />
          )}
          <p className={classes.zone}>{t('book.zone', { zone: zoneName(now, zone, locale) })}</p>
        </Stack>
        {clinician && (
          <BookingForm
            clinician={clinician}
            slot={slot}
            onTaken={() => {
              setPicked(undefined);
              void slots.refetch();
            }}
          />
        )}
      </div>
    </Page>
  );
}
