/** History as a Bundle [FHIR R4 http.html#history]: each version with the verb that made it. */
import type { Bundle, BundleEntry, Shape } from '@afar/fhir';
import { shape } from '@afar/fhir';
import type { Stored } from '../types.ts';
import { etagOf } from '../bundle/responses.ts';

export interface HistoryLinks {
  fhirUrl: string;
  self: string;
  next?: string | undefined;
}

export function historyBundle(
  entries: readonly Stored[],
  { fhirUrl, self, next }: HistoryLinks,
  asked: Shape = {},
): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'history',
    link: [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])],
    ...(entries.length > 0 && { entry: entries.map((one) => entryOf(one, fhirUrl, asked)) }),
  };
}

function entryOf(stored: Stored, fhirUrl: string, asked: Shape): BundleEntry {
  const { verb, version, type, id, updated, deleted } = stored;
  return {
    fullUrl: `${fhirUrl}/${type}/${id}`,
    ...(!deleted && { resource: shape(stored.resource, asked) }),
    request: { method: verb, url: verb === 'POST' ? type : `${type}/${id}` },
    response: {
      status: deleted ? '204 No Content' : version === 1 ? '201 Created' : '200 OK',
      etag: etagOf(stored),
      lastModified: new Date(updated).toISOString(),
    },
  };
}
