/** The calendar of staff: a day, a week, or several people and rooms side by side. */
import { Button, Group, Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCalendarPlus, IconChevronDown } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { startOfDay, zoneName, zonesDiffer } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useMe, useReader } from '../shell/session.ts';
import { Blocks } from './blocks.tsx';
import { Board } from './board.tsx';
import classes from './calendar.module.css';
import { Details } from './details.tsx';
import { FeedDialog } from './feeds.tsx';
import { NewBooking } from './new-booking.tsx';
import type { Place } from './places.ts';
import { calendarQuery, everybodyQuery } from './queries.ts';
import { Requests } from './requests.tsx';
import { type CalendarSearch, firstDayOf, shownOf, todayIn } from './shown.ts';
import { CalendarTabs } from './tabs.tsx';
import { Toolbar } from './toolbar.tsx';
import { Waiting } from './waiting.tsx';
import { ZoneNote } from './zone-note.tsx';

export function CalendarPage() {
  const { t } = useTranslation('calendar');
  const { zone: own, locale } = useReader();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ from: '/calendar/' });
  const now = useNow(30_000);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const [among, setAmong] = useState<string[]>([]);
  const [clinicTime, setClinicTime] = useState(false);
  const [open, setOpen] = useState<CalendarEntry & { id: string }>();
  const [booking, setBooking] = useState<Place | 'new'>();
  const [aside, setAside] = useState<'feeds' | 'waiting' | 'blocks'>();

  const books = me.role === 'practitioner' || me.role === 'nurse';
  const self = me.role === 'practitioner' || me.role === 'trainee' ? me.fhirUser?.id : undefined;
  const everybody = useQuery(everybodyQuery(startOfDay(todayIn(now, own), own)));
  const all = everybody.data?.actors ?? [];
  const view = search.view ?? (self ? 'week' : 'resource');
  const who = search.who ?? self ?? all.find((one) => one.kind === 'clinician')?.id ?? '';
  const theirs = all.find((one) => one.id === who)?.zone ?? all[0]?.zone ?? own;
  const zone = clinicTime ? theirs : own;
  const today = todayIn(now, zone);
  const date = search.date ?? today;
  const shown = shownOf(view, date, zone, firstDayOf(locale));
  const actors = view === 'resource' ? (among.length > 0 ? among : ['*']) : who ? [who] : [];
  const calendar = useQuery({
    ...calendarQuery(shown.from, shown.to, actors),
    enabled: view === 'resource' || who !== '' || everybody.isFetched,
    placeholderData: keepPreviousData,
  });
  const go = (change: CalendarSearch): void =>
    void navigate({ to: '/calendar', search: { ...search, ...change }, replace: true });
  const openEntry = (entry: CalendarEntry): void => {
    if (entry.id) setOpen({ ...entry, id: entry.id });
  };
  const data = calendar.data;
  const clinicians = all.filter((one) => one.kind === 'clinician');
  const clinicianShown = (clinicians.find((one) => one.id === who) ?? clinicians[0])?.id ?? '';
  // Her own time, and for the office everybody's: with what is kept free in what is shown.
  const kept = all
    .filter((one) => me.role === 'administrator' || one.id === me.fhirUser?.id)
    .map((one) => data?.actors.find((other) => other.id === one.id) ?? { ...one, blocks: [] });
  const close = (): void => setAside(undefined);
  const differs = zonesDiffer(shown.from, own, theirs);
  return (
    <Page
      title={t('title')}
      width="wide"
      actions={
        <Group gap="sm">
          <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
              <Button
                variant="default"
                rightSection={<IconChevronDown size={18} aria-hidden="true" />}
                data-testid="calendar-more"
              >
                {t('more')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {books && clinicians.length > 0 && (
                <Menu.Item onClick={() => setAside('waiting')}>{t('waiting.open')}</Menu.Item>
              )}
              {kept.length > 0 && me.role !== 'trainee' && (
                <Menu.Item onClick={() => setAside('blocks')}>{t('blocks.open')}</Menu.Item>
              )}
              <Menu.Item onClick={() => setAside('feeds')}>{t('subscribe')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
          {books && clinicians.length > 0 && (
            <Button
              leftSection={<IconCalendarPlus size={20} aria-hidden="true" />}
              onClick={() => setBooking('new')}
              data-testid="new-booking"
            >
              {t('new')}
            </Button>
          )}
        </Group>
      }
    >
      <CalendarTabs />
      {me.role !== 'administrator' && (
        <Requests
          from={startOfDay(today, zone)}
          actors={self ? [] : ['*']}
          zone={zone}
          onOpen={openEntry}
        />
      )}
      <Toolbar
        view={view}
        date={date}
        days={shown.days}
        today={today}
        everybody={all}
        who={who}
        among={among}
        onView={(next) => go({ view: next })}
        onDate={(next) => go({ date: next })}
        onWho={(next) => go({ who: next })}
        onAmong={setAmong}
      />
      {differs && (
        <ZoneNote
          own={zoneName(shown.from, own, locale)}
          clinic={zoneName(shown.from, theirs, locale)}
          clinicTime={clinicTime}
          onChange={setClinicTime}
        />
      )}
      {calendar.isPending && <Pending rows={1} height={480} />}
      {calendar.isError && (
        <Trouble error={calendar.error} retry={() => void calendar.refetch()} kept={!!data} />
      )}
      {data && data.actors.length === 0 && <Empty text={t('nobody')} />}
      {data && data.actors.length > 0 && (
        <Board
          calendar={data}
          shown={shown}
          view={view}
          who={who}
          zone={zone}
          now={now}
          today={today}
          list={narrow === true}
          books={books}
          onBook={setBooking}
          onTurn={(to) => go({ date: to })}
          date={date}
        />
      )}
      <p id="calendar-keys" className={classes.keys}>
        {t('keys')}
      </p>
      {open && <Details entry={open} onClose={() => setOpen(undefined)} />}
      {booking && (
        <NewBooking
          clinicians={clinicians}
          clinician={booking === 'new' ? clinicianShown : booking.clinician}
          start={booking === 'new' ? undefined : booking.start}
          day={date < today ? today : date}
          zone={zone}
          onClose={() => setBooking(undefined)}
          onBooked={() => setBooking(undefined)}
        />
      )}
      {aside === 'feeds' && <FeedDialog onClose={close} />}
      {aside === 'waiting' && (
        <Waiting clinicians={clinicians} clinician={clinicianShown} zone={zone} onClose={close} />
      )}
      {aside === 'blocks' && (
        <Blocks actors={kept} day={date < today ? today : date} zone={zone} onClose={close} />
      )}
    </Page>
  );
}
