/** Instance history as a Bundle [FHIR R4 http.html#history]: each version with the verb that made it. */
import type { Bundle, BundleEntry } from '@afar/fhir';
import type { HistoryPage, Stored } from '../types.ts';
import { etagOf } from '../bundle/responses.ts';

export function historyBundle(
  { entries, next }: HistoryPage,
  { fhirUrl, type, id, count }: { fhirUrl: string; type: string; id: string; count: number },
): Bundle {
  const address = `${fhirUrl}/${type}/${id}`;
  const self = `${address}/_history?_count=${count}`;
  return {
    resourceType: 'Bundle',
    type: 'history',
    link: [
      { relation: 'self', url: self },
      ...(next === undefined ? [] : [{ relation: 'next', url: `${self}&_before=${next}` }]),
    ],
    entry: entries.map((stored) => entryOf(stored, address)),
  };
}

function entryOf(stored: Stored, address: string): BundleEntry {
  const { verb, version, type, id, updated, deleted } = stored;
  const first = version === 1;
  return {
    fullUrl: address,
    ...(!deleted && { resource: stored.resource }),
    request: { method: verb, url: verb === 'POST' ? type : `${type}/${id}` },
    response: {
      status: deleted ? '204 No Content' : first ? '201 Created' : '200 OK',
      etag: etagOf(stored),
      lastModified: new Date(updated).toISOString(),
    },
  };
}
