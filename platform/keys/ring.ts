/** The key ring: hands out data keys, keeps the ones in use in memory for a bounded time. */
import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { currentVersions, dataKey, type DataKey } from './data-key.ts';
import { KeyErased, KeyUnavailable } from './errors.ts';
import { openKeystore, type Keystore, type KeyRow } from './keystore.ts';
import type { KeyProvider } from './provider.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

/** The only way to a key. Every key it returns is durable in the keystore already. */
export interface KeyRing {
  /** The clinic's own key, made on first use. Throws KeyUnavailable. */
  tenant(tenant: number): Promise<DataKey>;
  /** A new key nobody else has or will get: ready to seal the first ciphertext. */
  reserve(tenant: number): Promise<DataKey>;
  /** A key by the id in a header. Throws KeyErased, KeyUnavailable. */
  byId(tenant: number, kid: string): Promise<DataKey>;
  /** The same without waiting: undefined when it is not in memory (any more). */
  cached(tenant: number, kid: string): DataKey | undefined;
  /** Destroys a key for good, on the disk and in this process; in others within `noticeMs`. */
  erase(tenant: number, kid: string): Promise<void>;
  /** Wraps every key of the clinic anew and destroys the old wrapping key; returns the new epoch. */
  rotate(tenant: number): Promise<number>;
  close(): void;
}

export interface KeyRingOptions {
  dir: string;
  provider: KeyProvider;
  clock: { now(): number };
  /** How long a clinic stays readable when the provider is down, ms. Half of it in, it is asked again. */
  lifetimeMs?: number;
  /** Data keys kept in memory: about 1 KB each. */
  cacheSize?: number;
  /** How soon another process's erasure is noticed, ms. */
  noticeMs?: number;
}

interface Spare {
  kid: string;
  secret: Buffer;
}

interface Tenant {
  epoch: number;
  wrapping: KeyObject;
  own: DataKey;
  since: number;
}

interface Pool {
  spares: Spare[];
  batch: number;
  filling?: Promise<void>;
}

// A process that dies leaves its unused spares behind as rows nobody names (about 200 bytes each):
// small first batches keep that small, doubling keeps an import from syncing often.
const FIRST_BATCH = 32;
const LARGEST_BATCH = 512;

