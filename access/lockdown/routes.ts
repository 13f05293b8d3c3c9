/** /api/lockdown: how it stands, for everybody; the switch, for administrators who have just shown who they are. */
import type { FastifyInstance } from 'fastify';
import { requireFresh, requireRole } from '../may.ts';
import type { EngageRequest, LiftAnswer, LockdownEngaged, LockdownState } from './contract.ts';
import { everywhere } from './flag.ts';
import type { Lockdown } from './lockdown.ts';

const engageSchema = {
  body: {
    type: 'object',
    properties: {
      mode: { type: 'string', enum: ['read-only', 'closed'] },
      reason: { type: 'string', minLength: 1, maxLength: 500 },
    },
    required: ['mode', 'reason'],
    additionalProperties: false,
  },
};

export function lockdownRoutes(
  http: FastifyInstance,
  { lockdown, tenantOf }: { lockdown: Lockdown; tenantOf(host: string): number },
): void {
  // For the banner on every open page, asked again and again: from memory, nobody's data, no event in the trail.
  http.get<{ Reply: LockdownState }>('/state/lockdown', async (req, reply) => {
    void reply.header('cache-control', 'no-store');
    const lock = lockdown.flag.lockOf(tenantOf(req.host));
    if (!lock) return Promise.resolve({});
    const { tenant, mode, since } = lock;
    return Promise.resolve({ mode, since, scope: tenant === everywhere ? 'everywhere' : 'clinic' });
  });

  http.get<{ Reply: LockdownState }>('/api/lockdown', async (req, reply) => {
    req.evidence.action = 'lockdown-state';
    void reply.header('cache-control', 'no-store');
    const { caller } = req;
    const lock = lockdown.flag.lockOf(caller?.tenant ?? tenantOf(req.host));
    if (!lock) return {};
    const { tenant, mode, since } = lock;
    const state: LockdownState = {
      mode,
      since,
      scope: tenant === everywhere ? 'everywhere' : 'clinic',
    };
    const tells = caller?.mfa && (caller.role === 'administrator' || caller.role === 'auditor');
    if (!tells) return state;
    const standing = await lockdown.standing(caller.tenant);
    const lifting = await lockdown.lifting(caller, tenant);
    return {
      ...state,
      ...(standing && { reason: standing.reason }),
      ...(lifting &&
        caller.role === 'administrator' && {
          lifting: {
            approval: lifting.id,
            asker: lifting.asker,
            mine: lifting.asker === caller.id,
            until: lifting.expires,
          },
        }),
    };
  });

  http.post<{ Body: EngageRequest; Reply: LockdownEngaged }>(
    '/api/lockdown',
    { schema: engageSchema },
    async (req) => {
      Object.assign(req.evidence, { action: `lockdown-${req.body.mode}`, verb: 'E' });
      requireRole(req, 'administrator');
      const caller = requireFresh(req);
      const { mode, reason } = req.body;
      const { tenant, session: keep } = caller;
      const settled = await lockdown.engage(caller, { tenant, mode, reason, keep });
      return { mode, since: caller.at, scope: 'clinic', reason, settled };
    },
  );

  http.post<{ Reply: LiftAnswer }>('/api/lockdown/lift', async (req, reply) => {
    Object.assign(req.evidence, { action: 'lockdown-lift', verb: 'E' });
    requireRole(req, 'administrator');
    const caller = requireFresh(req);
    const lock = await lockdown.standing(caller.tenant);
    const lifted = await lockdown.lift(caller, lock?.tenant ?? caller.tenant);
    if (!lifted) void reply.code(202);
    return { lifted };
  });
}
