/** Whom to see: a card a clinician, the soonest free time first. */
import { Avatar, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconArrowRight, IconBellPlus, IconClock, IconLanguage } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Clinician } from '@afar/visits/contract';
import { comma } from '../kit/comma.ts';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { clockTime, longDay } from '../kit/time.ts';
import { plainName } from '../kit/plain-name.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './patient.module.css';
import { cliniciansQuery } from './queries.ts';

type Target = '/patient/book/$clinicianId/{-$start}' | '/book/$clinicianId';

const soonest = (one: Clinician, other: Clinician): number =>
  (one.nextFree ?? '~').localeCompare(other.nextFree ?? '~') || one.name.localeCompare(other.name);

export function CliniciansPage() {
  const { t } = useTranslation(['patient', 'booking']);
  return (
    <Page
      title={t('clinicians.title')}
      lead={t('clinicians.lead')}
      actions={
        <Button
          component={Link}
          to="/patient/waitlist"
          variant="default"
          leftSection={<IconBellPlus size={20} aria-hidden="true" />}
        >
          {t('booking:waitlist.title')}
        </Button>
      }
    >
      <ClinicianCards to="/patient/book/$clinicianId/{-$start}" />
    </Page>
  );
}

/** @param to where a card leads: to booking, or to the page that anybody may look at */
export function ClinicianCards({ to }: { to: Target }) {
  const { t } = useTranslation('patient');
  const clinicians = useQuery(cliniciansQuery);
  const list = [...(clinicians.data?.clinicians ?? [])].sort(soonest);
  return (
    <>
      {clinicians.isPending && <Pending rows={3} height={148} />}
      {clinicians.isError && (
        <Trouble error={clinicians.error} retry={() => void clinicians.refetch()} />
      )}
      {clinicians.isSuccess && list.length === 0 && <Empty text={t('clinicians.none')} />}
      <ul className={classes.cards}>
        {list.map((one) => (
          <li key={one.id}>
            <ClinicianCard clinician={one} to={to} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ClinicianCard({ clinician, to }: { clinician: Clinician; to: Target }) {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  const names = new Intl.DisplayNames(locale, { type: 'language' });
  // "English", not "American English": what is asked here is whether they will understand each other.
  const bases = new Set(clinician.languages.map((tag) => new Intl.Locale(tag).language));
  const spoken = [...bases].map((tag) => names.of(tag) ?? tag);
  const next = clinician.nextFree;
  return (
    <Link
      to={to}
      params={{ clinicianId: clinician.id }}
      className={classes.card}
      data-testid="clinician-card"
    >
      <Avatar
        name={plainName(clinician.name)}
        color="lagoon"
        size={64}
        radius={999}
        aria-hidden="true"
      />
      <span className={classes.cardName}>{clinician.name}</span>
      <span className={classes.cardText}>{clinician.specialty}</span>
      <span className={classes.cardFacts}>
        <span>
          <IconClock size={18} aria-hidden="true" />
          {t('clinicians.lasts', { minutes: common('minutes', { count: clinician.minutes }) })}
        </span>
        {spoken.length > 0 && (
          <span>
            <IconLanguage size={18} aria-hidden="true" />
            {t('clinicians.speaks', {
              languages: new Intl.ListFormat(locale, { type: 'conjunction' }).format(spoken),
            })}
          </span>
        )}
      </span>
      <span className={classes.cardNext} data-free={next ? true : undefined}>
        {next
          ? t('clinicians.next', {
              when: [longDay(next, zone, locale), clockTime(next, zone, locale)].join(
                comma(locale),
              ),
            })
          : t('clinicians.full')}
        <IconArrowRight size={18} aria-hidden="true" className={classes.arrow} />
      </span>
    </Link>
  );
}
