/** What a result says, apart from how it is written down: brings it back when it says something else. */
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { DiagnosticReport, Observation, Resource } from '@afar/fhir';

export type ResultResource = DiagnosticReport | Observation;

const apart = new Set(['meta', 'text', 'id', 'subject', 'implicitRules', 'issued']);
/** A first word made final is no other word. */
const saidFor = new Set(['registered', 'partial', 'preliminary', 'final']);

/** The same for the same content, whatever the order of its keys. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, of]) => [name, plain(of)]));
}

function essence(resource: Resource): unknown {
  const kept = Object.entries(resource).filter(([name]) => !apart.has(name));
  return plain(
    Object.fromEntries(
      kept.map(([name, value]) =>
        name === 'status' && saidFor.has(value as string) ? [name, 'said'] : [name, value],
      ),
    ),
  );
}

/** 16 bytes: two contents of one result never meet by chance. Keyed: a value is not guessed from a row. */
export function saidBy(
  key: KeyObject,
  result: ResultResource,
  values: readonly Observation[],
): Buffer {
  const whole = JSON.stringify([result, ...values].map(essence));
  return createHmac('sha256', key).update(`visits.result|${whole}`).digest().subarray(0, 16);
}

/** Taken back where it came from [FHIR R4 valueset-diagnostic-report-status, valueset-observation-status]. */
export const isRetracted = ({ status }: ResultResource): boolean =>
  status === 'entered-in-error' || status === 'cancelled';

export const isPreliminary = ({ status }: ResultResource): boolean =>
  status === 'registered' || status === 'preliminary' || status === 'partial';

/** When it was measured or issued, ms since epoch. */
export function dateOf(it: ResultResource): number | undefined {
  const said =
    it.issued ?? it.effectiveDateTime ?? it.effectivePeriod?.end ?? it.effectivePeriod?.start;
  const at = Date.parse(said ?? '');
  return Number.isNaN(at) ? undefined : at;
}

export function idIn(reference: string | undefined, type: string): string | undefined {
  const [found, id] = reference?.split('/') ?? [];
  return found === type ? id : undefined;
}

/** The patient it is about, by id. */
export const patientOf = (it: ResultResource): string | undefined =>
  idIn(it.subject?.reference, 'Patient');
