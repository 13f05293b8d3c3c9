/** POST /api/auditor/evidence: a signed file of events, each with the link of the chain that proves it. */
import { Readable } from 'node:stream';
import { instant, type Db } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Custody } from '../audit/custody.ts';
import { toAuditEvent } from '../audit/fhir-event.ts';
import { chainedEvents } from '../audit/files/chained.ts';
import { fileFormat, fileLines, howTo } from '../audit/files/file.ts';
import { publicOf, signedLines } from '../audit/files/sealed-lines.ts';
import type { Origins } from '../audit/origin.ts';
import type { EventRow } from '../audit/row.ts';
import type { EvidenceRequest } from '../contract.ts';
import { requireFresh, requireRole } from '../may.ts';
import type { Names } from './auditor.ts';
import { checkSpan } from './oversight.ts';

const uuid = { type: 'string', format: 'uuid' };
const schema = {
  body: {
    type: 'object',
    properties: { from: instant, to: instant, who: uuid, patient: uuid },
    required: ['from', 'to'],
    additionalProperties: false,
  },
};

const longestMs = 92 * 86_400_000;

export function evidenceRoutes(
  http: FastifyInstance,
  deps: {
    db: Db;
    names: Names;
    origins: Origins;
    clock: { now(): number };
    custody: Custody;
  },
): void {
  const { db, names, origins, clock, custody } = deps;
  http.post<{ Body: EvidenceRequest }>('/api/auditor/evidence', { schema }, async (req, reply) => {
    Object.assign(req.evidence, { action: 'evidence', verb: 'E', type: 'AuditEvent' });
    req.evidence.params = Object.keys(req.body);
    const { tenant, id } = requireRole(req, 'auditor');
    requireFresh(req);
    checkSpan(req.body.from, req.body.to, longestMs);
    const key = await custody.key();
    const known = new Map<string, string | undefined>();
    const drawn = async (row: EventRow) => {
      if (!known.has(row.who)) {
        // A person each: a hospital's staff fits, whatever the span.
        const found = await names(tenant, [row.who]);
        known.set(row.who, found.get(row.who));
      }
      return toAuditEvent(row, await origins.open(tenant, row.origin), known.get(row.who));
    };
    const head = {
      format: fileFormat,
      kind: 'evidence' as const,
      tenant,
      made: clock.now(),
      by: id,
      asked: req.body,
      key: publicOf(key),
      how: howTo,
    };
    const lines = signedLines(fileLines(head, chainedEvents(db, tenant, req.body), drawn), key);
    return reply
      .type('application/x-ndjson; charset=utf-8')
      .header('content-disposition', `attachment; filename="afar-evidence-${head.made}.ndjson"`)
      .header('cache-control', 'no-store')
      .send(Readable.from(lines));
  });
}
