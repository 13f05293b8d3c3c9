/** What an operator does with keys, step by step: wrap anew, change data and index keys, say how things stand. */
import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { currentVersions, firstIndex, type IndexPhase } from './data-key.ts';
import { KeyUnavailable } from './errors.ts';
import type { KeyRow, Keystore } from './keystore.ts';
import { indexContext, keyContext, secretOf, wrappingContext } from './rows.ts';
import type { Providers } from './reach-provider.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

export interface KeyAdmin {
  /** How soon every process knows of what is done here, ms: what rests on it waits twice as long. */
  readonly noticeMs: number;
  tenants(): number[];
  status(tenant: number): KeyStatus;
  /** Wraps every key of the clinic under a new wrapping key and destroys the old one; returns the new epoch. */
  newEpoch(tenant: number): Promise<number>;
  /**
   * Wraps every clinic's wrapping key by the provider that is configured now, under the newest version of its key.
   * @returns how many
   */
  moveToProvider(): Promise<number>;
  /** Versions of the configured provider's key that wrap something. */
  kekVersions(): Set<string>;
  /** Makes a new version of the key-encryption key; undefined when the provider leaves that to its operator. */
  advanceKek(): Promise<string | undefined>;
  /** Destroys versions of the key-encryption key. @returns what the provider says of each */
  retireKek(versions: readonly string[]): Promise<string[]>;
  /** A new key for the clinic itself, which seals nothing yet; the kid of one that waits already, if there is. */
  prepareTenantKey(tenant: number): Promise<string>;
  /** From now on the clinic's new key seals, and the one before only opens. */
  promoteTenantKey(tenant: number): void;
  /** New keys for families whose key was made before `since`, ms; they seal from now on. @returns how many were changed */
  renew(tenant: number, families: readonly string[], since: number): Promise<number>;
  /** Keys that only open: the kid and when it was made. */
  oldKeys(tenant: number): { kid: string; family: string; made: number }[];
  /** Destroys keys that seal nothing any more; whoever calls has looked. Refuses those that are not old. */
  retire(tenant: number, kids: readonly string[]): Promise<void>;
  /** Begins (or goes on with) the rotation of index keys: every family gets a new one, searched and not written yet. */
  prepareIndex(tenant: number): Promise<IndexPhase>;
  /** Moves the rotation of index keys on. */
  moveIndex(tenant: number, phase: 'writing' | 'settled'): void;
  indexPhase(tenant: number): (IndexPhase & { at: number }) | undefined;
  /** Destroys index keys between the first and the settled one; the clinic's own ones only if `own`. */
  dropIndexes(tenant: number, own: boolean): Promise<number>;
  /** Something to remember beside the keys, such as when the last backup was made. */
  fact(name: string): string | undefined;
  setFact(name: string, value: string): void;
  /** The keystore's file. */
  readonly store: Keystore;
  readonly providers: Providers;
}

export interface KeyStatus {
  provider: string;
  /** Version of the key-encryption key that wraps, where the provider tells. */
  kekVersion: string | undefined;
  epoch: number;
  keys: ReturnType<Keystore['counts']>;
  indexKeys: { version: number; n: number }[];
  index: (IndexPhase & { at: number }) | undefined;
  erased: { n: number; last: number | null };
}

/** Families given new keys in one commit of the keystore: some 50 ms. */
const familiesAtOnce = 1_000;

