/** The key provider is down: served for the lifetime of the keys in memory, then 503 with Retry-After, and well again without a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAccess, systemCaller } from '@afar/access';
import type { Observation } from '@afar/fhir';
import { createHttp, localKeyProvider, openEvents, openKeyRing } from '@afar/platform';
import type { KeyProvider, KeyRing, RunningEvents } from '@afar/platform';
import { outcomeOf } from '@afar/fhir';
import { testDatabase, testLog } from '@afar/platform/testing';
import type { TestDatabase } from '@afar/platform/testing';
import { createRecords } from './index.ts';
import type { Records } from './index.ts';

let data: TestDatabase;
let events: RunningEvents;
let keys: KeyRing;
let records: Records;
let folder: string;
let now = Date.UTC(2026, 10, 21, 9);
let down = false;
let asked = 0;
const clock = { now: () => now };
const log = testLog();
const lifetimeMs = 15 * 60_000;

beforeAll(async () => {
  data = await testDatabase(['access', 'records']);
  folder = mkdtempSync(join(tmpdir(), 'afar-outage-'));
  const local = localKeyProvider(join(folder, 'kek'));
  const refusing = async <T>(work: () => Promise<T>): Promise<T> => {
    asked++;
    if (down) throw new Error('connect ECONNREFUSED');
    return work();
  };
  const provider: KeyProvider = {
    ...local,
    wrap: (plain, context) => refusing(() => local.wrap(plain, context)),
    unwrap: (wrapped, context) => refusing(() => local.unwrap(wrapped, context)),
  };
  keys = await openKeyRing({ dir: join(folder, 'keys'), provider, clock, log, lifetimeMs });
  events = await openEvents({ url: data.url, db: data.db, log });
  const baseUrl = 'http://localhost:8170';
  const shared = { db: data.db, keys, clock, events, log, baseUrl };
  const access = await createAccess({
    ...shared,
    auditDb: data.auditDb,
    mode: 'demo',
    secureCookies: false,
    tenantOf: () => 1,
  });
  records = await createRecords({ ...shared, access });
});
afterAll(async () => {
  await events.close();
  keys.close();
  await data.drop();
  rmSync(folder, { recursive: true });
});

it('is outlived for the lifetime, then answered by 503 and Retry-After, and over when it is over', async () => {
  const system = () => systemCaller(1, clock, 'test');
  const patient = await records.create(system(), { resourceType: 'Patient', gender: 'female' });
  const write = () =>
    records.create<Observation>(system(), {
      resourceType: 'Observation',
      status: 'final',
      subject: { reference: `Patient/${patient.id}` },
      code: { text: 'x' },
    });
  await write();
  down = true;
  now += lifetimeMs - 1_000;
  await write();
  expect((await records.read(system(), 'Patient', patient.id)).id).toBe(patient.id);
  const warned = () =>
    log
      .text()
      .split('\n')
      .filter((line) => line.includes('key-provider'));
  expect(warned()).toHaveLength(1);
  expect(warned()[0]).toContain('key provider local did not answer');

  now += 1_001;
  for (const deed of [write, () => records.read(system(), 'Patient', patient.id)]) {
    const answer = await deed().then(
      () => undefined,
      (error: unknown) => outcomeOf(error),
    );
    expect(answer?.status).toBe(503);
    expect(answer?.headers).toHaveProperty('retry-after');
  }
  expect(warned(), 'said once, not at every request').toHaveLength(1);

  down = false;
  expect((await records.read(system(), 'Patient', patient.id)).id).toBe(patient.id);
  await write();
  expect(log.text()).toContain('the key provider answers again');
});

it('asks a provider that is down once a second at most while nobody needs it', async () => {
  now += lifetimeMs / 2 + 1;
  down = true;
  const before = asked;
  for (let i = 0; i < 50; i++) await keys.tenant(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked - before).toBeLessThanOrEqual(1);
  down = false;
});

it('reaches callers over HTTP as 503', async () => {
  const app = createHttp({
    log,
    renderError: (error) => {
      const { status, outcome, headers } = outcomeOf(error);
      return { status, headers, contentType: 'application/fhir+json', body: outcome };
    },
  });
  app.get('/key', async () => (await keys.tenant(1)).kid);
  now += lifetimeMs + 1;
  down = true;
  const answer = await app.inject({ method: 'GET', url: '/key' });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBeDefined();
  down = false;
  expect((await app.inject({ method: 'GET', url: '/key' })).statusCode).toBe(200);
  await app.close();
});
