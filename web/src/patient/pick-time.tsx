/** Choosing a time of one clinician: a week, a day, the times of it in the reader's own zone. */
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Clinician, FreeSlot, VisitMode } from '@afar/visits/contract';
import { Pending } from '../kit/page.tsx';
import { addDays, dayKey, startOfDay, zoneName } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import classes from './book.module.css';
import { DayStrip } from './day-strip.tsx';
import { byDay, weekFrom } from './days.ts';
import { slotsQuery } from './queries.ts';
import { Times } from './times.tsx';

interface Props {
  clinician: Clinician;
  /** What narrows the times: how they meet, an interpreter. */
  type?: VisitMode | undefined;
  interpreter?: string | undefined;
  /** Whose visit it would be, when not her own. */
  patient?: string | undefined;
  /** The appointment that would be moved. */
  moving?: string | undefined;
  chosen: FreeSlot | undefined;
  /** The chosen time is kept for her: others are not offered it, so the list no longer names it. */
  kept: boolean;
  onChoose: (slot: FreeSlot | undefined) => void;
  /** Ms since epoch: the day to open at. */
  opensAt?: number | undefined;
  /** What may be done where nothing is free. */
  whenNone?: ReactNode;
}

export function PickTime(props: Props) {
  const {
    clinician,
    type,
    interpreter,
    patient,
    moving,
    chosen,
    kept,
    onChoose,
    opensAt,
    whenNone,
  } = props;
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  const now = useNow(60_000);
  const today = dayKey(now, zone);
  const [first, setFirst] = useState<string>();
  const [day, setDay] = useState<string>();

  // The week opens where she was, or where the first free time is: nobody should have to look for it.
  const opening = opensAt ?? (clinician.nextFree ? Date.parse(clinician.nextFree) : now);
  const opens = first ?? dayKey(Math.max(opening, now), zone);
  const week = weekFrom(opens);
  const slots = useQuery(
    slotsQuery(clinician.id, startOfDay(opens, zone), startOfDay(addDays(opens, 7), zone), {
      type,
      interpreter,
      patient,
      moving,
    }),
  );
  const listed = slots.data ?? [];
  // A time that went while she was writing must not be booked in the belief that it is free.
  const inWeek = chosen !== undefined && week.includes(dayKey(chosen.start, zone));
  const missing = inWeek && listed.every((one) => one.id !== chosen.id);
  const all =
    missing && kept
      ? [...listed, chosen].toSorted((one, other) => one.start.localeCompare(other.start))
      : listed;
  const slot = missing && !kept && slots.isSuccess ? undefined : chosen;
  const days = byDay(all, zone);
  const asked = chosen && inWeek ? dayKey(chosen.start, zone) : undefined;
  const shown =
    day && week.includes(day) ? day : (asked ?? week.find((one) => days.has(one)) ?? opens);
  const move = (to: string): void => {
    setFirst(to < today ? today : to);
    setDay(undefined);
  };
  const jump = clinician.nextFree && dayKey(clinician.nextFree, zone);
  return (
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
          clinicZone={clinician.zone}
          chosen={slot?.id}
          onChoose={onChoose}
          {...(jump && jump !== opens ? { onJump: () => move(jump) } : {})}
        />
      )}
      {slots.isSuccess && days.size === 0 && whenNone}
      <p className={classes.zone}>{t('book.zone', { zone: zoneName(now, zone, locale) })}</p>
    </Stack>
  );
}
