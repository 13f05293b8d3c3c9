/** Two people: one asks, another decides, and what was asked is done once, in the transaction of the decision. */
import { Refusal } from '@afar/fhir';
import type { Db, KeyRing, Queryable } from '@afar/platform';
import type { Audit, AuditEntry } from '../audit/entry.ts';
import { systemId, type Caller } from '../caller.ts';
import { isUuid, newId } from '../ids.ts';
import type { Notices } from '../notices/notices.ts';
import type { Approval, ApprovalKind } from './kind.ts';
import {
  approvalColumns,
  approvalOf,
  openApproval,
  sealApproval,
  type ApprovalRow,
} from './vault.ts';

/** A question nobody answered within a day is asked again, by somebody who still wants it. */
const lifetimeMs = 24 * 3_600_000;

/** Open questions of one person at a time: more is not asking but flooding. */
const mostOpen = 50;

export interface Approvals {
  /** Once for each kind, before the first request. @throws Error for a kind that is there */
  register<Body>(kind: string, it: ApprovalKind<Body>): void;
  /** Asked before something is carried out; what it throws is the answer, and nothing is decided. */
  guard(fn: (tenant: number, kind: string) => void): void;
  /**
   * Asks. Nothing happens until another decides; notices go to all other administrators.
   * @throws Refusal `invalid`, `forbidden` to the beneficiary, `throttled`
   */
  ask(caller: Caller, kind: string, body: unknown): Promise<Approval>;
  /**
   * Decides, never what one asked oneself or gains by. An approval carries it out in the same transaction.
   * The operator (a system caller at the machine that holds the keys) may decide what there is no second administrator for.
   * @throws Refusal `not-found`, `forbidden`, `conflict` when it was decided, is void, or its asker has lost her office
   */
  decide(
    caller: Caller,
    id: string,
    verdict: 'approve' | 'refuse',
  ): Promise<{ approval: Approval; result?: object }>;
  /** The asker thinks better of it. @throws Refusal `not-found`, `forbidden`, `conflict` */
  withdraw(caller: Caller, id: string): Promise<Approval>;
  /** Newest first. */
  list(tenant: number, limit: number): Promise<Approval[]>;
  /** How many administrators could decide what this one asks. */
  deciders(tenant: number, asker: string): Promise<number>;
}

const open = `select ${approvalColumns} from access.approval p where p.tenant = $1`;

const others = `select id from access.account
  where tenant = $1 and role = 'administrator' and status = 'active' and id <> $2`;

