/** /api/break-glass: a chart opened in an emergency by who is not in it, and what the privacy officer makes of it. */
import { requireRole, type Caller, type Role } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { instant } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SharingDeps } from '../create-sharing.ts';
import type { EmergencyFind, GlassRow, OpenGlass, ReviewGlass } from './contract.ts';
import { findPatient } from './find-patient.ts';
import { closeGlass, judgeGlass, openedView, openGlass } from './open-glass.ts';
import { emergencyReasons, reasonLength } from './reasons.ts';
import { allLiveOf, listGlass, liveOf } from './store.ts';
import { emergencySummary } from './summary.ts';

const helpers: Role[] = ['practitioner', 'nurse', 'paramedic'];

const uuid = { type: 'string', format: 'uuid' };
const byId = {
  params: { type: 'object', properties: { id: uuid }, required: ['id'] },
};
const findSchema = {
  body: {
    type: 'object',
    properties: {
      // `system|` alone would list everybody who has a number of that kind.
      identifier: { type: 'string', minLength: 2, maxLength: 200, pattern: '^([^|]*\\|)?[^|]+$' },
      name: { type: 'string', minLength: 2, maxLength: 100 },
      birthDate: { type: 'string', format: 'date' },
    },
    additionalProperties: false,
  },
};
const openSchema = {
  body: {
    type: 'object',
    properties: {
      patient: uuid,
      reason: { type: 'string', enum: [...emergencyReasons] },
      text: { type: 'string', maxLength: reasonLength.most },
    },
    required: ['patient', 'reason', 'text'],
    additionalProperties: false,
  },
};
const reviewSchema = {
  ...byId,
  body: {
    type: 'object',
    properties: {
      decision: { type: 'string', enum: ['accepted', 'questioned'] },
      text: { type: 'string', maxLength: reasonLength.most },
    },
    required: ['decision'],
    additionalProperties: false,
  },
};
const listSchema = {
  querystring: {
    type: 'object',
    properties: {
      before: instant,
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    },
    additionalProperties: false,
  },
};

/** @throws Refusal `business-rule` (422) */
function requireWords(text: string | undefined, field: string): string {
  const said = text?.trim() ?? '';
  if (said.length < reasonLength.least)
    throw new Refusal('business-rule', {
      diagnostics: `say why, in ${reasonLength.least} characters or more`,
      expression: [field],
    });
  return said;
}

type ById = { Params: { id: string } };

export function breakGlassRoutes(http: FastifyInstance, deps: SharingDeps): void {
  const { access, clock, db, keys } = deps;

  const helper = (req: FastifyRequest, action: string, verb: 'R' | 'E'): Caller => {
    req.evidence.action = action;
    req.evidence.verb = verb;
    return requireRole(req, ...helpers);
  };
  /** A stranger's chart is care begun anew: who may not practise now opens none, and looks for nobody. */
  const licensed = (req: FastifyRequest, action: string, verb: 'R' | 'E'): Caller => {
    const caller = helper(req, action, verb);
    if (caller.licence && caller.licence.until <= caller.at)
      throw new Refusal('licence-required', { diagnostics: 'no verified licence in force' });
    return caller;
  };
  const auditor = (req: FastifyRequest, action: string, verb: 'R' | 'E'): Caller => {
    req.evidence.action = action;
    req.evidence.verb = verb;
    return requireRole(req, 'auditor');
  };

  http.post<{ Body: EmergencyFind }>('/break-glass/find', { schema: findSchema }, async (req) => {
    const caller = licensed(req, 'emergency-find', 'R');
    req.evidence.type = 'Patient';
    req.evidence.params.push(...Object.keys(req.body));
    const found = await findPatient(deps, caller, req.body);
    req.evidence.patients.push(...found.patients.map((one) => one.id));
    return found;
  });

  http.post<{ Body: OpenGlass }>('/break-glass', { schema: openSchema }, async (req) => {
    const caller = licensed(req, 'break-glass', 'E');
    req.evidence.patients.push(req.body.patient);
    const text = requireWords(req.body.text, 'text');
    const { opened, recorded } = await openGlass(deps, caller, { ...req.body, text });
    req.evidence.type = 'BreakGlass';
    req.evidence.rid = opened.id;
    req.evidence.recorded = recorded;
    req.caller = { ...caller, purpose: 'ETREAT' };
    return opened;
  });

  http.get('/break-glass/mine', async (req) => {
    const caller = helper(req, 'break-glass-mine', 'R');
    const live = await allLiveOf(db, caller.tenant, caller.id, caller.at);
    return { open: live.map(openedView) };
  });

  http.get<ById>('/break-glass/:id/summary', { schema: byId }, async (req) => {
    const caller = helper(req, 'emergency-summary', 'R');
    const { tenant, id: account, at: now } = caller;
    const { id } = req.params;
    req.evidence.type = 'BreakGlass';
    req.evidence.rid = id;
    const live = await liveOf(db, tenant, { account, id, now });
    if (!live) throw new Refusal('not-found');
    req.evidence.patients.push(live.patient);
    // The trail says of this look that it was an emergency.
    req.caller = { ...caller, purpose: 'ETREAT' };
    return emergencySummary(deps, req.caller, live);
  });

  http.post<ById>('/break-glass/:id/end', { schema: byId }, async (req, reply) => {
    req.evidence.action = 'break-glass-end';
    req.evidence.verb = 'E';
    req.evidence.type = 'BreakGlass';
    req.evidence.rid = req.params.id;
    const caller = requireRole(req, ...helpers, 'auditor');
    await closeGlass(deps, caller, req.params.id);
    req.evidence.recorded = true;
    return reply.status(204).send();
  });

  http.get<{ Querystring: { before?: number; limit: number } }>(
    '/break-glass',
    { schema: listSchema },
    async (req): Promise<{ rows: GlassRow[]; next?: number }> => {
      const { tenant } = auditor(req, 'break-glass-list', 'R');
      const { before = clock.now() + 1, limit } = req.query;
      const rows = await listGlass(db, keys, tenant, { before, limit });
      const people = await access.accounts.names(tenant, [
        ...new Set(rows.map((one) => one.account)),
      ]);
      const names = new Map(people.map((one) => [one.id, one.personal.name]));
      return {
        rows: rows.map((one) => ({
          ...openedView(one),
          account: one.account,
          name: names.get(one.account) ?? '',
          role: one.role,
          reason: one.reason,
          text: one.text,
          times: one.times,
          ...(one.ended !== null && { ended: new Date(one.ended).toISOString() }),
          ...(one.decision && { decision: one.decision }),
          ...(one.question && { question: one.question }),
        })),
        ...(rows.length === limit && { next: rows.at(-1)!.starts }),
      };
    },
  );

  http.post<ById & { Body: ReviewGlass }>(
    '/break-glass/:id/review',
    { schema: reviewSchema },
    async (req, reply) => {
      const caller = auditor(req, 'break-glass-review', 'E');
      req.evidence.type = 'BreakGlass';
      req.evidence.rid = req.params.id;
      const { decision, text } = req.body;
      const words = decision === 'questioned' ? requireWords(text, 'text') : undefined;
      await judgeGlass(deps, caller, req.params.id, {
        decision,
        ...(words !== undefined && { text: words }),
      });
      req.evidence.recorded = true;
      return reply.status(204).send();
    },
  );
}
