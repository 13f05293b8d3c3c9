/** The date a resource is about: what lists are sorted by, and the one date that stands on its row. */
import type { IndexedDate } from '@afar/fhir';
import { searchParams } from '@afar/fhir';

/** An open end or start of an interval: the limits of a JavaScript date. */
export const openStart = -8_640_000_000_000_000;
export const openUntil = 8_640_000_000_000_000;

/** `at` of a resource whose type has a clinical date but which has none itself: newest first puts it last. */
export const noDate = -9_000_000_000_000_000;

/** The first of these that a type has is its clinical date: when it happened before when it was written down. */
const preferred = [
  // Before `date`, which for a MedicationRequest is the timing of its doses.
  'authoredon',
  'date',
  'onset-date',
  'authored',
  'authored-on',
  'recorded',
  'sent',
  'start',
  'started',
  'effective-time',
  'effective',
  'whenhandedover',
  'occurrence',
  'collected',
  'identified',
  'start-date',
  'created',
  'issued',
  'period',
  'datetime',
  'datewritten',
];

/** Dates that say who someone is: in the sealed directory only. */
const personal: ReadonlySet<string> = new Set(['birthdate', 'death-date']);

const byType = new Map<string, string | undefined>();

/** The search parameter whose interval stands in `resource.at` and `resource.until`; none for people and places. */
export function clinicalDateParam(type: string): string | undefined {
  if (!byType.has(type)) {
    const params = searchParams(type);
    byType.set(
      type,
      preferred.find((code) => params.get(code)?.type === 'date'),
    );
  }
  return byType.get(type);
}

export interface ClinicalDates {
  at: number;
  until: number;
  /** The other dates, for records.period. */
  periods: { param: string; starts: number; until: number }[];
}

/**
 * Several values of the clinical date are held as the one interval that spans them: whoever searches looks into the body.
 * @param updated `at` of a type that has no clinical date, ms since epoch
 */
export function clinicalDates(
  type: string,
  dates: readonly IndexedDate[],
  updated: number,
): ClinicalDates {
  const main = clinicalDateParam(type);
  const periods: ClinicalDates['periods'] = [];
  let at = main === undefined ? updated : noDate;
  let until = main === undefined ? updated : noDate;
  for (const { param, start, end } of dates) {
    if (personal.has(param) || param.startsWith('_')) continue;
    const starts = Math.max(Math.trunc(start), openStart);
    const ends = Math.min(Math.trunc(end), openUntil);
    if (param !== main) periods.push({ param, starts, until: ends });
    else if (until === noDate) [at, until] = [starts, ends];
    else [at, until] = [Math.min(at, starts), Math.max(until, ends)];
  }
  return { at, until, periods };
}
