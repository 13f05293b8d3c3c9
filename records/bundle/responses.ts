/** What each entry is answered with. */
import { may } from '@afar/access';
import type { Caller } from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import type { BundleEntry, OperationOutcome, Resource } from '@afar/fhir';
import { inScope } from '../checks.ts';
import type { Stored } from '../types.ts';

const reasons: Record<number, string> = {
  200: '200 OK',
  201: '201 Created',
  204: '204 No Content',
  304: '304 Not Modified',
};

/** False for a caller who may write it and not read it: what it says then stays in the house, whatever was asked back. */
export function mayShow(caller: Caller, stored: Stored): boolean {
  return may(caller, 'read', stored.type) && inScope(caller, 'read', stored);
}

/** What `Prefer: return` asks for of each write: nothing, the resource, or a word about it [FHIR R4 http.html#ops]. */
export interface Wanted {
  whole: boolean;
  outcome: boolean;
}

/** As `answerOf`, for a write. */
export function writtenAnswer(
  caller: Caller,
  stored: Stored,
  status: number,
  { whole, outcome }: Wanted,
): BundleEntry {
  const answer = answerOf(caller, stored, status, whole);
  if (outcome && answer.response) answer.response.outcome = stored.deleted ? deleted : kept;
  return answer;
}

const saying = (diagnostics: string): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics }],
});
const kept = saying('stored');
const deleted = saying('deleted');

/** A DELETE whose condition matched nothing, or several. */
export function deletedAnswer(): BundleEntry {
  return { response: { status: '204 No Content' } };
}

/** @param whole include the resource, if this caller may read it: `Prefer: return=representation`, or it was asked for */
export function answerOf(
  caller: Caller,
  stored: Stored,
  status: number,
  whole: boolean,
): BundleEntry {
  const response = {
    status: reasons[status] ?? String(status),
    ...(stored.deleted
      ? {}
      : { location: `${stored.type}/${stored.id}/_history/${stored.version}` }),
    etag: etagOf(stored),
    lastModified: new Date(stored.updated).toISOString(),
  };
  return whole && !stored.deleted && mayShow(caller, stored)
    ? { resource: stored.resource, response }
    : { response };
}

export function resourceAnswer(resource: Resource): BundleEntry {
  return { resource, response: { status: '200 OK' } };
}

export function refusalAnswer(error: unknown): BundleEntry {
  const { status, outcome } = outcomeOf(error);
  return { response: { status: String(status), outcome } };
}

/** [FHIR R4 http.html#versioning] A weak ETag that holds the version. */
export function etagOf({ version }: { version: number }): string {
  return `W/"${version}"`;
}

/** [FHIR R4 http.html#cread] True when one of the ETags is that of this version. */
export function namesVersion(etags: string, stored: { version: number }): boolean {
  return etags.split(',').some((one) => one.trim() === etagOf(stored) || one.trim() === '*');
}

/** True when it was last written in that second or before; a time that is no time says nothing [RFC 9110 13.1.3]. */
export function unchangedSince(time: string, { updated }: { updated: number }): boolean {
  const since = Date.parse(time);
  return !Number.isNaN(since) && Math.floor(updated / 1000) * 1000 <= since;
}
