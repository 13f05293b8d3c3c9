/** Who waits for an earlier time with a clinician; staff may offer one out of turn. */
import { Badge, Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarActor, Waitlist, WaitlistEntry } from '@afar/visits/contract';
import { needsAnotherTime } from '../kit/another-time.ts';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Empty } from '../kit/empty.tsx';
import { Pending } from '../kit/page.tsx';
import { addDays, relative, startOfDay } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { useClock } from './entry.tsx';
import { useMoment } from './move-bar.tsx';
import { placesQuery } from './queries.ts';
import { todayIn } from './shown.ts';
import classes from './waiting.module.css';

interface Props {
  clinicians: readonly CalendarActor[];
  clinician: string;
  zone: string;
  onClose: () => void;
}

export function Waiting({ clinicians, clinician: first, zone, onClose }: Props) {
  const { t } = useTranslation('calendar');
  const [clinician, setClinician] = useState(first);
  const list = useQuery({
    queryKey: ['calendar', 'waiting', clinician],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => api.get<Waitlist>(`/api/waitlist?clinician=${clinician}`, { signal }),
  });
  const open = (list.data?.entries ?? []).filter(
    (one) => one.state === 'waiting' || one.state === 'offered',
  );
  return (
    <Dialog opened onClose={onClose} title={t('waiting.title')} size="lg">
      <Stack gap="md">
        {clinicians.length > 1 && (
          <NativeSelect
            label={t('book.clinician')}
            value={clinician}
            data={clinicians.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(event) => setClinician(event.currentTarget.value)}
          />
        )}
        {list.isPending && <Pending rows={2} height={88} />}
        {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && open.length === 0 && <Empty text={t('waiting.none')} />}
        <ul className={classes.list}>
          {open.map((one) => (
            <li key={one.id} className={classes.entry} data-testid="waiting">
              <Entry entry={one} clinician={clinician} zone={zone} />
            </li>
          ))}
        </ul>
      </Stack>
    </Dialog>
  );
}

interface EntryProps {
  entry: WaitlistEntry;
  clinician: string;
  zone: string;
}

function Entry({ entry, clinician, zone }: EntryProps) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const now = useNow(60_000);
  const moment = useMoment(zone);
  const [offering, setOffering] = useState(false);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <>
      <div className={classes.head}>
        <span className={classes.who}>{entry.patient?.name ?? t('unnamed')}</span>
        {entry.urgent && <Badge color="brick">{t('urgent')}</Badge>}
        <span className={classes.soft}>
          {t('waiting.since', { when: relative(entry.since, now, locale) })}
        </span>
      </div>
      <p className={classes.text}>
        {entry.reason}
        <span className={classes.soft}>
          {[
            common(`visitType.${entry.type}`),
            day.formatRange(new Date(entry.from), new Date(entry.to)),
            entry.times?.map((one) => `${one.start}–${one.end}`).join(', '),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      {entry.offer && (
        <Notice
          title={t('waiting.offered', {
            at: moment(Date.parse(entry.offer.start)),
            until: moment(Date.parse(entry.offer.expires)),
          })}
        />
      )}
      {!entry.offer &&
        (offering ? (
          <Offer
            entry={entry}
            clinician={clinician}
            zone={zone}
            onDone={() => setOffering(false)}
          />
        ) : (
          <Button variant="light" size="sm" onClick={() => setOffering(true)}>
            {t('waiting.offer')}
          </Button>
        ))}
    </>
  );
}

function Offer({ entry, clinician, zone, onDone }: EntryProps & { onDone: () => void }) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const clock = useClock(zone);
  const [day, setDay] = useState(() => addDays(todayIn(Date.now(), zone), 1));
  const [slot, setSlot] = useState<string>();
  const places = useQuery({
    ...placesQuery({
      clinician,
      from: startOfDay(day, zone),
      to: startOfDay(addDays(day, 1), zone),
    }),
    enabled: day !== '',
  });
  const free = places.data ?? [];
  const chosen = free.find((one) => one.slotId === slot)?.slotId ?? free[0]?.slotId;
  const offer = useMutation({
    mutationFn: (slotId: string) =>
      api.post<WaitlistEntry>(`/api/waitlist/${entry.id}/offer`, { slotId }),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['calendar'] }),
  });
  const taken = offer.error && needsAnotherTime(offer.error);
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <TextInput
          type="date"
          label={t('book.day')}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('book.time')}
          value={chosen ?? ''}
          disabled={free.length === 0}
          error={places.isSuccess && free.length === 0 && t('book.noTimes')}
          data={free.map((one) => ({ value: one.slotId, label: clock(one.start) }))}
          onChange={(event) => setSlot(event.currentTarget.value)}
        />
      </Group>
      {taken && <Notice tone="warm" title={t('book.taken')} />}
      {offer.error && !taken && <Trouble error={offer.error} />}
      <Group>
        <Button
          size="sm"
          disabled={!chosen}
          loading={offer.isPending}
          onClick={() => chosen && offer.mutate(chosen)}
        >
          {t('waiting.send')}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          {common('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}
