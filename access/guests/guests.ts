/** Guests: browsers that showed a share link and its PIN. A session of their own kind: no account, one link, an hour. */
import { batcher, within, type Db } from '@afar/platform';
import type { Caller } from '../caller.ts';
import { defaultPurpose } from '../caller.ts';
import { newId, newSecret, sha256 } from '../ids.ts';
import type { Endings } from '../sessions/endings.ts';

/** Long enough to read a record or to print it; the link may be opened again. */
const lifetimeMs = 60 * 60_000;

export interface Guest {
  tenant: number;
  id: string;
  link: string;
  expires: number;
}

export interface Guests {
  /** The live session of a cookie. */
  find(tenant: number, cookie: string): Promise<Guest | undefined>;
  /** @param until when the link ends, ms since epoch; @returns the cookie's value */
  begin(tenant: number, link: string, until: number): Promise<{ cookie: string; expires: number }>;
  /** Ends every session of a link: the next request is refused. */
  end(tenant: number, link: string): Promise<void>;
  /** Ends one session. */
  leave(tenant: number, id: string): Promise<void>;
  sweep(): Promise<void>;
}

interface Row extends Guest {
  hash: Buffer;
}

export function createGuests(deps: { db: Db; clock: { now(): number }; endings: Endings }): Guests {
  const { db, clock, endings } = deps;
  const load = batcher(async (asked: { tenant: number; hash: Buffer }[]) => {
    const byTenant = new Map<number, Buffer[]>();
    for (const { tenant, hash } of asked)
      byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), hash]);
    const found = new Map<string, Row>();
    for (const [tenant, hashes] of byTenant) {
      const { rows } = await within(tenant, () =>
        db.query<Row>({
          name: 'access.guest',
          text: 'select tenant, hash, id, link, expires from access.guest where tenant = $1 and hash = any($2)',
          values: [tenant, hashes],
        }),
      );
      for (const row of rows) found.set(`${tenant} ${row.hash.toString('latin1')}`, row);
    }
    return asked.map(({ tenant, hash }) => found.get(`${tenant} ${hash.toString('latin1')}`));
  });
  return {
    async find(tenant, cookie) {
      const row = await load({ tenant, hash: sha256(cookie) });
      return row && row.expires > clock.now() ? row : undefined;
    },
    async begin(tenant, link, until) {
      const now = clock.now();
      const cookie = newSecret();
      const expires = Math.min(until, now + lifetimeMs);
      await db.query(
        'insert into access.guest (tenant, hash, id, link, created, expires) values ($1, $2, $3, $4, $5, $6)',
        [tenant, sha256(cookie), newId(now), link, now, expires],
      );
      return { cookie, expires };
    },
    async end(tenant, link) {
      await db.query('delete from access.guest where tenant = $1 and link = $2', [tenant, link]);
      await endings.tell(tenant, link);
    },
    async leave(tenant, id) {
      await db.query('delete from access.guest where tenant = $1 and id = $2', [tenant, id]);
    },
    async sweep() {
      await db.query('delete from access.guest where expires < $1', [clock.now() - 60_000]);
    },
  };
}

/** Who a guest is: the link itself. What she may see are the link's grants, nothing more. */
export function callerOfGuest(
  guest: Guest,
  req: { id: string; ip: string },
  at: number,
  device: string | undefined,
): Caller {
  return {
    tenant: guest.tenant,
    id: guest.link,
    kind: 'guest',
    role: 'guest',
    principals: [guest.link],
    wildcard: false,
    mfa: true,
    session: guest.id,
    purpose: defaultPurpose('guest'),
    locale: 'en',
    at,
    requestId: req.id,
    ip: req.ip,
    ...(device && { device }),
  };
}

/**
 * Where a guest may go: reading and searching by type, and the pages of her link. Everything else (exports, `$everything`,
 * GraphQL, histories, subscriptions, batches, writes) is closed to her, whatever her grants are.
 */
const open: readonly [methods: readonly string[], place: RegExp][] = [
  [['GET', 'HEAD'], /^\/api\/shared(?:\/|$)/],
  [['POST'], /^\/api\/links\/(?:open|leave)$/],
  [['GET', 'HEAD'], /^\/fhir\/R4\/(?::\w+|[A-Z]\w+)(?:\/:\w+)?$/],
  [['POST'], /^\/fhir\/R4\/(?::\w+|[A-Z]\w+)\/_search$/],
  [['GET'], /^\/api\/lockdown$/],
];

/** @param place the route's pattern, never the address as it was sent */
export const guestMay = (method: string, place: string): boolean =>
  open.some(([methods, where]) => methods.includes(method) && where.test(place));
