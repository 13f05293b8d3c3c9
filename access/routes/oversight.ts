/** /api/auditor: what stands out and who is held up for it, the rules, and whether the trail was found whole. */
import { Refusal } from '@afar/fhir';
import type { Db } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Anomalies } from '../anomalies/anomalies.ts';
import { ruleNames, type RuleName } from '../anomalies/rules.ts';
import { listAnomalies, longestWindowMs, type AnomalyRow } from '../anomalies/store.ts';
import type { Custody } from '../audit/custody.ts';
import type {
  AnomalyPage,
  AnomalyRowTold,
  AnomalyRules,
  AnomalyRuleSetting,
  AuditStanding,
} from '../contract.ts';
import { requireFresh, requireRole } from '../may.ts';
import type { Names } from './auditor.ts';

interface Deps {
  db: Db;
  names: Names;
  clock: { now(): number };
  anomalies: Anomalies;
  custody: Custody;
}

const uuid = { type: 'string', format: 'uuid' };
const byId = { params: { type: 'object', properties: { id: uuid }, required: ['id'] } };
const pageSize = 50;

const pageSchema = {
  querystring: { type: 'object', properties: { before: uuid }, additionalProperties: false },
};

const ruleSchema = {
  params: {
    type: 'object',
    properties: { rule: { type: 'string', enum: [...ruleNames] } },
    required: ['rule'],
  },
  body: {
    type: 'object',
    properties: {
      enabled: { type: 'boolean' },
      threshold: { type: 'integer', minimum: 1, maximum: 1_000_000 },
      windowMs: { type: 'integer', minimum: 1, maximum: 30 * 86_400_000 },
      throttleMs: { type: 'integer', minimum: 0, maximum: longestWindowMs },
    },
    required: ['enabled', 'threshold', 'windowMs', 'throttleMs'],
    additionalProperties: false,
  },
};

export function oversightRoutes(http: FastifyInstance, deps: Deps): void {
  const { db, names: namesOf, clock, anomalies, custody } = deps;

  const told = (row: AnomalyRow, names: Map<string, string>, now: number): AnomalyRowTold => {
    const name = names.get(row.who);
    const by = (id: string | null): string => names.get(id ?? '') ?? '';
    return {
      id: row.id,
      rule: row.rule,
      who: { id: row.who, role: row.role, ...(name && { name }) },
      at: row.at,
      count: row.count,
      threshold: row.threshold,
      windowMs: row.window_ms,
      ...(row.throttled_until !== null &&
        row.lifted === null &&
        row.throttled_until > now && { throttledUntil: row.throttled_until }),
      ...(row.acknowledged !== null && {
        acknowledged: { at: row.acknowledged, by: by(row.acknowledged_by) },
      }),
      ...(row.lifted !== null && { lifted: { at: row.lifted, by: by(row.lifted_by) } }),
    };
  };

  http.get<{ Querystring: { before?: string }; Reply: AnomalyPage }>(
    '/api/auditor/anomalies',
    { schema: pageSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'anomalies', verb: 'R' });
      const { tenant } = requireRole(req, 'auditor', 'administrator');
      const found = await listAnomalies(db, tenant, pageSize + 1, req.query.before);
      const rows = found.slice(0, pageSize);
      const ids = rows.flatMap((row) => [row.who, row.acknowledged_by, row.lifted_by]);
      const names = await namesOf(
        tenant,
        ids.filter((id) => id !== null),
      );
      return {
        rows: rows.map((row) => told(row, names, clock.now())),
        ...(found.length > pageSize && { next: rows.at(-1)!.id }),
      };
    },
  );

  http.post<{ Params: { id: string } }>(
    '/api/auditor/anomalies/:id/acknowledge',
    { schema: byId },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'acknowledge-anomaly', verb: 'U' });
      const { tenant, id } = requireRole(req, 'auditor');
      await anomalies.acknowledge(tenant, req.params.id, id);
      return reply.code(204).send();
    },
  );

  http.post<{ Params: { id: string } }>(
    '/api/auditor/anomalies/:id/lift',
    { schema: byId },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'lift-anomaly', verb: 'U' });
      const { tenant, id } = requireRole(req, 'auditor');
      requireFresh(req);
      await anomalies.lift(tenant, req.params.id, id);
      return reply.code(204).send();
    },
  );

  http.get<{ Reply: AnomalyRules }>('/api/auditor/rules', async (req) => {
    Object.assign(req.evidence, { action: 'anomaly-rules', verb: 'R' });
    const { tenant } = requireRole(req, 'auditor', 'administrator');
    return anomalies.rules(tenant);
  });

  http.put<{ Params: { rule: RuleName }; Body: AnomalyRuleSetting; Reply: AnomalyRules }>(
    '/api/auditor/rules/:rule',
    { schema: ruleSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'set-anomaly-rule', verb: 'U' });
      const { tenant, id } = requireRole(req, 'auditor');
      requireFresh(req);
      // What is counted is kept for a day; reviews are counted from their own table.
      if (req.params.rule !== 'break-glass-unreviewed' && req.body.windowMs > longestWindowMs)
        throw new Refusal('invalid', {
          diagnostics: 'a window of a day at most',
          expression: ['windowMs'],
        });
      await anomalies.setRule(tenant, req.params.rule, req.body, id);
      return anomalies.rules(tenant);
    },
  );

  http.get<{ Reply: AuditStanding }>('/api/auditor/standing', async (req) => {
    Object.assign(req.evidence, { action: 'audit-standing', verb: 'R', type: 'AuditEvent' });
    requireRole(req, 'auditor', 'administrator');
    return custody.standing();
  });
}

/** @throws Refusal `invalid` unless it is a span of at most `longest` ms */
export function checkSpan(from: number, to: number, longest: number): void {
  if (to <= from || to - from > longest)
    throw new Refusal('invalid', {
      diagnostics: `a span of ${Math.round(longest / 86_400_000)} days at most`,
      expression: ['to'],
    });
}
