/** Invented people whose names, birth dates and codes are as unevenly spread, and as often together, as those of real ones. */
import type { Bundle, Observation, Patient } from '@afar/fhir';

export interface Person {
  id: string;
  family: string;
  birthDate: string;
  /** One for each observation: never read by the thief. */
  codes: string[];
}

/** mulberry32: small, seeded, good enough to draw people with. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Zipf's law with exponent 1: the nth of a list is drawn 1/n as often as the first. */
function zipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  for (let n = 1; n <= count; n++) sums.push((sums.at(-1) ?? 0) + 1 / n);
  return () => {
    const at = random() * sums.at(-1)!;
    return sums.findIndex((sum) => sum >= at);
  };
}

const syllables = ['ba', 'den', 'kor', 'li', 'mar', 'no', 'pe', 'ros', 'sto', 'ta', 'ul', 'win'];

/** 1,728 family names, the first ones the commonest. */
function familyName(n: number): string {
  const name = [n, n / 12, n / 144].map((part) => syllables[Math.floor(part) % 12]).join('');
  return name[0]!.toUpperCase() + name.slice(1);
}

/** Codes that one disease brings together: 12 diseases of 5 codes each, beside 40 codes that anybody has. */
const diseases = 12;
const perDisease = 5;
const common = 40;

export function population(people: number, observations: number, seed = 7): Person[] {
  const random = seeded(seed);
  const family = zipf(1_728, random);
  const usual = zipf(common, random);
  const illness = zipf(diseases, random);
  return Array.from({ length: people }, (_, n) => {
    const ill = new Set(Array.from({ length: Math.floor(random() * 4) }, illness));
    const own = [...ill].flatMap((one) =>
      Array.from({ length: perDisease }, (_one, at) => `D${one}-${at}`),
    );
    const born = new Date(
      Date.UTC(1935 + Math.floor(random() * 85), 0, 1 + Math.floor(random() * 365)),
    );
    return {
      id: `p${n}`,
      family: familyName(family()),
      birthDate: born.toISOString().slice(0, 10),
      codes: Array.from({ length: observations }, () =>
        own.length > 0 && random() < 0.4 ? own[Math.floor(random() * own.length)]! : `C${usual()}`,
      ),
    };
  });
}

/** One person's chart as a transaction: the patient, then the observations in their order. */
export function chartOf(person: Person, n: number): Bundle {
  const fullUrl = `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const patient: Patient = {
    resourceType: 'Patient',
    name: [{ family: person.family, given: ['Test'] }],
    birthDate: person.birthDate,
    gender: n % 2 ? 'female' : 'male',
  };
  const observation = (code: string, at: number): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'urn:example:codes', code }] },
    subject: { reference: fullUrl },
    effectiveDateTime: new Date(Date.UTC(2020, 0, 1) + at * 86_400_000 + n * 60_000).toISOString(),
    valueQuantity: { value: 60 + ((at * 7 + n) % 40), unit: '1' },
  });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl, resource: patient, request: { method: 'POST', url: 'Patient' } },
      ...person.codes.map((code, at) => ({
        resource: observation(code, at),
        request: { method: 'POST' as const, url: 'Observation' },
      })),
    ],
  };
}
