/** The demo clinic: valid, whole, the same every time, and believable on any day it is started. */
import { validate } from '@afar/fhir';
import type { Composition, Observation, Patient, Resource } from '@afar/fhir';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { demoClinic } from './index.ts';

const day = 86_400_000;
/** A Saturday afternoon, New Year's Eve in Madrid, both nights on which New York changes its clocks, a leap day. */
const starts = [
  '2026-11-21T18:00:00Z',
  '2026-12-31T23:30:00Z',
  '2027-03-14T06:59:00Z',
  '2027-11-07T05:30:00Z',
  '2028-02-29T12:00:00Z',
].map((text) => Date.parse(text));
const now = starts[0]!;

const made = new Map<string, Resource[]>();
function resourcesOf(at: number, seed?: number): Resource[] {
  const name = `${at} ${seed}`;
  if (!made.has(name))
    made.set(
      name,
      demoClinic(at, seed).bundles.flatMap((one) => one.entry!.map((entry) => entry.resource!)),
    );
  return made.get(name)!;
}
const key = (resource: Resource) => `${resource.resourceType}/${resource.id}`;

function only<T extends Resource['resourceType']>(type: T, at = now) {
  return resourcesOf(at).filter((one) => one.resourceType === type) as Extract<
    Resource,
    { resourceType: T }
  >[];
}

const fullName = (patient: Patient) =>
  `${patient.name![0]!.given!.join(' ')} ${patient.name![0]!.family}`;
const chartOf = (family: string) => {
  const patient = only('Patient').find((one) => one.name!.some((name) => name.family === family))!;
  const reference = `Patient/${patient.id}`;
  const all = resourcesOf(now).filter((one) => JSON.stringify(one).includes(`"${reference}"`));
  return { patient, all };
};

describe('as FHIR', () => {
  it.each(starts)('every resource is valid, started at %i', (at) => {
    const faults = resourcesOf(at).flatMap((one) =>
      validate(one).map((issue) => `${key(one)}: ${issue.diagnostics} ${issue.expression}`),
    );
    expect(faults).toEqual([]);
  });

  it('refers only to what was loaded before, or in the same bundle', () => {
    const known = new Set<string>();
    for (const bundle of demoClinic(now).bundles) {
      for (const entry of bundle.entry!) known.add(key(entry.resource!));
      for (const [, reference] of JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g))
        expect(known).toContain(reference);
    }
  });

  it('comes in transactions of PUTs of at most 100 entries, each id once', () => {
    const { bundles } = demoClinic(now);
    const seen = new Set<string>();
    for (const bundle of bundles) {
      expect(bundle.type).toBe('transaction');
      expect(bundle.entry!.length).toBeLessThanOrEqual(100);
      for (const { request, resource } of bundle.entry!) {
        expect(request).toEqual({ method: 'PUT', url: key(resource!) });
        expect(resource!.id).toMatch(
          /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
        );
        expect(seen).not.toContain(key(resource!));
        seen.add(key(resource!));
      }
    }
  });
});

describe('as a generator', () => {
  it('makes the same clinic of the same arguments', () => {
    expect(demoClinic(now, 7)).toEqual(demoClinic(now, 7));
  });

  it('keeps its ids on another day, and makes others of another seed', () => {
    const ids = (at: number, seed?: number) => resourcesOf(at, seed).map(key);
    expect(ids(now + 400 * day)).toEqual(ids(now));
    const other = new Set(ids(now, 2));
    expect(ids(now).some((one) => other.has(one))).toBe(false);
  });

  it.each(starts)('dates nothing clinical after now, started at %i', (at) => {
    const text = JSON.stringify(resourcesOf(at));
    const dates = [...text.matchAll(/"(\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)"/g)].map(
      (found) => found[1]!,
    );
    expect(dates.length).toBeGreaterThan(1000);
    for (const date of dates) expect(Date.parse(date)).toBeLessThanOrEqual(at);
  });
});

