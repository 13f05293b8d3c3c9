/** Instants and references as policy reads them: ends of days, and only names of this house. */
import type { Reference } from '@afar/fhir';

/** 9999-12-31: no end. */
export const openEnd = 253_402_214_400_000;

const day = 86_400_000;

// Only ids of the house can hold a grant; logical and external references name nobody here.
const local =
  /^([A-Z][A-Za-z]+)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\/_history\/[^/]+)?$/;

/** Type and rid of a literal reference to something of ours. */
export function localTarget(
  reference: Reference | undefined,
): { type: string; id: string } | undefined {
  const match = local.exec(reference?.reference ?? '');
  return match ? { type: match[1]!, id: match[2]! } : undefined;
}

/** Start of a FHIR dateTime as ms; undefined when absent or not a date. */
export function instant(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** End of a FHIR dateTime: a date without a time lasts until its day is over. */
export function lastInstant(value: string | undefined): number | undefined {
  const at = instant(value);
  if (at === undefined || value!.includes('T')) return at;
  // [FHIR R4 datatypes.html#dateTime] a month or a year lasts until its last day is over.
  const date = new Date(at);
  if (value!.length === 4) return Date.UTC(date.getUTCFullYear() + 1, 0, 1);
  if (value!.length === 7) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return at + day;
}
