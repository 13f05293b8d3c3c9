/** Licences: entered by one person, decided by another, ended by time; powerless in between. */
import { isPlace, Refusal, type OperationOutcomeIssue } from '@afar/fhir';
import { SealBroken, type DataKey, type Db, type KeyRing, type Queryable } from '@afar/platform';
import type { Accounts } from '../accounts/accounts.ts';
import type { Caller } from '../caller.ts';
import { newId } from '../ids.ts';
import type { Notices } from '../notices/notices.ts';
import type { DecideLicenceRequest, Licence, LicenceState, LicenceWords } from './contract.ts';
import type { Standings } from './standing.ts';
import {
  licenceColumns,
  openLicence,
  sealLicence,
  type KeptState,
  type LicenceRow,
  type Sealed,
} from './vault.ts';

const day = 86_400_000;
/** One person's: renewals and several authorities; more is a mistake. */
const mostOfOne = 50;
const mostListed = 500;

/** The states a decision starts from, and where it leads. */
const steps: Record<DecideLicenceRequest['decision'], [from: KeptState, to: KeptState]> = {
  verify: ['submitted', 'verified'],
  reject: ['submitted', 'rejected'],
  suspend: ['verified', 'suspended'],
  restore: ['suspended', 'verified'],
};

export interface VerifiedLicence {
  id: string;
  practitioner: string;
  number: string;
  authority: string;
  profession: string;
  jurisdictions: string[];
  /** ms since epoch. */
  from: number;
  expires: number;
}

export interface LicenceOffice {
  /** @throws Refusal `invalid` with every fault, `business-rule` for an account that cannot have one, `conflict` */
  submit(caller: Caller, account: string, words: LicenceWords): Promise<Licence>;
  /** @throws Refusal `forbidden` for one's own and what one entered, `conflict`, `not-found` */
  decide(caller: Caller, id: string, asked: DecideLicenceRequest): Promise<Licence>;
  of(caller: Caller, account: string): Promise<Licence[]>;
  list(caller: Caller, view: 'waiting' | 'ending' | 'all'): Promise<Licence[]>;
  /** In force now: for the directory of the house. */
  verified(tenant: number): Promise<VerifiedLicence[]>;
}

const fault = (expression: string, diagnostics: string): OperationOutcomeIssue => ({
  severity: 'error',
  code: 'invalid',
  expression: [expression],
  diagnostics,
});

/** @throws Refusal `invalid`, one issue per fault; @returns the instant after the last day, in UTC */
export function readWords(words: LicenceWords, now: number): number {
  const last = Date.parse(`${words.lastDay}T00:00:00Z`);
  const whole = new Date(Number.isNaN(last) ? 0 : last).toISOString().startsWith(words.lastDay);
  const expires = last + day;
  const codes = words.jurisdictions;
  const issues = [
    ...(['number', 'authority', 'profession'] as const)
      .filter((name) => !words[name].trim())
      .map((name) => fault(name, 'must not be empty')),
    ...(!whole ? [fault('lastDay', 'a day, YYYY-MM-DD')] : []),
    ...(whole && expires <= now ? [fault('lastDay', 'it has ended already')] : []),
    ...(whole && expires > now + 50 * 366 * day ? [fault('lastDay', 'too far ahead')] : []),
    ...(new Set(codes).size < codes.length ? [fault('jurisdictions', 'each once')] : []),
    ...codes.flatMap((code, at) =>
      isPlace(code) ? [] : [fault(`jurisdictions[${at}]`, 'a code of ISO 3166-1 or 3166-2')],
    ),
  ];
  if (issues.length) throw new Refusal('invalid', { status: 422, issues });
  return expires;
}

