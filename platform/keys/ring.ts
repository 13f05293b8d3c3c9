/** The key ring: hands out data keys, keeps the ones in use in memory for a bounded time. */
import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { currentVersions, freshKey, type DataKey } from './data-key.ts';
import { KeyErased, KeyUnavailable } from './errors.ts';
import { openKeystore, type Keystore, type KeyRow } from './keystore.ts';
import { createKeyAdmin, type KeyAdmin } from './admin.ts';
import { keyContext, openKeyRow, tenantKeyOf, wrappingContext } from './rows.ts';
import type { KeyProvider } from './provider.ts';
import { createProviders } from './reach-provider.ts';
import { wrapKey } from './wrap.ts';

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
  /** The key that a family (see DataKey.family) is sealed with now. Throws KeyErased, KeyUnavailable. */
  current(tenant: number, family: string): Promise<DataKey>;
  /** The same without waiting: undefined when it is not in memory (any more). */
  currentCached(tenant: number, family: string): DataKey | undefined;
  /** Destroys a family's keys for good, on the disk and in this process; in others within `noticeMs`. */
  erase(tenant: number, family: string): Promise<void>;
  /** Wraps every key of the clinic anew and destroys the old wrapping key; returns the new epoch. */
  rotate(tenant: number): Promise<number>;
  /** Looks now, and not within `noticeMs`, for what other processes have erased or rotated. */
  hear(): void;
  /** What an operator does: rotation step by step, status, backup. */
  readonly admin: KeyAdmin;
  close(): void;
}

export interface KeyRingOptions {
  dir: string;
  /** Wraps, and unwraps what it wrapped. */
  provider: KeyProvider;
  /** Only unwrap: those that a clinic's keys are being moved away from. */
  formerly?: readonly KeyProvider[];
  clock: { now(): number };
  /** Told of an outage once when it begins and once when it ends. */
  log?: { warn(fields: object, text: string): void; info(fields: object, text: string): void };
  /** How long a clinic stays readable when the provider is down, ms. Half of it in, it is asked again. */
  lifetimeMs?: number;
  /** Data keys kept in memory: about 1 KB each. */
  cacheSize?: number;
  /** How soon another process's erasure or rotation is noticed, ms. */
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

interface Kept {
  tenant: number;
  key: DataKey;
  /** The family has a newer one: only opens. */
  replaced: boolean;
  /** When it was put at the end of the order of use: a count of all that were. */
  turn: number;
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
  const { clock, lifetimeMs = 15 * 60_000, cacheSize = 50_000 } = options;
  const { noticeMs = 1_000 } = options;
  const providers = createProviders(options);
  const store: Keystore = openKeystore(options.dir);
  const tenants = new Map<number, Tenant>();
  const loading = new Map<number, Promise<Tenant>>();
  const pools = new Map<number, Pool>();
  const cache = new Map<string, Kept>();
  /** Families whose current key is not their first. */
  const heads = new Map<string, string>();
  let turn = 0;
  let closed = false;
  let looked = clock.now();
  let stamp = store.changed();
  let lastNews = store.lastNews();

  function remember(tenant: number, key: DataKey, replaced = false): DataKey {
    cache.delete(key.kid);
    cache.set(key.kid, { tenant, key, replaced, turn: ++turn });
    if (cache.size > cacheSize) {
      const [oldest] = cache.keys();
      cache.delete(oldest!);
    }
    return key;
  }

  /** All that was read of a clinic's keystore: its keys, spares and own key are read anew. */
  function forget(tenant: number): void {
    for (const [kid, entry] of cache) if (entry.tenant === tenant) cache.delete(kid);
    heads.clear();
    pools.delete(tenant);
    const entry = tenants.get(tenant);
    if (!entry) return;
    // Another epoch's wrapping key is the provider's to open; a changed key of this one is not.
    if (store.wrapping(tenant)?.epoch === entry.epoch)
      entry.own = tenantKeyOf(store, tenant, entry.wrapping);
    else tenants.delete(tenant);
  }

  /** Forgets what another process erased or rotated; asks the disk at most once in `noticeMs`. */
  function notice(now: number): void {
    if (Math.abs(now - looked) < noticeMs) return;
    looked = now;
    const seen = store.changed();
    if (seen === stamp) return;
    stamp = seen;
    hear();
  }

  function hear(): void {
    // Who slept longer than news are kept may have missed some.
    const missed = lastNews > 0 && store.firstNews() > lastNews + 1;
    const whole = new Set<number>(missed ? tenants.keys() : []);
    for (const { seq, tenant, kid } of store.news(lastNews)) {
      lastNews = seq;
      if (kid === null) whole.add(tenant);
      else {
        cache.delete(kid);
        heads.delete(kid);
      }
    }
    for (const tenant of whole) forget(tenant);
  }

  async function load(tenant: number): Promise<Tenant> {
    const asked = clock.now();
    if (!store.wrapping(tenant)) {
      const made = await providers.wrap(randomBytes(32), wrappingContext(tenant, 1));
      // Whoever inserts first wins; the others read theirs.
      store.addWrapping(tenant, { epoch: 1, ...made }, asked);
    }
    for (;;) {
      const row = store.wrapping(tenant)!;
      const { epoch } = row;
      const wrapping = createSecretKey(await providers.unwrap(row, wrappingContext(tenant, epoch)));
      const fresh = store.transaction(() => {
        if (store.wrapping(tenant)?.epoch !== epoch) return false; // re-wrapped meanwhile
        if (store.tenantKid(tenant) === undefined)
          store.addKey(tenant, makeRow(tenant, epoch, wrapping, 'tenant', newSpare()));
        return true;
      });
      if (!fresh) continue;
      const own = remember(tenant, tenantKeyOf(store, tenant, wrapping));
      const entry = { epoch, wrapping, own, since: asked };
      tenants.set(tenant, entry);
      return entry;
    }
  }

