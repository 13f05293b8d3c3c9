/** What a person should know of her account or chart, kept until she has read it; sealed, and nothing of it in a mail. */
import { aad, open, seal, type Db, type KeyRing, type Queryable } from '@afar/platform';
import { newId } from '../ids.ts';
import type { SignInRole } from '../contract.ts';
import type { KeptNotice, NoticeKind } from './kinds.ts';

export { noticeKinds, type KeptNotice, type NoticeKind } from './kinds.ts';

export interface Notice {
  tenant: number;
  /** An account, or everybody active in a role. */
  to: { account: string } | { role: SignInRole };
  kind: NoticeKind;
  /** Ids, instants, counts, names of staff: what the words need. Sealed at rest; no clinical content even so. */
  about?: Record<string, string | number>;
}

export interface Notices {
  /** Durable when it resolves. @param on a transaction to be part of */
  tell(notice: Notice, on?: Queryable): Promise<void>;
  /** Newest first. */
  list(tenant: number, account: string, limit: number): Promise<KeptNotice[]>;
  /** How many she has not read. */
  unread(tenant: number, account: string): Promise<number>;
  /** Marks as read; ids of others are left alone. */
  read(tenant: number, account: string, ids: readonly string[]): Promise<void>;
}

/** Ties what a notice says to whom and when it was said. */
export const bindNotice = (tenant: number, row: { id: string; account: string; kind: string }) =>
  aad('access.notice', tenant, row.id, row.account, row.kind);

interface Row {
  id: string;
  account: string;
  kind: NoticeKind;
  at: number;
  read: number | null;
  sealed: Buffer;
}

export function createNotices(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  /** Sends word that something waits, in the same transaction. */
  mail?: (
    on: Queryable,
    tenant: number,
    accounts: readonly string[],
    kind: NoticeKind,
  ) => Promise<void>;
  /** The same to her browsers. */
  push?: (
    on: Queryable,
    tenant: number,
    accounts: readonly string[],
    kind: NoticeKind,
  ) => Promise<void>;
}): Notices {
  const { db, keys, clock, mail, push } = deps;

  async function receivers({ tenant, to }: Notice, on: Queryable): Promise<string[]> {
    if ('account' in to) return [to.account];
    const { rows } = await on.query<{ id: string }>(
      `select id from access.account where tenant = $1 and role = $2 and status = 'active'`,
      [tenant, to.role],
    );
    return rows.map((row) => row.id);
  }

  const tell = async (notice: Notice, on: Queryable): Promise<void> => {
    const { tenant, kind, about = {} } = notice;
    const accounts = await receivers(notice, on);
    const key = await keys.tenant(tenant);
    const at = clock.now();
    const rows = accounts.map((account) => {
      const row = { id: newId(at), account, kind };
      return { ...row, sealed: seal(JSON.stringify(about), key, bindNotice(tenant, row)) };
    });
    await on.query(
      `insert into access.notice (tenant, id, account, kind, at, sealed)
         select $1, n.id, n.account, $2, $3, decode(n.sealed, 'hex')
         from unnest($4::uuid[], $5::uuid[], $6::text[]) n(id, account, sealed)`,
      [
        tenant,
        kind,
        at,
        rows.map((row) => row.id),
        rows.map((row) => row.account),
        rows.map((row) => row.sealed.toString('hex')),
      ],
    );
    await mail?.(on, tenant, accounts, kind);
    await push?.(on, tenant, accounts, kind);
  };

  return {
    tell: (notice, on) => (on ? tell(notice, on) : db.tx((tx) => tell(notice, tx))),
    async list(tenant, account, limit) {
      const { rows } = await db.query<Row>(
        `select id, account, kind, at, read, sealed from access.notice
         where tenant = $1 and account = $2 order by at desc, id desc limit $3`,
        [tenant, account, limit],
      );
      const key = await keys.tenant(tenant);
      return rows.map((row) => {
        const plain = open(row.sealed, key, bindNotice(tenant, row)).toString('utf8');
        const about = JSON.parse(plain) as KeptNotice['about'];
        const { id, at, kind } = row;
        return { id, at, kind, about, ...(row.read !== null && { read: row.read }) };
      });
    },
    async unread(tenant, account) {
      const { rows } = await db.query<{ n: number }>(
        `select count(*)::int as n from access.notice
         where tenant = $1 and account = $2 and read is null`,
        [tenant, account],
      );
      return rows[0]!.n;
    },
    async read(tenant, account, ids) {
      await db.query(
        `update access.notice set read = $4
         where tenant = $1 and account = $2 and id = any($3::uuid[]) and read is null`,
        [tenant, account, ids, clock.now()],
      );
    },
  };
}
