/** Every route of the whole program leaves its event; and with the trail closed, nothing leaves at all, errors neither. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compose, type App } from './compose.ts';
import { loadConfig } from './config.ts';
import { rooms } from './database.ts';
import { dataFolder } from './testing/spawn-server.ts';

let database: TestDatabase;
let app: App;
const folder = dataFolder();
const routes: { method: string; url: string }[] = [];

beforeAll(async () => {
  database = await testDatabase(rooms.map(({ room }) => room));
  mkdirSync(join(folder.path, 'keys'), { recursive: true });
  writeFileSync(join(folder.path, 'keys', 'database.json'), JSON.stringify(database.passwords));
  const config = loadConfig({
    AFAR_DATA: folder.path,
    AFAR_MODE: 'production',
    AFAR_KEK_DIR: join(folder.path, '..', 'kek'),
    AFAR_ROLES: 'api',
    AFAR_BASE_URL: 'http://localhost:8160',
    DATABASE_URL: database.urls.admin,
  });
  app = await compose(config, testLog(), {
    onRoute({ method, url }) {
      for (const one of [method].flat())
        if (one !== 'OPTIONS' && one !== 'TRACE') routes.push({ method: one, url });
    },
  });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
  folder.remove();
});

const uuid = '018f0000-0000-7000-8000-000000000001';
const headers = { host: 'localhost:8160', 'content-type': 'application/json' };
const ask = ({ method, url }: { method: string; url: string }) =>
  app.http.inject({
    method: method as 'GET',
    url: url
      .replace(/:type\b/, 'Patient')
      .replaceAll(/:\w+(\([^)]*\))?/g, uuid)
      .replaceAll('*', 'x'),
    headers,
    ...(['POST', 'PUT', 'PATCH'].includes(method) && { payload: '{}' }),
  });

const watched = (): typeof routes =>
  routes.filter(({ url }) => /^\/(fhir|api|auth|oauth|\.well-known)(\/|$)/.test(url));

describe('every route', () => {
  it('is found', () => {
    expect(watched().length).toBeGreaterThan(80);
    for (const url of ['/api/auditor/evidence', '/api/break-glass', '/api/readers'])
      expect(watched().map((one) => one.url)).toContain(url);
  });

  it('leaves one event or more, whoever asks for whatever', async () => {
    const silent: string[] = [];
    for (const route of watched()) {
      const answer = await ask(route);
      const { rows } = await database.ownerDb.query(
        'select from access.audit_event where request = $1',
        [answer.headers['x-request-id']],
      );
      if (rows.length === 0) silent.push(`${route.method} ${route.url}: ${answer.statusCode}`);
    }
    expect(silent).toEqual([]);
  });
});

describe('with the trail closed', () => {
  beforeEach(() => database.ownerDb.query('revoke insert on access.audit_event from afar_audit'));
  afterAll(() => database.ownerDb.query('grant insert on access.audit_event to afar_audit'));

  it('every route answers 503 and tells nothing, errors and static answers too', async () => {
    const told: string[] = [];
    for (const route of [...watched(), { method: 'GET', url: '/api/nowhere' }]) {
      const { statusCode, body } = await ask(route);
      // [RFC 6749 4.1.2.1] has a word of its own.
      if (
        statusCode !== 503 ||
        !/^$|"transient"|^\{"error":"temporarily_unavailable"\}$/.test(body)
      )
        told.push(`${route.method} ${route.url}: ${statusCode} ${body.slice(0, 80)}`);
    }
    expect(told).toEqual([]);
  });
});