/** Opens the ring over `dir` (the folder of the keystore). Several processes may share it. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { provider, clock, lifetimeMs = 15 * 60_000, cacheSize = 50_000 } = options;
  const { noticeMs = 1_000 } = options;
  const store: Keystore = openKeystore(options.dir);
  const tenants = new Map<number, Tenant>();
  const loading = new Map<number, Promise<Tenant>>();
  const pools = new Map<number, Pool>();
  const cache = new Map<string, { tenant: number; key: DataKey }>();
  let closed = false;
  let looked = clock.now();
  let stamp = store.changed();
  let lastErased = store.lastErased();

  const context = (tenant: number, epoch: number) => `tenant ${tenant} epoch ${epoch}`;
  const rowContext = (tenant: number, row: Omit<KeyRow, 'wrapped'>) =>
    `tenant ${tenant} kid ${row.kid} epoch ${row.epoch} data v${row.version} index v${row.indexVersion}`;

  function remember(tenant: number, key: DataKey): DataKey {
    cache.delete(key.kid);
    cache.set(key.kid, { tenant, key });
    if (cache.size > cacheSize) {
      const [oldest] = cache.keys();
      cache.delete(oldest!);
    }
    return key;
  }

  /** Forgets what another process erased; asks the disk at most once in `noticeMs`. */
  function notice(now: number): void {
    if (Math.abs(now - looked) < noticeMs) return;
    looked = now;
    const seen = store.changed();
    if (seen === stamp) return;
    stamp = seen;
    for (const { seq, kid } of store.erasedSince(lastErased)) {
      cache.delete(kid);
      lastErased = seq;
    }
  }

  function openRow(tenant: number, wrapping: KeyObject, row: KeyRow): DataKey {
    try {
      return dataKey(row.kid, unwrapKey(wrapping, row.wrapped, rowContext(tenant, row)), row);
    } catch (cause) {
      throw new KeyUnavailable(`key ${row.kid} does not open`, { cause });
    }
  }

  function makeRow(
    tenant: number,
    epoch: number,
    wrapping: KeyObject,
    kid: string,
    secret: Buffer,
  ) {
    const row = { kid, epoch, ...currentVersions };
    return { ...row, wrapped: wrapKey(wrapping, secret, rowContext(tenant, row)) };
  }

  async function unwrapEpoch(tenant: number, epoch: number, wrapped: Uint8Array) {
    try {
      return createSecretKey(await provider.unwrap(wrapped, context(tenant, epoch)));
    } catch (cause) {
      if (cause instanceof KeyUnavailable) throw cause;
      throw new KeyUnavailable(`key provider ${provider.id} did not answer`, { cause });
    }
  }

  async function load(tenant: number): Promise<Tenant> {
    const asked = clock.now();
    if (!store.wrapping(tenant)) {
      const secret = randomBytes(32);
      const wrapped = await provider.wrap(secret, context(tenant, 1));
      // Whoever inserts first wins; the others read theirs.
      store.addWrapping(tenant, { epoch: 1, provider: provider.id, wrapped }, asked);
    }
    for (;;) {
      const { epoch, wrapped } = store.wrapping(tenant)!;
      const wrapping = await unwrapEpoch(tenant, epoch, wrapped);
      const row = store.transaction(() => {
        if (store.wrapping(tenant)?.epoch !== epoch) return undefined; // re-wrapped meanwhile
        if (!store.tenantKey(tenant)) {
          const made = makeRow(tenant, epoch, wrapping, randomUUID(), randomBytes(32));
          store.addKey(tenant, 'tenant', made, asked);
        }
        return store.tenantKey(tenant)!;
      });
      if (!row) continue;
      const own = remember(tenant, openRow(tenant, wrapping, row));
      const entry = { epoch, wrapping, own, since: asked };
      tenants.set(tenant, entry);
      return entry;
    }
  }

  function reload(tenant: number): Promise<Tenant> {
    let running = loading.get(tenant);
    if (!running) {
      running = load(tenant).finally(() => loading.delete(tenant));
      loading.set(tenant, running);
    }
    return running;
  }

  /** The clinic if its time is not over; asks the provider again in the background after half of it. */
  function live(tenant: number): Tenant | undefined {
    const entry = tenants.get(tenant);
    if (!entry) return undefined;
    const age = clock.now() - entry.since;
    if (age < 0 || age >= lifetimeMs) {
      tenants.delete(tenant);
      return undefined;
    }
    // A failed early refresh is no fault yet: the entry lives on until its time is over.
    if (age >= lifetimeMs / 2 && !loading.has(tenant)) reload(tenant).catch(() => undefined);
    return entry;
  }

  const tenantEntry = async (tenant: number) => live(tenant) ?? (await reload(tenant));

  function fill(tenant: number, pool: Pool): Promise<void> {
    pool.filling ??= (async () => {
      for (;;) {
        const { epoch, wrapping } = await tenantEntry(tenant);
        if (closed) return;
        const spares = Array.from({ length: pool.batch }, () => ({
          kid: randomUUID(),
          secret: randomBytes(32),
        }));
        const rows = spares.map(({ kid, secret }) => makeRow(tenant, epoch, wrapping, kid, secret));
        const now = clock.now();
        const stored = store.transaction(() => {
          if (store.wrapping(tenant)?.epoch !== epoch) return false; // re-wrapped meanwhile
          for (const row of rows) store.addKey(tenant, 'owner', row, now);
          return true;
        });
        if (!stored) {
          tenants.delete(tenant);
          continue;
        }
        pool.spares.push(...spares);
        pool.batch = Math.min(pool.batch * 2, LARGEST_BATCH);
        return;
      }
    })().finally(() => {
      pool.filling = undefined;
    });
    return pool.filling;
  }

  function cached(tenant: number, kid: string): DataKey | undefined {
    const entry = live(tenant);
    if (!entry) return undefined;
    notice(clock.now());
    const found = cache.get(kid);
    if (!found || found.tenant !== tenant) return undefined;
    return remember(tenant, found.key);
  }

  return {
    cached,
    async tenant(tenant) {
      return (await tenantEntry(tenant)).own;
    },
    async reserve(tenant) {
      let pool = pools.get(tenant);
      if (!pool) pools.set(tenant, (pool = { spares: [], batch: FIRST_BATCH }));
      while (pool.spares.length === 0) await fill(tenant, pool);
      const { kid, secret } = pool.spares.pop()!;
      if (pool.spares.length < pool.batch / 8 && !pool.filling) {
        const low = pool;
        // Off the request: the sync of the next batch is paid between requests. A fault shows itself
        // to the one who finds the pool empty.
        setImmediate(() => {
          if (!closed) fill(tenant, low).catch(() => undefined);
        });
      }
      return remember(tenant, dataKey(kid, secret, currentVersions));
    },
    async byId(tenant, kid) {
      const found = cached(tenant, kid);
      if (found) return found;
      for (let attempt = 0; ; attempt++) {
        const entry = await tenantEntry(tenant);
        const row = store.key(tenant, kid);
        if (!row) {
          if (store.isErased(tenant, kid)) throw new KeyErased(kid);
          throw new KeyUnavailable(`key ${kid} is not in the keystore`);
        }
        if (row.epoch === entry.epoch)
          return remember(tenant, openRow(tenant, entry.wrapping, row));
        if (attempt === 3) throw new KeyUnavailable(`key ${kid} is of another epoch`);
        tenants.delete(tenant); // re-wrapped by another process: fetch the epoch of today
      }
    },
    async erase(tenant, kid) {
      cache.delete(kid);
      const now = clock.now();
      store.transaction(() => {
        const row = store.key(tenant, kid);
        if (!row && store.isErased(tenant, kid)) return;
        if (!row) throw new KeyUnavailable(`key ${kid} is not in the keystore`);
        if (store.tenantKey(tenant)?.kid === kid)
          throw new Error('the key of a whole clinic is not erased one by one');
        store.destroy(tenant, kid, row.epoch, now);
      });
      await store.emptyLog();
    },
    async rotate(tenant) {
      const now = clock.now();
      const old = await reload(tenant);
      const next = old.epoch + 1;
      const secret = randomBytes(32);
      const wrapped = await provider.wrap(secret, context(tenant, next));
      const wrapping = createSecretKey(secret);
      store.transaction(() => {
        if (store.wrapping(tenant)?.epoch !== old.epoch)
          throw new KeyUnavailable('another process is wrapping the keys anew');
        store.addWrapping(tenant, { epoch: next, provider: provider.id, wrapped }, now);
        for (const row of store.keysBefore(tenant, next)) {
          const plain = unwrapKey(old.wrapping, row.wrapped, rowContext(tenant, row));
          const moved = rowContext(tenant, { ...row, epoch: next });
          store.rewrap(row.kid, next, wrapKey(wrapping, plain, moved));
          plain.fill(0);
        }
        store.dropWrapping(tenant, next);
      });
      tenants.delete(tenant);
      await store.emptyLog();
      return next;
    },
    close() {
      if (closed) return;
      closed = true;
      cache.clear();
      tenants.clear();
      pools.clear();
      store.close();
    },
  };
}