/** What was edited outside the program counts for nothing: it is no licence. */
function openIfWhole(row: LicenceRow, key: DataKey): Sealed | undefined {
  try {
    return openLicence(row, key);
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

export function createLicenceOffice(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  accounts: Accounts;
  notices: Notices;
  standings: Standings;
}): LicenceOffice {
  const { db, keys, clock, accounts, notices, standings } = deps;

  function shown(caller: Caller, row: LicenceRow, words: Sealed, name?: string): Licence {
    const ended = row.state === 'verified' && row.expires <= clock.now();
    const state: LicenceState = ended ? 'expired' : row.state;
    const { number, authority, profession, reason } = words;
    return {
      id: row.id,
      account: row.account,
      ...(name !== undefined && { name }),
      state,
      number,
      authority,
      profession,
      jurisdictions: row.jurisdictions,
      lastDay: new Date(row.expires - day).toISOString().slice(0, 10),
      expires: row.expires,
      enteredAt: row.entered_at,
      mine: row.entered_by === caller.id || row.account === caller.id,
      ...(row.decided_at !== null && { decidedAt: row.decided_at }),
      ...(reason !== undefined && { reason }),
    };
  }

  async function rowsOf(
    on: Queryable,
    tenant: number,
    where: string,
    values: unknown[],
  ): Promise<LicenceRow[]> {
    const { rows } = await on.query<LicenceRow>(
      `select ${licenceColumns} from access.licence l where l.tenant = $1 and ${where}`,
      [tenant, ...values],
    );
    return rows;
  }

  async function opened(caller: Caller, rows: LicenceRow[], named: boolean): Promise<Licence[]> {
    const key = await keys.tenant(caller.tenant);
    const ids = [...new Set(rows.map((row) => row.account))];
    const people = named ? await accounts.names(caller.tenant, ids) : [];
    const names = new Map(people.map((one) => [one.id, one.personal.name]));
    return rows.map((row) => shown(caller, row, openLicence(row, key), names.get(row.account)));
  }

  return {
    async submit(caller, account, words) {
      const { tenant } = caller;
      const now = clock.now();
      const expires = readWords(words, now);
      const person = await accounts.get(tenant, account);
      if (!person || person.status !== 'active') throw new Refusal('not-found');
      if (person.fhirUser?.type !== 'Practitioner')
        throw new Refusal('business-rule', {
          diagnostics: 'this account stands for no clinician of the directory',
        });
      const row = {
        tenant,
        id: newId(now),
        account,
        practitioner: person.fhirUser.id,
        version: 1,
        state: 'submitted' as const,
        jurisdictions: words.jurisdictions.toSorted(),
        expires,
        entered_by: caller.id,
        entered_at: now,
        decided_by: null,
        decided_at: null,
      };
      const number = words.number.trim();
      const authority = words.authority.trim();
      const kept: Sealed = { number, authority, profession: words.profession.trim() };
      const sealed = sealLicence(row, kept, await keys.tenant(tenant));
      await db.tx(async (tx) => {
        const before = await rowsOf(tx, tenant, 'l.account = $2', [account]);
        if (before.length >= mostOfOne)
          throw new Refusal('conflict', {
            diagnostics: `${mostOfOne} licences are entered already`,
          });
        await tx.query(
          `insert into access.licence (tenant, id, account, practitioner, version, state, jurisdictions, expires,
             entered_by, entered_at, sealed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
          [
            tenant,
            row.id,
            account,
            row.practitioner,
            row.version,
            row.state,
            row.jurisdictions,
            expires,
            row.entered_by,
            now,
            sealed,
          ],
        );
        // What the house enters itself (the demo) waits for nobody.
        if (caller.kind !== 'user') return;
        await notices.tell(
          {
            tenant,
            to: { role: 'administrator' },
            kind: 'licence-submitted',
            about: { licence: row.id },
          },
          tx,
        );
      });
      return shown(caller, { ...row, sealed }, kept);
    },
    async decide(caller, id, { decision, reason }) {
      const { tenant } = caller;
      const [from, to] = steps[decision];
      const needed = decision === 'reject' || decision === 'suspend';
      const why = reason?.trim();
      if (needed && !why)
        throw new Refusal('invalid', { status: 422, issues: [fault('reason', 'say why')] });
      const key = await keys.tenant(tenant);
      const { row, words } = await db.tx(async (tx) => {
        const [before] = await rowsOf(tx, tenant, 'l.id = $2 for update', [id]);
        if (!before) throw new Refusal('not-found');
        if (before.account === caller.id)
          throw new Refusal('forbidden', { diagnostics: 'nobody decides on her own licence' });
        // Suspending is one person's to do, at once; giving power takes a second one.
        if (to === 'verified' && before.entered_by === caller.id)
          throw new Refusal('forbidden', {
            diagnostics: 'another person verifies what you entered',
          });
        if (decision === 'restore' && before.decided_by === caller.id)
          throw new Refusal('forbidden', {
            diagnostics: 'another person restores what you suspended',
          });
        if (before.state !== from)
          throw new Refusal('conflict', { diagnostics: `it is ${before.state}` });
        if (to === 'verified' && before.expires <= clock.now())
          throw new Refusal('conflict', { diagnostics: 'it has ended' });
        const { reason: _was, ...kept } = openLicence(before, key);
        const words: Sealed = { ...kept, ...(needed && { reason: why! }) };
        const row = {
          ...before,
          version: before.version + 1,
          state: to,
          decided_by: caller.id,
          decided_at: clock.now(),
        };
        await tx.query(
          `update access.licence set version = $3, state = $4, decided_by = $5, decided_at = $6, sealed = $7
           where tenant = $1 and id = $2`,
          [tenant, id, row.version, to, caller.id, row.decided_at, sealLicence(row, words, key)],
        );
        const about = { licence: id, state: to };
        await notices.tell(
          { tenant, to: { account: before.account }, kind: 'licence-changed', about },
          tx,
        );
        return { row, words };
      });
      await standings.tell(tenant);
      return shown(caller, row, words);
    },
    async of(caller, account) {
      const rows = await rowsOf(
        db,
        caller.tenant,
        'l.account = $2 order by l.entered_at desc, l.id',
        [account],
      );
      return opened(caller, rows, false);
    },
    async list(caller, view) {
      const now = clock.now();
      const where = {
        waiting: [`l.state = 'submitted' order by l.entered_at, l.id`],
        // What ended lately is still to be renewed.
        ending: [
          `l.state = 'verified' and l.expires between $2 and $3 order by l.expires, l.id`,
          now - 30 * day,
          now + 60 * day,
        ],
        all: ['true order by l.state, l.expires, l.id'],
      } as const;
      const [text, ...values] = where[view];
      const rows = await rowsOf(db, caller.tenant, `${text} limit ${mostListed}`, values);
      return opened(caller, rows, true);
    },
    async verified(tenant) {
      const key = await keys.tenant(tenant);
      const rows = await rowsOf(
        db,
        tenant,
        `l.state = 'verified' and l.expires > $2 order by l.practitioner, l.entered_at, l.id`,
        [clock.now()],
      );
      return rows.flatMap((row) => {
        const words = openIfWhole(row, key);
        if (!words) return [];
        const { number, authority, profession } = words;
        const { id, practitioner, jurisdictions, expires } = row;
        const from = row.decided_at ?? row.entered_at;
        return [{ id, practitioner, number, authority, profession, jurisdictions, from, expires }];
      });
    },
  };
}