export function createApprovals(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  audit: Audit;
  notices: Notices;
}): Approvals {
  const { db, keys, clock, audit, notices } = deps;
  const kinds = new Map<string, ApprovalKind<unknown>>();
  const guards: ((tenant: number, kind: string) => void)[] = [];

  function kindOf(name: string): ApprovalKind<unknown> {
    const kind = kinds.get(name);
    if (!kind) throw new Error(`no such kind of approval: ${name}`);
    return kind;
  }

  const trail = (
    on: Queryable,
    caller: Caller,
    { action, ...more }: Pick<AuditEntry, 'action' | 'rid'>,
  ): Promise<void> =>
    audit.within(on, {
      tenant: caller.tenant,
      at: clock.now(),
      requestId: caller.requestId,
      who: caller.id,
      role: caller.role,
      ip: caller.ip,
      ...(caller.device && { device: caller.device }),
      verb: 'E',
      action,
      ...more,
      purpose: caller.purpose,
      outcome: 0,
    });

  async function tell(
    on: Queryable,
    tenant: number,
    accounts: readonly string[],
    kind: 'approval-asked' | 'approval-decided',
    about: Record<string, string | number>,
  ): Promise<void> {
    for (const account of accounts)
      await notices.tell({ tenant, to: { account }, kind, about }, on);
  }

  /** The open question, locked: two who decide at once stand in line, and the second finds it decided. */
  async function lockOpen(on: Queryable, tenant: number, id: string): Promise<ApprovalRow> {
    if (!isUuid(id)) throw new Refusal('not-found');
    const { rows } = await on.query<ApprovalRow>(`${open} and p.id = $2 for update`, [tenant, id]);
    const row = rows[0];
    if (!row) throw new Refusal('not-found');
    if (row.state !== 'open')
      throw new Refusal('conflict', { diagnostics: `this was ${row.state}` });
    if (row.expires <= clock.now())
      throw new Refusal('conflict', { diagnostics: 'nobody decided in time: ask again' });
    return row;
  }

  async function settle(
    on: Queryable,
    caller: Caller,
    row: ApprovalRow,
    state: ApprovalRow['state'],
  ): Promise<Approval> {
    const key = await keys.tenant(caller.tenant);
    const what = openApproval(caller.tenant, row, key);
    const after = { ...row, state, decided: clock.now(), decider: caller.id };
    await on.query(
      `update access.approval set state = $3, decided = $4, decider = $5, sealed = $6
       where tenant = $1 and id = $2`,
      [
        caller.tenant,
        row.id,
        state,
        after.decided,
        after.decider,
        sealApproval(caller.tenant, after, what, key),
      ],
    );
    return approvalOf(after, what.about);
  }

  /** Who was shut out, or lost the role she asked in, asks for nothing any more. */
  async function requireStanding(
    on: Queryable,
    tenant: number,
    { asker, asker_role }: ApprovalRow,
  ): Promise<void> {
    if (asker === systemId) return;
    const { rowCount } = await on.query(
      `select from access.account where tenant = $1 and id = $2 and role = $3 and status = 'active' for share`,
      [tenant, asker, asker_role],
    );
    if (rowCount !== 1)
      throw new Refusal('conflict', { diagnostics: 'who asked has no such office any more' });
  }

  const isOperator = (caller: Caller): boolean => caller.kind === 'system' && caller.wildcard;

  return {
    register(name, it) {
      if (kinds.has(name)) throw new Error(`this kind of approval is there: ${name}`);
      kinds.set(name, it as ApprovalKind<unknown>);
    },
    guard: (fn) => void guards.push(fn),
    async ask(caller, name, given) {
      const kind = kindOf(name);
      const { tenant } = caller;
      const body = kind.read(given);
      const about = kind.about(body);
      const beneficiary = kind.beneficiary?.(body);
      if (beneficiary === caller.id)
        throw new Refusal('forbidden', { diagnostics: 'not for yourself' });
      const asked = clock.now();
      const row = {
        id: newId(asked),
        kind: name,
        state: 'open' as const,
        asker: caller.id,
        asker_role: caller.role,
        beneficiary: beneficiary ?? null,
        asked,
        expires: asked + lifetimeMs,
        decided: null,
        decider: null,
      };
      const sealed = sealApproval(tenant, row, { body, about }, await keys.tenant(tenant));
      await db.tx(async (tx) => {
        const { rowCount } = await tx.query(
          `select from access.approval where tenant = $1 and asker = $2 and state = 'open' and expires > $3`,
          [tenant, caller.id, asked],
        );
        if (rowCount >= mostOpen)
          throw new Refusal('throttled', { diagnostics: 'too many open questions' });
        await tx.query(
          `insert into access.approval
             (tenant, id, kind, state, asker, asker_role, beneficiary, asked, expires, sealed)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          [
            tenant,
            row.id,
            name,
            row.state,
            row.asker,
            row.asker_role,
            row.beneficiary,
            asked,
            row.expires,
            sealed,
          ],
        );
        const { rows } = await tx.query<{ id: string }>(others, [tenant, caller.id]);
        const told = rows.map((one) => one.id).filter((one) => one !== beneficiary);
        await tell(tx, tenant, told, 'approval-asked', { approval: row.id, what: name });
        await trail(tx, caller, { action: `ask ${name}`, rid: row.id });
      });
      return approvalOf({ ...row, sealed }, about);
    },
    async decide(caller, id, verdict) {
      const { tenant } = caller;
      let after: (() => Promise<void>) | undefined;
      const done = await db.tx(async (tx) => {
        const row = await lockOpen(tx, tenant, id);
        if (!isOperator(caller)) {
          if (caller.role !== 'administrator') throw new Refusal('forbidden');
          if (caller.id === row.asker || caller.id === row.beneficiary)
            throw new Refusal('forbidden', { diagnostics: 'another administrator decides this' });
        }
        let result: object | undefined;
        let rid: string | undefined;
        if (verdict === 'approve') {
          for (const guard of guards) guard(tenant, row.kind);
          await requireStanding(tx, tenant, row);
          const kind = kindOf(row.kind);
          const what = openApproval(tenant, row, await keys.tenant(tenant));
          const body = kind.read(what.body);
          const ran = await kind.run({ id, tenant, asker: row.asker, decider: caller, body }, tx);
          ({ after, result, rid } = ran);
        }
        const approval = await settle(
          tx,
          caller,
          row,
          verdict === 'approve' ? 'approved' : 'refused',
        );
        await trail(tx, caller, { action: `${verdict} ${row.kind}`, rid: id });
        if (rid) await trail(tx, caller, { action: row.kind, rid });
        if (row.asker !== systemId)
          await tell(tx, tenant, [row.asker], 'approval-decided', {
            approval: id,
            what: row.kind,
            verdict: approval.state,
          });
        return { approval, ...(result && { result }) };
      });
      await after?.();
      return done;
    },
    withdraw(caller, id) {
      return db.tx(async (tx) => {
        const row = await lockOpen(tx, caller.tenant, id);
        if (row.asker !== caller.id) throw new Refusal('forbidden');
        const approval = await settle(tx, caller, row, 'withdrawn');
        await trail(tx, caller, { action: `withdraw ${row.kind}`, rid: id });
        return approval;
      });
    },
    async list(tenant, limit) {
      const { rows } = await db.query<ApprovalRow>(`${open} order by p.id desc limit $2`, [
        tenant,
        limit,
      ]);
      const key = await keys.tenant(tenant);
      return rows.map((row) => approvalOf(row, openApproval(tenant, row, key).about));
    },
    async deciders(tenant, asker) {
      const { rowCount } = await db.query(others, [tenant, asker]);
      return rowCount;
    },
  };
}
