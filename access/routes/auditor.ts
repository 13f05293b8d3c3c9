/** /api/auditor: who did what, when, from where; no clinical content, and patients by random id only. */
import { instant, type Db } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Origins } from '../audit/origin.ts';
import type { EventRow } from '../audit/row.ts';
import { countEvents, searchEvents } from '../audit/search.ts';
import { nobody, systemId } from '../caller.ts';
import type { Anomalies } from '../anomalies/anomalies.ts';
import type { Custody } from '../audit/custody.ts';
import type { AuditPage, AuditRow, AuditSearchRequest, AuditSummary } from '../contract.ts';
import { requireRole } from '../may.ts';
import type { Clients } from '../oauth/clients.ts';
import { evidenceRoutes } from './evidence.ts';
import { checkSpan, oversightRoutes } from './oversight.ts';

export type Names = (tenant: number, ids: string[]) => Promise<Map<string, string>>;

interface Deps {
  db: Db;
  names: Names;
  origins: Origins;
  clock: { now(): number };
  anomalies: Anomalies;
  custody: Custody;
}

const uuid = { type: 'string', format: 'uuid' };
const word = { type: 'string', minLength: 1, maxLength: 100 };

const searchSchema = {
  body: {
    type: 'object',
    properties: {
      from: instant,
      to: instant,
      who: uuid,
      patient: uuid,
      action: word,
      type: word,
      purpose: word,
      role: word,
      verb: { type: 'string', enum: ['C', 'R', 'U', 'D', 'E'] },
      outcome: { type: 'integer', enum: [0, 4, 8] },
      cursor: uuid,
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    },
    additionalProperties: false,
  },
};

const summarySchema = {
  body: {
    type: 'object',
    properties: { from: instant, to: instant },
    required: ['from', 'to'],
    additionalProperties: false,
  },
};

const day = 86_400_000;
/** Counting reads every event of the span: a month is what a report needs. */
const longestSpan = 31 * day;

/** Display names of staff and clients; a patient's name is never told here. */
export function displayNames(deps: { accounts: Accounts; clients: Clients }): Names {
  return async (tenant, ids) => {
    const wanted = [...new Set(ids)].filter((id) => id !== nobody && id !== systemId);
    const [people, programs] = await Promise.all([
      deps.accounts.names(tenant, wanted),
      deps.clients.names(tenant, wanted),
    ]);
    const names = new Map(programs);
    names.set(systemId, 'Afar');
    for (const { id, role, personal } of people)
      if (role !== 'patient') names.set(id, personal.name);
    return names;
  };
}

export function auditorRoutes(http: FastifyInstance, deps: Deps): void {
  const { db, origins, names: namesOf } = deps;
  oversightRoutes(http, deps);
  evidenceRoutes(http, deps);

  const shown = async (row: EventRow, names: Map<string, string>): Promise<AuditRow> => {
    const { ip, device } = await origins.open(row.tenant, row.origin);
    const name = names.get(row.who);
    return {
      id: row.id,
      at: row.at,
      requestId: row.request,
      who: { id: row.who, role: row.role, ...(name && { name }) },
      ip,
      ...(device && { device }),
      verb: row.verb as AuditRow['verb'],
      action: row.action,
      ...(row.type && { type: row.type }),
      ...(row.rid && { rid: row.rid }),
      patients: row.patients ?? [],
      purpose: row.purpose,
      outcome: row.outcome as AuditRow['outcome'],
      params: row.params ?? [],
    };
  };

  http.post<{ Body: AuditSearchRequest & { limit: number }; Reply: AuditPage }>(
    '/api/auditor/search',
    { schema: searchSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'audit-search', verb: 'R', type: 'AuditEvent' });
      req.evidence.params = Object.keys(req.body).filter((name) => name !== 'limit');
      const { tenant } = requireRole(req, 'auditor', 'administrator');
      const { cursor, limit, ...filter } = req.body;
      const found = await searchEvents(db, tenant, { ...filter, after: cursor }, limit + 1);
      const page = found.slice(0, limit);
      const names = await namesOf(
        tenant,
        page.map((row) => row.who),
      );
      const rows = await Promise.all(page.map((row) => shown(row, names)));
      return { rows, ...(found.length > limit && { next: rows.at(-1)!.id }) };
    },
  );

  http.post<{ Body: { from: number; to: number }; Reply: AuditSummary }>(
    '/api/auditor/summary',
    { schema: summarySchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'audit-summary', verb: 'R', type: 'AuditEvent' });
      const { tenant } = requireRole(req, 'auditor', 'administrator');
      const { from, to } = req.body;
      checkSpan(from, to, longestSpan);
      const counts = await countEvents(db, tenant, from, to);
      const names = await namesOf(
        tenant,
        counts.who.map((one) => one.id),
      );
      const by = (outcome: number): number =>
        counts.outcomes.find((one) => one.outcome === outcome)?.count ?? 0;
      return {
        from,
        to,
        total: counts.outcomes.reduce((sum, one) => sum + one.count, 0),
        refused: by(4),
        failed: by(8),
        ...counts,
        who: counts.who.map((one) => {
          const name = names.get(one.id);
          return { ...one, ...(name && { name }) };
        }),
      };
    },
  );
}
