/** Puts the demo clinic together: bundles to load in order, accounts, hours, and visits to come. */
import type { Bundle, BundleEntry, Resource } from '@afar/fhir';
import { calendar } from './calendar.ts';
import { Chart } from './chart.ts';
import { clinic, members, nameOf, newYork, type Member, type MemberKey } from './clinic.ts';
import { bookings } from './bookings.ts';
import { intake } from './intake.ts';
import { stories } from './patients/index.ts';
import { schedules } from './schedules.ts';
import { idOf, seeded } from './random.ts';
import type { DemoAccount, DemoLicence, DemoBooking, DemoSchedule } from './types.ts';

export interface DemoClinic {
  /**
   * Transactions of at most `bundleSize` entries, to be loaded in this order: no entry refers to anything that comes
   * later. Every entry is a PUT under an id that depends on the seed alone, so loading again changes no identity.
   */
  bundles: Bundle[];
  accounts: DemoAccount[];
  schedules: DemoSchedule[];
  /** Visits to come, to be booked once schedules stand. */
  bookings: DemoBooking[];
}

/** 100: a transaction of a second or less, even on a small machine. */
const bundleSize = 100;

const entryOf = (resource: Resource): BundleEntry => ({
  fullUrl: `urn:uuid:${resource.id}`,
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});

function bundlesOf(resources: Resource[]): Bundle[] {
  const bundles: Bundle[] = [];
  for (let from = 0; from < resources.length; from += bundleSize)
    bundles.push({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: resources.slice(from, from + bundleSize).map(entryOf),
    });
  return bundles;
}

/** Good for two more years, in the region of her office and its neighbours. */
function licenceOf(member: Member, index: number, now: number): DemoLicence {
  const american = member.zone === newYork;
  const year = new Date(now).getUTCFullYear() + 2;
  return {
    number: `${american ? 'NY' : '28'}-${204_880 + index * 37}`,
    authority: american ? 'State Office of the Professions' : 'Colegio Oficial de Médicos',
    profession: member.specialty[1],
    jurisdictions: american ? ['US-CT', 'US-MA', 'US-NJ', 'US-NY'] : ['ES'],
    lastDay: `${year}-06-30`,
  };
}

function staffAccounts(id: (name: string) => string, now: number): DemoAccount[] {
  const staff = (Object.entries(members) as [MemberKey, Member][]).map(
    ([key, member], index): DemoAccount => ({
      key,
      role: member.account,
      name: nameOf(member),
      email: member.email,
      locale: member.locale,
      zone: member.zone,
      ...(member.supervisor && { supervisor: id(`practitioner ${member.supervisor}`) }),
      fhirUser: `Practitioner/${id(`practitioner ${key}`)}`,
      licence: licenceOf(member, index, now),
    }),
  );
  const office = { locale: 'en-US', zone: newYork };
  return [
    {
      key: 'holloway',
      role: 'administrator',
      name: 'Beatrix Holloway',
      email: 'beatrix.holloway@example.org',
      ...office,
    },
    {
      key: 'valdes',
      role: 'administrator',
      name: 'Idris Valdés',
      email: 'idris.valdes@example.org',
      ...office,
    },
    ...staff,
    {
      key: 'marchetti',
      role: 'auditor',
      name: 'Hideo Marchetti',
      email: 'hideo.marchetti@example.org',
      ...office,
    },
  ];
}

/**
 * The demo clinic as of `now` (ms since epoch). The same arguments give the same clinic, byte by byte; another `now`
 * moves every date with it and leaves every id as it was.
 */
export function demoClinic(now: number, seed = 1): DemoClinic {
  const id = (name: string) => idOf(seed, name);
  const dates = calendar(now);
  const practice = clinic(id);
  const bundles = bundlesOf([...practice.resources, intake(id('intake'))]);
  const accounts = staffAccounts(id, now);
  const patients = new Map<string, string>();
  for (const [index, story] of stories.entries()) {
    const { person } = story;
    const ground = { id, dates, clinic: practice.clinic, random: seeded(seed * 1000 + index) };
    const chart = new Chart(person, ground, story.ranges);
    story.write(chart);
    bundles.push(...bundlesOf(chart.resources));
    patients.set(person.key, chart.patient.reference!.split('/')[1]!);
    if (person.email && story.zone)
      accounts.push({
        key: person.key,
        role: 'patient',
        name: chart.patient.display!,
        email: person.email,
        locale: person.language === 'es' ? 'es-ES' : person.language,
        zone: story.zone,
        fhirUser: chart.patient.reference!,
      });
  }
  const hours = schedules(id);
  return { bundles, accounts, schedules: hours, bookings: bookings(now, hours, patients, id) };
}
