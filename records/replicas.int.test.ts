/** Reads on a real streaming replica: what may leave the primary, what must not, and what a replica that lags or is gone changes: nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessMigrations } from '@afar/access';
import {
  databasePasswords,
  databaseUrl,
  migrate,
  openDb,
  openReplicas,
  provision,
} from '@afar/platform';
import type { Db, Replicas } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsMigrations } from './index.ts';
import { canReplicate, startPrimary, startReplica, type Server } from './testing/replica.ts';
import { openWorld, type World } from './testing/world.ts';

// pg_basebackup makes a replica, and the embedded PostgreSQL comes without it. Once is enough: it brings its own servers,
// whichever the other tests run on.
const once = canReplicate() && process.env.AFAR_TEST_DATABASE_URL === undefined;
describe.runIf(once)('with a streaming replica', () => {
  let folder: string;
  let primary: Server;
  let replica: Server;
  let replicas: Replicas;
  let admin: Db;
  let world: World;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'afar-replica-'));
    primary = await startPrimary();
    const passwords = databasePasswords(join(folder, 'keys'));
    const urls = await provision(primary.url, passwords, 'afar');
    await migrate(urls.owner, [accessMigrations, recordsMigrations], testLog());
    replica = await startReplica(primary);
    const open = (url: string): Db => {
      const db = openDb(url, { application: 'test-replica', max: 4, home: () => 1 });
      closers.push(() => db.close());
      return db;
    };
    admin = open(databaseUrl(replica.url, { database: 'postgres' }));
    const db = open(urls.app);
    const login = { user: 'afar_app', password: passwords.app, database: 'afar' };
    replicas = openReplicas([databaseUrl(replica.url, login)], db);
    closers.push(() => replicas.close());
    world = await openWorld({
      replicas,
      over: {
        folder,
        data: {
          db,
          auditDb: open(urls.audit),
          ownerDb: open(urls.owner),
          url: urls.app,
          urls: { ...urls, admin: primary.url },
          passwords,
          drop: () => Promise.resolve(),
        },
      },
    });
  });
  afterAll(async () => {
    await world?.close();
    for (const close of closers.reverse()) await close();
    await replica?.stop();
    await primary?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As the look-up of a session gives it. */
  const level = async (): Promise<string> => {
    const { rows } = await world.data.db.query<{ level: string }>(
      'select pg_current_wal_flush_lsn()::text as level',
    );
    return rows[0]!.level;
  };
  const seen = async () => ({ ...world.system, level: await level() });
  /** Which side answered. */
  const side = async (work: () => Promise<unknown>): Promise<string> => {
    const before = replicas.counts();
    await work();
    const { replica: there, primary: here } = replicas.counts();
    return `${there - before.replica} replica, ${here - before.primary} primary`;
  };
  const valueSet = (title: string) =>
    world.records.create(world.system, { resourceType: 'ValueSet', status: 'active', title });
  /** The replica has all there is, and answers. */
  const caughtUp = async () => {
    const wanted = await level();
    const ask = () => side(() => replicas.query({ text: 'select 1' }, wanted));
    await expect.poll(ask, { timeout: 20_000 }).toBe('1 replica, 0 primary');
  };

  it('knowledge that belongs to nobody is read there, by id and by search', async () => {
    const { id } = await valueSet('Blood groups');
    const caller = await seen();
    await caughtUp();
    expect(await side(() => world.records.read(caller, 'ValueSet', id))).toBe(
      '1 replica, 0 primary',
    );
    const found = world.records.search(caller, 'ValueSet', [['_id', id]]);
    expect((await found).entry?.map((one) => one.resource?.id)).toEqual([id]);
  });

  it('what a grant opens or shuts is asked of the primary alone', async () => {
    const { id } = await world.patient();
    const caller = await seen();
    expect(
      await side(async () => {
        await world.records.read(caller, 'Patient', id);
        await world.records.search(caller, 'Observation', [['patient', id]]);
      }),
    ).toBe('0 replica, 0 primary');
  });

  it('what was written a moment ago is seen, though the replica stands still', async () => {
    await admin.query('select pg_wal_replay_pause()');
    try {
      const { id } = await valueSet('Written a moment ago');
      const caller = await seen();
      expect(await side(() => world.records.read(caller, 'ValueSet', id))).toBe(
        '0 replica, 1 primary',
      );
      expect((await world.records.read(caller, 'ValueSet', id)).id).toBe(id);
    } finally {
      await admin.query('select pg_wal_replay_resume()');
    }
  });

  it('a caller who was not looked up on the primary is answered by it', async () => {
    const { id } = await valueSet('For the house');
    expect(await side(() => world.records.read(world.system, 'ValueSet', id))).toBe(
      '0 replica, 0 primary',
    );
  });

  it('in a write the transaction itself is read', async () => {
    const { id } = await valueSet('Before');
    const caller = await seen();
    const read = world.records.write(caller, async (tx) => {
      await tx.update({ resourceType: 'ValueSet', id, status: 'active', title: 'After' });
      return (await tx.read('ValueSet', id)).resource;
    });
    await expect(read).resolves.toMatchObject({ title: 'After' });
  });

  it('a replica that is gone costs nobody an answer', async () => {
    const { id } = await valueSet('Alone');
    await caughtUp();
    await replica.stop();
    const caller = await seen();
    expect(await side(() => world.records.read(caller, 'ValueSet', id))).toBe(
      '0 replica, 1 primary',
    );
    const began = performance.now();
    await world.records.read(caller, 'ValueSet', id);
    // It rests: nobody waits for it again.
    expect(performance.now() - began).toBeLessThan(400);
  });
});