export function createKeyAdmin(inside: {
  store: Keystore;
  providers: Providers;
  clock: { now(): number };
  wrappingOf(tenant: number): Promise<KeyObject>;
  /** Lets this process hear its own news at once. */
  changed(): void;
  noticeMs: number;
}): KeyAdmin {
  const { store, providers, clock, wrappingOf, changed } = inside;

  function must(tenant: number) {
    const row = store.wrapping(tenant);
    if (!row) throw new KeyUnavailable(`clinic ${tenant} has no keys yet`);
    return row;
  }

  /** Work under the wrapping key of the epoch that is in force when it commits. */
  async function inEpoch<T>(
    tenant: number,
    work: (wrapping: KeyObject, epoch: number) => T,
  ): Promise<T> {
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = store.wrapping(tenant)?.epoch;
      const wrapping = await wrappingOf(tenant);
      const done = store.transaction(() => {
        const { epoch } = must(tenant);
        // Loaded under the epoch that was in force before or after the asking: only one that stood still is sure.
        return epoch === before ? { value: work(wrapping, epoch) } : undefined;
      });
      if (done) {
        changed();
        return done.value;
      }
    }
    throw new KeyUnavailable('another process is wrapping the keys anew');
  }

  function newKey(
    tenant: number,
    wrapping: KeyObject,
    epoch: number,
    { family, kind, state }: Pick<KeyRow, 'kind' | 'state'> & { family: string },
  ): string {
    const secret = randomBytes(32);
    const row = { kid: randomUUID(), family, state, kind, epoch, ...currentVersions };
    const wrapped = wrapKey(wrapping, secret, keyContext(tenant, row));
    secret.fill(0);
    store.addKey(tenant, { ...row, wrapped, made: clock.now() });
    return row.kid;
  }

  function addIndex(
    tenant: number,
    wrapping: KeyObject,
    row: { family: string; version: number; epoch: number },
    key: Buffer,
  ): void {
    const wrapped = wrapKey(wrapping, key, indexContext(tenant, row));
    key.fill(0);
    store.addIndex(tenant, { ...row, wrapped }, clock.now());
  }

  /** Keeps the first index key apart from the first secret, which may go. */
  function keepFirstIndex(tenant: number, wrapping: KeyObject, epoch: number, first: KeyRow): void {
    const family = first.family ?? first.kid;
    if (first.family !== null || store.indexes(tenant, family).length > 0) return;
    const secret = secretOf(tenant, wrapping, first);
    const version = first.indexVersion;
    addIndex(tenant, wrapping, { family, version, epoch }, firstIndex(first.kid, secret));
    secret.fill(0);
  }

  return {
    store,
    providers,
    noticeMs: inside.noticeMs,
    tenants: store.tenants,
    status(tenant) {
      const row = must(tenant);
      return {
        provider: row.provider,
        kekVersion: providers.of(row).versionOf?.(row.wrapped),
        epoch: row.epoch,
        keys: store.counts(tenant),
        indexKeys: store.indexCounts(tenant),
        index: store.phase(tenant),
        erased: store.erasedCount(tenant),
      };
    },
    async newEpoch(tenant) {
      // The wrapping key of a clinic that has none yet is made by the asking.
      await wrappingOf(tenant);
      const secret = randomBytes(32);
      const next = must(tenant).epoch + 1;
      const made = await providers.wrap(secret, wrappingContext(tenant, next));
      const wrapping = createSecretKey(secret);
      secret.fill(0);
      await inEpoch(tenant, (old, epoch) => {
        if (epoch !== next - 1)
          throw new KeyUnavailable('another process is wrapping the keys anew');
        store.addWrapping(tenant, { epoch: next, ...made }, clock.now());
        for (const row of store.keysBefore(tenant, next)) {
          const plain = secretOf(tenant, old, row);
          const moved = keyContext(tenant, { ...row, epoch: next });
          store.rewrap(row.kid, next, wrapKey(wrapping, plain, moved));
          plain.fill(0);
        }
        for (const row of store.indexesBefore(tenant, next)) {
          const plain = unwrapKey(old, row.wrapped, indexContext(tenant, row));
          const moved = { ...row, epoch: next };
          const wrapped = wrapKey(wrapping, plain, indexContext(tenant, moved));
          store.rewrapIndex(tenant, { ...moved, wrapped });
          plain.fill(0);
        }
        store.dropWrapping(tenant, next);
        store.tell(tenant, null, clock.now());
      });
      await store.emptyLog();
      return next;
    },
    async moveToProvider() {
      let moved = 0;
      for (const tenant of store.tenants()) {
        const row = must(tenant);
        const context = wrappingContext(tenant, row.epoch);
        const plain = await providers.unwrap(row, context);
        const made = await providers.wrap(plain, context);
        plain.fill(0);
        store.transaction(() => {
          if (must(tenant).epoch !== row.epoch)
            throw new KeyUnavailable('another process is wrapping the keys anew');
          store.moveWrapping(tenant, { epoch: row.epoch, ...made });
        });
        moved++;
      }
      await store.emptyLog();
      return moved;
    },
    kekVersions() {
      const used = new Set<string>();
      for (const tenant of store.tenants()) {
        const row = must(tenant);
        if (row.provider !== providers.current.id) continue;
        const version = providers.current.versionOf?.(row.wrapped);
        if (version !== undefined) used.add(version);
      }
      return used;
    },
    advanceKek: async () => providers.current.advance?.(),
    async retireKek(versions) {
      const said: string[] = [];
      for (const version of versions) {
        const note = await providers.current.retire?.(version);
        said.push(note ?? `version ${version} is destroyed`);
      }
      return said;
    },
    prepareTenantKey: (tenant) =>
      inEpoch(tenant, (wrapping, epoch) => {
        const rows = store.tenantKeys(tenant);
        const waiting = rows.find((row) => row.state === 'pending');
        if (waiting) return waiting.kid;
        const own = rows.find((row) => row.state === 'current')!;
        keepFirstIndex(tenant, wrapping, epoch, own);
        const family = own.family ?? own.kid;
        const kid = newKey(tenant, wrapping, epoch, { family, kind: 'tenant', state: 'pending' });
        store.tell(tenant, null, clock.now());
        return kid;
      }),
    promoteTenantKey(tenant) {
      store.transaction(() => {
        const rows = store.tenantKeys(tenant);
        const waiting = rows.find((row) => row.state === 'pending');
        if (!waiting) return;
        for (const row of rows) if (row.state === 'current') store.setState(tenant, row.kid, 'old');
        store.setState(tenant, waiting.kid, 'current');
        store.tell(tenant, null, clock.now());
      });
      changed();
    },
    async renew(tenant, families, since) {
      let renewed = 0;
      for (let from = 0; from < families.length; from += familiesAtOnce)
        renewed += await inEpoch(tenant, (wrapping, epoch) => {
          let n = 0;
          for (const family of families.slice(from, from + familiesAtOnce)) {
            const rows = store.family(tenant, family);
            const current = rows.find((row) => row.state === 'current');
            // Erased, or changed already by a run that was broken off.
            if (!current || current.made >= since) continue;
            keepFirstIndex(tenant, wrapping, epoch, current);
            store.setState(tenant, current.kid, 'old');
            newKey(tenant, wrapping, epoch, { family, kind: 'owner', state: 'current' });
            store.tell(tenant, current.kid, clock.now());
            if (current.kid !== family) store.tell(tenant, family, clock.now());
            n++;
          }
          return n;
        });
      return renewed;
    },
    oldKeys: (tenant) =>
      store.oldKeys(tenant).map(({ kid, family, made }) => ({ kid, family: family ?? kid, made })),
    async retire(tenant, kids) {
      store.transaction(() => {
        for (const kid of kids) {
          const row = store.key(tenant, kid);
          if (!row) continue;
          if (row.state !== 'old') throw new Error(`key ${kid} is ${row.state}, not old`);
          store.destroy(tenant, kid);
          store.tell(tenant, row.kind === 'tenant' ? null : kid, clock.now());
        }
      });
      changed();
      await store.emptyLog();
    },
    prepareIndex: (tenant) =>
      inEpoch(tenant, (wrapping, epoch) => {
        const at = store.phase(tenant);
        if (at && at.phase !== 'settled') return { target: at.target, phase: at.phase };
        const target = (at?.target ?? currentVersions.indexVersion) + 1;
        let after = '';
        for (;;) {
          const firsts = store.firstKeys(tenant, after, familiesAtOnce);
          for (const first of firsts) {
            keepFirstIndex(tenant, wrapping, epoch, first);
            const row = { family: first.kid, version: target, epoch };
            addIndex(tenant, wrapping, row, randomBytes(32));
          }
          const last = firsts.at(-1);
          if (!last) break;
          after = last.kid;
        }
        // Families whose first key was retired are known by their index keys alone.
        for (const family of store.familiesWithIndex(tenant)) {
          addIndex(tenant, wrapping, { family, version: target, epoch }, randomBytes(32));
        }
        const phase: IndexPhase = { target, phase: 'reading' };
        store.setPhase(tenant, phase, clock.now());
        store.tell(tenant, null, clock.now());
        return phase;
      }),
    moveIndex(tenant, phase) {
      store.transaction(() => {
        const at = store.phase(tenant);
        if (!at) throw new Error('no rotation of index keys has begun');
        if (at.phase === phase) return;
        store.setPhase(tenant, { target: at.target, phase }, clock.now());
        store.tell(tenant, null, clock.now());
      });
      changed();
    },
    indexPhase: store.phase,
    async dropIndexes(tenant, own) {
      const at = store.phase(tenant);
      if (at?.phase !== 'settled') throw new Error('the rotation of index keys is not settled');
      const dropped = store.transaction(() => {
        const n = store.dropIndexes(tenant, 1, at.target, own);
        if (n > 0) store.tell(tenant, null, clock.now());
        return n;
      });
      changed();
      if (dropped > 0) await store.emptyLog();
      return dropped;
    },
    fact: store.fact,
    setFact: store.setFact,
  };
}
