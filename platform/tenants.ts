/** The clinics of an installation: which host name is whose, and who is served. Kept in memory, read anew when it changes. */
import type { Clock } from './clock.ts';
import type { Db } from './database/sql.ts';
import type { Events } from './events.ts';
import type { Log } from './log.ts';

export interface Tenant {
  id: number;
  name: string;
  status: 'active' | 'suspended';
  /** Where it is kept; a word of the operator's. */
  region: string;
  /** Lower case, without a port. */
  hosts: string[];
}

export interface NewTenant {
  name: string;
  hosts: string[];
  region?: string;
}

export interface Tenants {
  /**
   * Whose a `Host` is. With one tenant every host is its; with several, those named for it, and the base address is tenant 1's.
   * A suspended tenant is no answer.
   */
  of(host: string): number | undefined;
  /** The tenant of work that names none: the only one, while there is one. */
  only(): number | undefined;
  /** All of them, by number. */
  list(): Tenant[];
  /** The tenant's public address without a trailing slash: for absolute links and as the issuer of its tokens. */
  baseUrl(tenant: number): string;
  /** @throws TenantFault when a host name is malformed, or another's */
  create(asked: NewTenant): Promise<Tenant>;
  /** @throws TenantFault when there is no such tenant */
  setStatus(id: number, status: Tenant['status']): Promise<void>;
  /** Called after something changed here or elsewhere. Returns the way to stop. */
  onChange(fn: () => void): () => void;
  close(): void;
}

/** What an operator asked for cannot be. The message is for her. */
export class TenantFault extends Error {}

const channel = 'tenants';
const hostName =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The name in a `Host` header: lower case, without port and final dot. */
const nameIn = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');

/** @param opts.baseUrl tenant 1's public address; the others have its scheme and port */
export async function openTenants(opts: {
  db: Db;
  events: Events;
  clock: Clock;
  log: Log;
  baseUrl: string;
}): Promise<Tenants> {
  const { db, events, clock, log } = opts;
  const base = new URL(opts.baseUrl);
  const listeners = new Set<() => void>();
  let all = new Map<number, Tenant>();
  let byHost = new Map<string, number>();
  let reading: Promise<void> | undefined;
  let again = false;

  async function load(): Promise<void> {
    const { rows } = await db.query<Tenant>({
      name: 'platform.tenants',
      text: `select id, name, status, region,
               array(select h.name from platform.host h where h.of_tenant = t.id order by h.name) as hosts
             from platform.tenant t order by id`,
    });
    all = new Map(rows.map((row) => [row.id, row]));
    byHost = new Map([[nameIn(base.host), 1]]);
    for (const { id, hosts } of rows) for (const host of hosts) byHost.set(host, id);
  }

  /** A change that comes while one is read is read behind it. */
  function refresh(): void {
    again = reading !== undefined;
    reading ??= load()
      .then(() => listeners.forEach((fn) => fn()))
      .catch((error: unknown) => log.warn({ err: error }, 'the tenants could not be read anew'))
      .finally(() => {
        reading = undefined;
        if (again) refresh();
      });
  }

  async function changed(): Promise<void> {
    await load();
    listeners.forEach((fn) => fn());
    await events.publish(channel, {});
  }

  await load();
  const stop = events.subscribe(channel, refresh, refresh);

  const served = (id: number | undefined): number | undefined =>
    id !== undefined && all.get(id)?.status === 'active' ? id : undefined;

  return {
    of(host) {
      if (all.size === 1) return served([...all.keys()][0]);
      return served(byHost.get(nameIn(host)));
    },
    only: () => (all.size === 1 ? [...all.keys()][0] : undefined),
    list: () => [...all.values()],
    baseUrl(tenant) {
      const host = tenant === 1 ? undefined : all.get(tenant)?.hosts[0];
      if (host === undefined) return opts.baseUrl;
      return `${base.protocol}//${host}${base.port && `:${base.port}`}`;
    },
    async create({ name, hosts, region = 'home' }) {
      const names = hosts.map(nameIn);
      const fault = names.find((one) => !hostName.test(one));
      if (fault !== undefined || names.length === 0 || !name.trim())
        throw new TenantFault('a tenant needs a name and the host names it is reached by');
      if (names.includes(nameIn(base.host)))
        throw new TenantFault(
          `${nameIn(base.host)} is the first tenant's: it is in the base address`,
        );
      const id = await db.tx(async (tx) => {
        // Numbers are given one after another; whoever makes two at once takes turns.
        await tx.query(`select pg_advisory_xact_lock(4197020)`);
        const { rows } = await tx.query<{ id: number }>(
          `insert into platform.tenant (id, name, status, region, created)
           select max(id) + 1, $1, 'active', $2, $3 from platform.tenant returning id`,
          [name.trim(), region, clock.now()],
        );
        const { rowCount } = await tx.query(
          `insert into platform.host (name, of_tenant) select unnest($1::text[]), $2 on conflict do nothing`,
          [[...new Set(names)], rows[0]!.id],
        );
        if (rowCount !== new Set(names).size)
          throw new TenantFault('one of the host names is another tenant’s');
        return rows[0]!.id;
      });
      await changed();
      return all.get(id)!;
    },
    async setStatus(id, status) {
      const { rowCount } = await db.query(`update platform.tenant set status = $2 where id = $1`, [
        id,
        status,
      ]);
      if (rowCount === 0) throw new TenantFault(`there is no tenant ${id}`);
      await changed();
    },
    onChange(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    close: stop,
  };
}
