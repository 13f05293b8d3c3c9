/** /api/office/approvals: what waits for a second administrator, and her word. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Approval } from '../approvals/kind.ts';
import { systemId, type Caller } from '../caller.ts';
import type { ApprovalList, AskedUser, ApprovalView, DecidedApproval } from '../contract.ts';
import { requireFresh, requireRole } from '../may.ts';

const most = 100;

interface Deps {
  approvals: Approvals;
  accounts: Accounts;
  clock: { now(): number };
}

/** As one administrator sees them. */
export async function approvalViews(
  { accounts, clock }: Omit<Deps, 'approvals'>,
  caller: Pick<Caller, 'tenant' | 'id'>,
  found: Approval[],
): Promise<ApprovalView[]> {
  const ids = found.flatMap((one) => [one.asker, ...(one.decider ? [one.decider] : [])]);
  const people = await accounts.names(caller.tenant, [...new Set(ids)]);
  const names = new Map(people.map((one) => [one.id, one.personal.name]));
  const who = (id: string) => ({ id, ...(id !== systemId && { name: names.get(id) ?? id }) });
  const now = clock.now();
  return found.map(({ beneficiary, asker, decider, state, ...one }): ApprovalView => {
    const open = state === 'open' && one.expires > now;
    const mine = asker === caller.id;
    return {
      ...one,
      state: state === 'open' && !open ? 'expired' : state,
      asker: who(asker),
      ...(decider && { decider: who(decider) }),
      may: !open
        ? []
        : mine
          ? ['withdraw']
          : beneficiary === caller.id
            ? []
            : ['approve', 'refuse'],
    };
  });
}

/** Asks a second administrator, and says what the first one is shown of it. */
export async function askSecond(
  deps: Deps,
  caller: Caller,
  kind: string,
  body: object,
): Promise<Pick<AskedUser, 'approval' | 'deciders'>> {
  const approval = await deps.approvals.ask(caller, kind, body);
  const [view] = await approvalViews(deps, caller, [approval]);
  return { approval: view!, deciders: await deps.approvals.deciders(caller.tenant, caller.id) };
}

export function approvalRoutes(http: FastifyInstance, deps: Deps): void {
  const { approvals } = deps;

  http.get<{ Reply: ApprovalList }>('/api/office/approvals', async (req) => {
    req.evidence.action = 'list-approvals';
    const caller = requireRole(req, 'administrator');
    const found = await approvals.list(caller.tenant, most);
    return { approvals: await approvalViews(deps, caller, found) };
  });

  for (const verdict of ['approve', 'refuse', 'withdraw'] as const)
    http.post<{ Params: { id: string }; Reply: DecidedApproval }>(
      `/api/office/approvals/:id/${verdict}`,
      async (req, reply) => {
        Object.assign(req.evidence, { action: `${verdict}-approval`, verb: 'E' });
        const caller = requireRole(req, 'administrator');
        requireFresh(req);
        const { id } = req.params;
        const { approval, result } =
          verdict === 'withdraw'
            ? { approval: await approvals.withdraw(caller, id), result: undefined }
            : await approvals.decide(caller, id, verdict);
        req.evidence.rid = approval.id;
        // The domain's own events were written with the deed.
        req.evidence.recorded = true;
        const [view] = await approvalViews(deps, caller, [approval]);
        if (!view) throw new Refusal('not-found');
        void reply.header('cache-control', 'no-store');
        return { approval: view, ...(result && { result: { ...result } }) };
      },
    );
}