  function makeRow(
    tenant: number,
    epoch: number,
    wrapping: KeyObject,
    kind: KeyRow['kind'],
    { kid, secret }: Spare,
  ): KeyRow {
    const row = { kid, family: null, state: 'current' as const, kind, epoch, ...currentVersions };
    const wrapped = wrapKey(wrapping, secret, keyContext(tenant, row));
    return { ...row, wrapped, made: clock.now() };
  }

  const newSpare = (): Spare => ({ kid: randomUUID(), secret: randomBytes(32) });

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
    const now = clock.now();
    notice(now);
    const entry = tenants.get(tenant);
    if (!entry) return undefined;
    const age = now - entry.since;
    if (age < 0 || age >= lifetimeMs) {
      tenants.delete(tenant);
      return undefined;
    }
    // A failed early refresh is no fault yet: the entry lives on until its time is over.
    if (age >= lifetimeMs / 2 && !loading.has(tenant) && providers.mayAsk(now))
      reload(tenant).catch(() => undefined);
    return entry;
  }

  const tenantEntry = async (tenant: number) => live(tenant) ?? (await reload(tenant));

  function fill(tenant: number, pool: Pool): Promise<void> {
    pool.filling ??= (async () => {
      for (;;) {
        const { epoch, wrapping } = await tenantEntry(tenant);
        if (closed) return;
        const spares = Array.from({ length: pool.batch }, newSpare);
        const rows = spares.map((one) => makeRow(tenant, epoch, wrapping, 'owner', one));
        const stored = store.transaction(() => {
          if (store.wrapping(tenant)?.epoch !== epoch) return false; // re-wrapped meanwhile
          for (const row of rows) store.addKey(tenant, row);
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
    if (!live(tenant)) return undefined;
    const found = cache.get(kid);
    if (!found || found.tenant !== tenant) return undefined;
    // Order of use. What is among the last quarter is not moved at each row that is opened.
    if (turn - found.turn > cacheSize / 4) remember(tenant, found.key, found.replaced);
    return found.key;
  }

  async function byId(tenant: number, kid: string): Promise<DataKey> {
    const found = cached(tenant, kid);
    if (found) return found;
    for (let attempt = 0; ; attempt++) {
      const entry = await tenantEntry(tenant);
      if (kid === entry.own.kid) return remember(tenant, entry.own);
      const row = store.key(tenant, kid);
      if (!row) {
        if (store.isErased(tenant, kid)) throw new KeyErased(kid);
        throw new KeyUnavailable(`key ${kid} is not in the keystore`);
      }
      if (row.epoch === entry.epoch)
        return remember(
          tenant,
          openKeyRow(store, tenant, entry.wrapping, row),
          row.state === 'old',
        );
      if (attempt === 3) throw new KeyUnavailable(`key ${kid} is of another epoch`);
      tenants.delete(tenant); // re-wrapped by another process: fetch the epoch of today
    }
  }

  /** The kid a family seals with. Looked up once: news make it forgotten. */
  function headOf(tenant: number, family: string): string {
    const known = heads.get(family);
    if (known !== undefined) return known;
    const head = store.head(tenant, family);
    if (head === undefined) return family;
    heads.set(family, head);
    if (heads.size > cacheSize) heads.delete(heads.keys().next().value!);
    return head;
  }

  function currentCached(tenant: number, family: string): DataKey | undefined {
    const found = cached(tenant, heads.get(family) ?? family);
    if (!found || !cache.get(found.kid)?.replaced) return found;
    return cached(tenant, headOf(tenant, family));
  }

  const admin = createKeyAdmin({
    store,
    providers,
    clock,
    wrappingOf: async (tenant) => (await reload(tenant)).wrapping,
    changed: hear,
    noticeMs,
  });

  return {
    cached,
    byId,
    async tenant(tenant) {
      return (await tenantEntry(tenant)).own;
    },
    async reserve(tenant) {
      live(tenant);
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
      return remember(tenant, freshKey(kid, secret));
    },
    currentCached,
    current: async (tenant, family) =>
      currentCached(tenant, family) ?? byId(tenant, headOf(tenant, family)),
    async erase(tenant, family) {
      const now = clock.now();
      store.transaction(() => {
        const rows = store.family(tenant, family);
        if (rows.length === 0 && store.isErased(tenant, family)) return;
        if (rows.length === 0) throw new KeyUnavailable(`key ${family} is not in the keystore`);
        if (rows.some((row) => row.kind === 'tenant'))
          throw new Error('the key of a whole clinic is not erased one by one');
        for (const { kid, epoch } of rows) {
          store.erase(tenant, kid, epoch, now);
          store.tell(tenant, kid, now);
        }
        // The family's own id is what its patient is known by, also when the first key was retired.
        if (!rows.some((row) => row.kid === family))
          store.erase(tenant, family, rows[0]!.epoch, now);
      });
      hear();
      await store.emptyLog();
    },
    rotate: admin.newEpoch,
    hear,
    admin,
    close() {
      if (closed) return;
      closed = true;
      cache.clear();
      tenants.clear();
      pools.clear();
      store.close();
      providers.close();
    },
  };
}
