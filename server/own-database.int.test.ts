/** A PostgreSQL of one's own: several processes on one clinic, and roles that belong to one installation. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase, type TestDatabase } from '@afar/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { DemoSecrets } from './demo-secrets.ts';
import {
  dataFolder,
  processesOn,
  spawnServer,
  type ServerProcess,
} from './testing/spawn-server.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let t: TestDatabase;
let folder: ReturnType<typeof dataFolder>;
const started: ServerProcess[] = [];
beforeAll(async () => {
  // Empty of rooms: the server's own start brings them.
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(() => {
  folder = dataFolder();
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.child.kill('SIGTERM');
    await one.ended;
  }
  folder.remove();
});

function start(env: Record<string, string> = {}): ServerProcess {
  const server = spawnServer(folder.path, { DATABASE_URL: t.urls.admin, ...env });
  started.push(server);
  return server;
}

const secrets = (): DemoSecrets =>
  JSON.parse(readFileSync(join(folder.path, 'demo-accounts.json'), 'utf8')) as DemoSecrets;

it('two processes serve one clinic: a token and a record of one are good at the other', async () => {
  mkdirSync(join(folder.path, 'keys'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder.path, 'keys', 'database.json'), JSON.stringify(t.passwords));
  const one = start();
  const first = await one.ready();
  const two = start();
  const second = await two.ready();
  expect(second).not.toBe(first);
  const { client, accounts } = secrets();
  expect(accounts.length).toBeGreaterThanOrEqual(5);

  const granted = await fetch(`${first}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: client.scope }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const made = await fetch(`${second}/fhir/R4/Patient`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Twoprocess' }] }),
  });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  expect((await fetch(`${first}/fhir/R4/Patient/${id}`, { headers })).status).toBe(200);

  for (const server of [one, two]) {
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  }
  expect(processesOn(folder.path)).toEqual([]);
  const counted = await t.ownerDb.query<{ requests: number }>(
    `select sum(amount)::int8 as requests from platform.meter where tenant = 1 and metric = 'requests'`,
  );
  // The end of each process writes what it counted: at least the three requests above.
  expect(counted.rows[0]!.requests).toBeGreaterThanOrEqual(3);
});

it('refuses the roles of another installation, and leaves their passwords alone', async () => {
  const stranger = start();
  expect(await stranger.ended).toBe(1);
  expect(stranger.said()).toMatch(/belongs to another Afar installation/);
  expect((await t.db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
