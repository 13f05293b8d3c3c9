/** Waiting for an earlier time: what she waits for, what is offered to her, and joining. */
import { Badge, Button } from '@mantine/core';
import { IconBellPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WaitlistEntry } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { useSubject } from '../subject.ts';
import { JoinForm } from './join-form.tsx';
import { OfferCard } from './offer-card.tsx';
import { waitlistQuery } from './queries.ts';
import classes from './waitlist.module.css';

export function WaitlistPage() {
  const { t } = useTranslation(['booking', 'family']);
  const { clinician } = useSearch({ from: '/patient/waitlist' });
  const { patient, dependant } = useSubject();
  const navigate = useNavigate();
  const [joining, setJoining] = useState(clinician !== undefined);
  // Loaded again the page shows the list, not the form once more.
  const done = (): void => {
    setJoining(false);
    if (clinician) void navigate({ to: '/patient/waitlist', search: {}, replace: true });
  };
  const list = useQuery(waitlistQuery(patient));
  const entries = list.data?.entries ?? [];
  return (
    <Page
      title={t('waitlist.title')}
      lead={t('waitlist.lead')}
      width="narrow"
      back={{ to: '/patient/book', label: t('waitlist.back') }}
      actions={
        <Button
          leftSection={<IconBellPlus size={20} aria-hidden="true" />}
          disabled={entries.length >= 5}
          onClick={() => setJoining(true)}
        >
          {t('waitlist.join')}
        </Button>
      }
    >
      {dependant && <Notice tone="warm" title={t('family:bookFor', { name: dependant.name })} />}
      {list.isPending && <Pending rows={2} height={120} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && entries.length === 0 && <Empty text={t('waitlist.none')} />}
      <ul className={classes.list}>
        {entries.map((one) => (
          <li key={one.id} className={classes.entry} data-testid="waitlist-entry">
            <Entry entry={one} />
          </li>
        ))}
      </ul>
      <Dialog opened={joining} onClose={done} title={t('waitlist.join')} size="lg">
        <JoinForm clinician={clinician} onDone={done} />
      </Dialog>
    </Page>
  );
}

function Entry({ entry }: { entry: WaitlistEntry }) {
  const { t } = useTranslation('booking');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => api.post(`/api/waitlist/${entry.id}/leave`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['waitlist'] }),
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  const open = entry.state === 'waiting' || entry.state === 'offered';
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>
          {new Intl.ListFormat(locale, { type: 'disjunction' }).format(
            entry.clinicians.map((one) => one.name),
          )}
        </h2>
        <Badge color={entry.state === 'offered' ? 'ember' : 'gray'}>
          {t(`waitlist.state.${entry.state}`)}
        </Badge>
        {entry.urgent && <Badge color="brick">{t('urgent.mark')}</Badge>}
      </div>
      <p className={classes.soft}>
        {[
          common(`visitType.${entry.type}`),
          day.formatRange(new Date(entry.from), new Date(entry.to)),
          entry.days?.map((one) => weekday.format(Date.UTC(2026, 0, 4 + one, 12))).join(', '),
          entry.times?.map((one) => `${one.start}–${one.end}`).join(', '),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <p className={classes.reason}>{entry.reason}</p>
      {entry.offer && <OfferCard offer={entry.offer} instead={entry.instead !== undefined} />}
      {leave.error && <Trouble error={leave.error} />}
      {entry.appointment && (
        <Button
          component={Link}
          to="/patient/visits/$visitId"
          params={{ visitId: entry.appointment } as never}
          variant="light"
        >
          {t('waitlist.open')}
        </Button>
      )}
      {open && (
        <Button
          variant="subtle"
          color="red"
          loading={leave.isPending}
          onClick={() => leave.mutate()}
        >
          {t('waitlist.leave')}
        </Button>
      )}
    </>
  );
}
