/** Rows of subscriptions and their events: what is sealed in them, and what the seal binds. */
import type { StoodFor } from '@afar/access';
import type { Subscription } from '@afar/fhir';
import { aad, open, seal, type KeyRing, type Queryable } from '@afar/platform';
import type { Interaction } from './topics.ts';

export type Status = 'requested' | 'active' | 'error' | 'off';

/** What decides for whom and whether something is delivered: bound, so that an edited column does not open. */
export interface Bound {
  tenant: number;
  id: string;
  creator: string;
  version: number;
  status: Status;
  channel: 'rest-hook' | 'websocket';
}

export interface Kept extends Bound {
  /** ms since epoch. */
  updated: number;
  /** As it was sent; status, error and meta are the columns'. */
  resource: Subscription;
  /** Whom it runs as. */
  runsAs: StoodFor;
  ends: number | null;
  since: string | null;
  events: number;
  sent: number;
  failures: number;
  told_at: number;
}

export interface Row extends Bound {
  updated: number;
  sealed: Buffer;
  ends: number | null;
  since: string | null;
  events: number;
  sent: number;
  failures: number;
  told_at: number;
}

export const columns =
  'tenant, id, creator, version, updated, status, channel, sealed, ends, since, events, sent, failures, told_at';

export const bind = ({ tenant, id, creator, version, status, channel }: Bound): Buffer =>
  aad('exchange.subscription', tenant, id, creator, version, status, channel);

export async function sealKept(keys: KeyRing, one: Kept): Promise<Buffer> {
  const inside = JSON.stringify({ resource: one.resource, runsAs: one.runsAs });
  return seal(inside, await keys.tenant(one.tenant), bind(one));
}

/** @throws SealBroken for a row that was edited or swapped */
export async function openRow(keys: KeyRing, row: Row): Promise<Kept> {
  const { sealed, ...columnsOf } = row;
  const text = open(sealed, await keys.tenant(row.tenant), bind(row)).toString('utf8');
  const { resource, runsAs } = JSON.parse(text) as Pick<Kept, 'resource' | 'runsAs'>;
  if (runsAs.id !== row.creator || runsAs.tenant !== row.tenant)
    throw new Error('a subscription runs as somebody else than who made it');
  return { ...columnsOf, resource, runsAs };
}

/** The resource as it is told: with the state the house gave it. Secrets in its headers are its creator's own. */
export function shown({ resource, id, version, updated, status }: Kept): Subscription {
  const { versionId: _v, lastUpdated: _l, ...meta } = resource.meta ?? {};
  const versionId = String(version);
  const lastUpdated = new Date(updated).toISOString();
  const head = { resourceType: resource.resourceType, id };
  return { ...head, ...resource, id, meta: { ...meta, versionId, lastUpdated }, status };
}

export async function insertKept(sql: Queryable, keys: KeyRing, one: Kept): Promise<void> {
  await sql.query(
    `insert into exchange.subscription (tenant, id, creator, version, updated, status, channel, sealed, ends)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      one.tenant,
      one.id,
      one.creator,
      one.version,
      one.updated,
      one.status,
      one.channel,
      await sealKept(keys, one),
      one.ends,
    ],
  );
}

/** Changes what is bound, under the next version. @returns false when somebody was faster */
export async function saveKept(sql: Queryable, keys: KeyRing, one: Kept): Promise<boolean> {
  const next = { ...one, version: one.version + 1 };
  const { rowCount } = await sql.query(
    `update exchange.subscription set version = $4, updated = $5, status = $6, channel = $7, sealed = $8, ends = $9,
       creator = $10, holder = null, lease = 0
     where tenant = $1 and id = $2 and version = $3`,
    [
      one.tenant,
      one.id,
      one.version,
      next.version,
      next.updated,
      next.status,
      next.channel,
      await sealKept(keys, next),
      next.ends,
      next.creator,
    ],
  );
  return rowCount === 1;
}

/** What has to be matched has changed: in the same transaction as the change. */
export async function bumpGeneration(sql: Queryable): Promise<void> {
  await sql.query(
    `insert into exchange.cursor (name, xid, seq, generation)
     values ('changes', pg_snapshot_xmin(pg_current_snapshot()), 0, 1)
     on conflict (name) do update set generation = exchange.cursor.generation + 1`,
  );
}

/** What an event is about. */
export interface About {
  type: string;
  /** As it stands in an address. */
  id: string;
  version: number;
  interaction: Interaction;
  /** rid of the patient it belongs to, for the trail. */
  owner?: string;
}

export interface EventRow {
  number: number;
  at: number;
  about: About;
}

export const bindEvent = (tenant: number, subscription: string, number: number): Buffer =>
  aad('exchange.subscription_event', tenant, subscription, number);

/** Adds events under the numbers that follow. One statement: numbers without gaps, and what is due. */
export async function appendEvents(
  sql: Queryable,
  keys: KeyRing,
  of: { tenant: number; id: string },
  abouts: readonly About[],
  now: number,
): Promise<void> {
  const { rows } = await sql.query<{ events: number }>(
    `update exchange.subscription set events = events + $3,
       next_at = case when channel <> 'rest-hook' then null
         when failures > 0 then coalesce(next_at, $4::bigint) else least(next_at, $4::bigint) end
     where tenant = $1 and id = $2 and status = 'active' returning events`,
    [of.tenant, of.id, abouts.length, now],
  );
  // Turned off, or gone, meanwhile: nobody waits for it.
  if (!rows[0]) return;
  const first = rows[0].events - abouts.length + 1;
  const key = await keys.tenant(of.tenant);
  await sql.query(
    `insert into exchange.subscription_event (tenant, subscription, number, at, sealed)
     select $1, $2, n, $5, s from unnest($3::bigint[], $4::bytea[]) as e(n, s)`,
    [
      of.tenant,
      of.id,
      abouts.map((_, at) => first + at),
      abouts.map((one, at) =>
        seal(JSON.stringify(one), key, bindEvent(of.tenant, of.id, first + at)),
      ),
      now,
    ],
  );
}

/** Events from one number to another, both included, in order. Those past their time are no longer there. */
export async function eventsOf(
  sql: Queryable,
  keys: KeyRing,
  of: { tenant: number; id: string },
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<EventRow[]> {
  const { rows } = await sql.query<{ number: number; at: number; sealed: Buffer }>({
    name: 'exchange.events',
    text: `select number, at, sealed from exchange.subscription_event
      where tenant = $1 and subscription = $2 and number between $3 and $4 order by number limit $5`,
    values: [of.tenant, of.id, from, to, limit],
  });
  const key = await keys.tenant(of.tenant);
  return rows.map(({ number, at, sealed }) => ({
    number,
    at,
    about: JSON.parse(open(sealed, key, bindEvent(of.tenant, of.id, number)).toString()) as About,
  }));
}
