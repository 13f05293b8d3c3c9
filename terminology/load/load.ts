/** Loads a release of a code system: seen by nobody until it is whole, and then by everybody at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PropertyDefinition } from '../model.ts';
import { catalogueMs } from '../loaded/catalogue.ts';
import { fingerprintOf, LoadFault, sizeOf } from './files.ts';
import type { OnBytes } from './files.ts';
import { loaders } from './loaders.ts';
import { buildPartition, dropStages, publish, sweep } from './publish.ts';
import { makeStages, openStaging } from './staging.ts';
import type { Sink } from './staging.ts';

export interface LoadOptions {
  readonly version?: string;
  /** Canonical address, for kinds that do not know their own. */
  readonly url?: string;
  readonly name?: string;
  /** Other versions of the system stay in force. */
  readonly keepOld?: boolean;
}

/** A release that was recognised, before it is read. */
export interface Release {
  readonly url: string;
  readonly version: string;
  readonly name: string;
  /** BCP 47, of the displays. */
  readonly language?: string;
  readonly properties: readonly PropertyDefinition[];
  /** What will be read, in order. */
  readonly files: readonly string[];
  read(sink: Sink, onBytes: OnBytes): Promise<void>;
}

export interface Loader {
  /** @throws LoadFault when the path holds no such release */
  open(path: string, options: LoadOptions): Release | Promise<Release>;
}

export interface Progress {
  readonly step: string;
  /** 0 to 1, of the step; absent where it cannot be told. */
  readonly share?: number;
}

export interface LoadDeps {
  /** The owner's connection string: tables are made and dropped. */
  readonly ownerUrl: string;
  now(): number;
  onProgress?(progress: Progress): void;
  /** How long what was replaced is kept for requests that are under way, ms. */
  readonly graceMs?: number;
}

export interface Loaded {
  readonly url: string;
  readonly version: string;
  readonly concepts: number;
  /** It was there already. */
  readonly present: boolean;
}

/** One load at a time on a database. */
const turn = 4_197_020;

/** A request that began with the old version may take its statement's longest time. */
const defaultGraceMs = catalogueMs + 2_000;

/** @throws LoadFault for a release that cannot be read, an unknown kind, and when another load runs */
export async function loadSystem(
  deps: LoadDeps,
  kind: string,
  path: string,
  options: LoadOptions = {},
): Promise<Loaded> {
  const loader = Object.hasOwn(loaders, kind) ? loaders[kind]! : undefined;
  if (!loader)
    throw new LoadFault(`There is no loader for ${kind}: ${Object.keys(loaders).join(', ')}`);
  const release = await loader.open(path, options);
  if (!/^\S{1,500}$/.test(release.url) || release.url.includes('|'))
    throw new LoadFault('the address of the code system is not one');
  const total = sizeOf(release.files);
  const counted = (step: string): OnBytes => {
    let read = 0;
    return (count) => {
      read += count;
      deps.onProgress?.({ step, share: total === 0 ? 1 : Math.min(1, read / total) });
    };
  };
  const fingerprint = await fingerprintOf(release.files, counted('checking'));
  return withOwner(deps, async (client) => {
    const present = await client.query<{ concepts: number }>(
      `select concepts from terminology.code_system
       where url = $1 and version = $2 and fingerprint = $3 and state = 'ready'`,
      [release.url, release.version, fingerprint],
    );
    const { url, version } = release;
    if (present.rows[0]) return { url, version, concepts: present.rows[0].concepts, present: true };
    await sweep(client);
    const { rows } = await client.query<{ id: number }>(
      `insert into terminology.code_system (url, version, kind, name, language, state, properties, fingerprint, loaded)
       values ($1, $2, $3, $4, $5, 'loading', $6, $7, $8) returning id`,
      [
        url,
        version,
        kind,
        options.name ?? release.name,
        release.language ?? 'en',
        JSON.stringify(release.properties),
        fingerprint,
        deps.now(),
      ],
    );
    const { id } = rows[0]!;
    try {
      const links = await stage(deps, client, id, release, counted('reading'));
      const built = await buildPartition(client, id, links, (step) => deps.onProgress?.({ step }));
      await publish(client, id, built, options.keepOld ?? false, deps.now());
      await dropStages(client, id);
      await sleepUnlessNone(client, deps.graceMs ?? defaultGraceMs);
      await sweep(client);
      return { url, version, concepts: built.concepts, present: false };
    } catch (error) {
      // What is left of it goes now, or, should the connection have gone, before the next load.
      await sweep(client).catch(() => undefined);
      throw error;
    }
  });
}

async function stage(
  deps: LoadDeps,
  client: pg.ClientBase,
  id: number,
  release: Release,
  onBytes: OnBytes,
): Promise<number> {
  await makeStages(client, id);
  const staging = openStaging(deps.ownerUrl, id);
  try {
    await release.read(staging.sink, onBytes);
    return (await staging.end()).link;
  } finally {
    await staging.close();
  }
}

/** Waits only when something was replaced. */
async function sleepUnlessNone(client: pg.ClientBase, ms: number): Promise<void> {
  const { rowCount } = await client.query(
    `select from terminology.code_system where state = 'retired'`,
  );
  if (rowCount) await sleep(ms);
}

async function connected<T>(
  { ownerUrl }: Pick<LoadDeps, 'ownerUrl'>,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'afar-terminology',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`set lock_timeout = '10s'`);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A connection of the owner's that holds the turn. */
function withOwner<T>(
  deps: Pick<LoadDeps, 'ownerUrl'>,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  return connected(deps, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1) as mine',
      [turn],
    );
    if (!rows[0]!.mine) throw new LoadFault('another load is under way');
    return work(client);
  });
}

export interface Listed {
  readonly url: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly concepts: number;
  /** ms since epoch. */
  readonly loaded: number;
}

export function listSystems(deps: Pick<LoadDeps, 'ownerUrl'>): Promise<Listed[]> {
  return connected(deps, async (client) => {
    const { rows } = await client.query<Omit<Listed, 'loaded'> & { loaded: string }>(
      `select url, version, kind, name, concepts, loaded from terminology.code_system
       where state = 'ready' order by url, version`,
    );
    return rows.map((row) => ({ ...row, loaded: Number(row.loaded) }));
  });
}

/** @returns how many versions went */
export function removeSystem(
  deps: Pick<LoadDeps, 'ownerUrl' | 'graceMs'>,
  url: string,
  version?: string,
): Promise<number> {
  return withOwner(deps, async (client) => {
    const { rowCount } = await client.query(
      `update terminology.code_system set state = 'retired'
       where state = 'ready' and url = $1 and ($2::text is null or version = $2)`,
      [url, version ?? null],
    );
    await sleepUnlessNone(client, deps.graceMs ?? defaultGraceMs);
    await sweep(client);
    return rowCount ?? 0;
  });
}
