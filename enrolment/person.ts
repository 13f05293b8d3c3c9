/** What somebody says of herself or of a dependant: read, judged, in one form. */
import { Refusal } from '@afar/fhir';
import type { DependantInput, PersonInput, Relation, Sex } from './contract.ts';

const sexes: readonly Sex[] = ['female', 'male', 'other', 'unknown'];
const relations: readonly Relation[] = ['child', 'parent', 'other'];
/** A family; more charts are made at the front desk. */
export const mostDependants = 8;

export interface Fault {
  at: string;
  why: string;
}

/** @throws Refusal `invalid` that names every fault and its place */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  throw new Refusal('invalid', {
    diagnostics: faults.map(({ at, why }) => `${at}: ${why}`).join('; '),
    expression: faults.map(({ at }) => at),
  });
}

/** A date of the calendar; undefined when it is none. @returns ms since epoch, at its start in UTC */
export function dayOf(text: string): number | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return undefined;
  const at = Date.UTC(year, month - 1, day);
  const back = new Date(at);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? at : undefined;
}

/** The day somebody reaches an age: who was born on 29 February does so on 1 March. ms since epoch, UTC. */
export function reaches(birthDate: string, years: number): number {
  const born = new Date(dayOf(birthDate)!);
  return Date.UTC(born.getUTCFullYear() + years, born.getUTCMonth(), born.getUTCDate());
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value.normalize('NFC').trim().replaceAll(/\s+/g, ' ') : '';

const isName = (name: string): boolean =>
  name.length >= 1 && name.length <= 80 && /\p{L}/u.test(name) && !/[\p{Cc}<>{}]/u.test(name);

/** Nobody was born before; the oldest person known lived 122 years. */
const oldestMs = 130 * 365.25 * 86_400_000;

function readPerson(input: unknown, at: string, now: number, faults: Fault[]): PersonInput {
  const { given, family, birthDate, sex } = (input ?? {}) as Record<string, unknown>;
  const person = {
    given: text(given),
    family: text(family),
    birthDate: text(birthDate),
    sex: sex as Sex,
  };
  if (!isName(person.given))
    faults.push({ at: `${at}.given`, why: 'a name of 1 to 80 characters' });
  if (!isName(person.family))
    faults.push({ at: `${at}.family`, why: 'a name of 1 to 80 characters' });
  const born = dayOf(person.birthDate);
  // A child may be born today where she lives and tomorrow by UTC.
  if (born === undefined || born > now + 86_400_000 || born < now - oldestMs)
    faults.push({ at: `${at}.birthDate`, why: 'a day in the past, as 1990-12-31' });
  if (!sexes.includes(person.sex)) faults.push({ at: `${at}.sex`, why: sexes.join(', ') });
  return person;
}

/** @param majority years: whoever opens an account is of age */
export function readSelf(
  input: unknown,
  now: number,
  majority: number,
  faults: Fault[],
): PersonInput {
  const person = readPerson(input, 'person', now, faults);
  const young = dayOf(person.birthDate) !== undefined && reaches(person.birthDate, majority) > now;
  if (young && !faults.some(({ at }) => at === 'person.birthDate'))
    faults.push({
      at: 'person.birthDate',
      why: `who is under ${majority} is registered by a parent`,
    });
  return person;
}

export function readDependant(
  input: unknown,
  at: string,
  now: number,
  majority: number,
  faults: Fault[],
): DependantInput {
  const before = faults.length;
  const person = readPerson(input, at, now, faults);
  const { relation } = (input ?? {}) as { relation: Relation };
  if (!relations.includes(relation))
    faults.push({ at: `${at}.relation`, why: relations.join(', ') });
  if (
    faults.length === before &&
    relation === 'child' &&
    reaches(person.birthDate, majority) <= now
  )
    faults.push({
      at: `${at}.birthDate`,
      why: `who is ${majority} or older has an account of her own`,
    });
  return { ...person, relation };
}

export function readDependants(
  input: unknown,
  now: number,
  majority: number,
  faults: Fault[],
): DependantInput[] {
  if (input === undefined) return [];
  if (!Array.isArray(input) || input.length > mostDependants) {
    faults.push({ at: 'dependants', why: `at most ${mostDependants}` });
    return [];
  }
  return input.map((one, at) => readDependant(one, `dependants[${at}]`, now, majority, faults));
}