describe('as a clinic', () => {
  it('has a dozen patients with all that names can hold', () => {
    const patients = only('Patient');
    expect(patients).toHaveLength(12);
    expect(new Set(patients.map((one) => one.identifier![0]!.value)).size).toBe(12);
    const names = patients.map(fullName).join('\n');
    expect(names).toContain("O'Connell");
    expect(names).toMatch(/\p{Script=Greek}/u);
    expect(names).toMatch(/[ñíễÅë]/u);
    expect(new Set(patients.map((one) => one.gender))).toEqual(
      new Set(['female', 'male', 'other']),
    );
    expect(patients.filter((one) => one.deceasedDateTime)).toHaveLength(1);
    const infants = patients.filter((one) => now - Date.parse(one.birthDate!) < 365 * day);
    expect(infants).toHaveLength(1);
  });

  it('has one empty chart and no other', () => {
    const sizes = only('Patient').map((one) => chartOf(one.name![0]!.family!).all.length);
    expect(sizes.filter((size) => size === 0)).toHaveLength(1);
    expect(sizes.filter((size) => size > 0).every((size) => size > 15)).toBe(true);
  });

  it('has accounts of every role, each tied to who it is', () => {
    const { accounts } = demoClinic(now);
    const roles = Object.groupBy(accounts, (one) => one.role);
    expect(Object.keys(roles).toSorted()).toEqual(
      [
        'administrator',
        'auditor',
        'nurse',
        'paramedic',
        'patient',
        'pharmacist',
        'practitioner',
        'resident',
        'trainee',
      ].toSorted(),
    );
    expect(roles.practitioner).toHaveLength(3);
    // Two decide together.
    expect(roles.administrator).toHaveLength(2);
    expect(roles.patient!.length).toBeGreaterThanOrEqual(4);
    expect(new Set(accounts.map((one) => one.email)).size).toBe(accounts.length);
    const known = new Set(resourcesOf(now).map(key));
    for (const one of accounts) {
      expect(one.email).toMatch(/@example\.org$/);
      const inCharts = one.role !== 'administrator' && one.role !== 'auditor';
      expect(one.fhirUser !== undefined && known.has(one.fhirUser)).toBe(inCharts);
    }
    expect(new Set(roles.practitioner!.map((one) => one.zone))).toEqual(
      new Set(['America/New_York', 'Europe/Madrid']),
    );
  });

  it.each(starts)('books visits to come at open hours, never two at once, started at %i', (at) => {
    const { bookings, schedules } = demoClinic(at);
    expect(new Set(bookings.map((one) => `${one.clinician} ${one.start}`)).size).toBe(
      bookings.length,
    );
    expect(bookings.length).toBeGreaterThanOrEqual(4);
    for (const { start, clinician } of bookings) {
      expect(start).toBeGreaterThan(at);
      const rule = schedules.find((one) => one.clinician === clinician)!;
      const wall = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(rule.zone);
      const time = wall.toPlainTime().toString({ smallestUnit: 'minute' });
      const open = rule.hours.find(
        (one) => one.day === wall.dayOfWeek && one.start <= time && time < one.end,
      );
      expect(open).toBeDefined();
      const [hour, minute] = open!.start.split(':').map(Number);
      const since = wall.hour * 60 + wall.minute - hour! * 60 - minute!;
      expect(since % (rule.slotMinutes + rule.bufferBefore + rule.bufferAfter)).toBe(0);
    }
  });

  it.each(starts)('has a visit within seven hours of now, started at %i', (at) => {
    const soonest = Math.min(...demoClinic(at).bookings.map((one) => one.start));
    expect(soonest - at).toBeLessThan(7 * 3_600_000);
  });
});

describe('as charts', () => {
  const numbers = (all: Resource[], code: string) =>
    all
      .filter((one): one is Observation => one.resourceType === 'Observation')
      .filter((one) => one.code.coding![0]!.code === code)
      .toSorted((a, b) => a.effectiveDateTime!.localeCompare(b.effectiveDateTime!))
      .map((one) => one.valueQuantity!.value!);

  it('show trends that treatment explains', () => {
    const a1c = numbers(chartOf('Nguyễn').all, '4548-4');
    expect(a1c.length).toBeGreaterThanOrEqual(6);
    expect(a1c).toEqual(a1c.toSorted((a, b) => b - a));
    const ldl = numbers(chartOf('Παπαδημητρίου').all, '13457-7');
    expect(ldl.at(-1)).toBeLessThan(ldl[0]! / 2);
    const mood = numbers(chartOf('Thornbury').all, '44261-6');
    expect(mood.at(-1)).toBeLessThan(mood[0]! / 2);
    const growth = numbers(chartOf('Abernathy-Nakamura').all, '29463-7');
    expect(growth).toEqual(growth.toSorted((a, b) => a - b));
  });

  it('keep to what a body can show', () => {
    const limits: Record<string, [number, number]> = {
      '39156-5': [15, 45],
      '8867-4': [45, 150],
      '59408-5': [85, 100],
      '2160-0': [0.4, 3],
      '2823-3': [3, 6],
      '8310-5': [36, 40],
    };
    const beyond = only('Observation').filter((one) => {
      const [low, high] = limits[one.code.coding![0]!.code!] ?? [-Infinity, Infinity];
      const value = one.valueQuantity?.value ?? low;
      return value < low || value > high;
    });
    expect(beyond).toEqual([]);
    for (const { component } of only('Observation').filter((one) => one.component)) {
      const [systolic, diastolic] = component!.map((one) => one.valueQuantity!.value!);
      expect(systolic! - diastolic!).toBeGreaterThan(20);
    }
  });

  it('end when the patient died', () => {
    const { patient, all } = chartOf('Ostrander');
    const times = JSON.stringify(all).matchAll(/"(\d{4}-\d\d-\d\dT[^"]+)"/g);
    for (const [, time] of times)
      expect(Date.parse(time!)).toBeLessThan(Date.parse(patient.deceasedDateTime!));
    const medicines = all.filter((one) => one.resourceType === 'MedicationRequest');
    expect(medicines.every((one) => one.status !== 'active')).toBe(true);
  });

  it('hold notes of four sections in words', () => {
    const notes: Composition[] = only('Composition');
    expect(notes.length).toBeGreaterThan(20);
    for (const one of notes) {
      expect(one.section!.map((part) => part.code!.coding![0]!.code)).toEqual([
        '61150-9',
        '61149-1',
        '51848-0',
        '18776-5',
      ]);
      for (const part of one.section!) expect(part.text!.div.length).toBeGreaterThan(60);
    }
  });

  it('judge a number by the range beside it', () => {
    for (const one of only('Observation').filter((each) => each.interpretation)) {
      const { low, high } = one.referenceRange![0]!;
      const value = one.valueQuantity!.value!;
      const expected = low && value < low.value! ? 'L' : high && value > high.value! ? 'H' : 'N';
      expect(one.interpretation![0]!.coding![0]!.code).toBe(expected);
    }
  });
});
