/** Two clinics in one installation, with equal ids for everything: nothing of one is seen, changed, told or kept in the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '@afar/platform';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  cookieOf,
  passwordOf,
  tokenAsked,
  twoClinics,
  type Clinic,
  type TwoClinics,
} from './testing/two-clinics.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const id = '3f0f6e4c-7d2a-4f3b-9a51-0c9d8e7f6a5b';
let two: TwoClinics;
let first: Clinic;
let second: Clinic;
beforeAll(async () => {
  two = await twoClinics();
  ({ first, second } = two);
  for (const clinic of [first, second]) {
    const made = await clinic.fhir(`/Patient/${id}`, { method: 'PUT', body: person(clinic) });
    if (made.status !== 201) throw new Error(`${clinic.host}: ${made.status} ${made.text}`);
  }
});
afterAll(() => two?.close());

const person = ({ family }: Clinic, over: object = {}) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'urn:same', value: 'same' }],
  name: [{ family }],
  ...over,
});

interface Bundle {
  total?: number;
  link?: { url: string }[];
  entry?: { fullUrl?: string; resource: { id: string; name?: { family: string }[] } }[];
}

const both = (): [Clinic, Clinic][] => [
  [first, second],
  [second, first],
];

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error(`never: ${what}`);
}

describe('records of equal ids', () => {
  it('are read, searched and listed at each host as its own', async () => {
    for (const [own, other] of both())
      for (const path of [
        `/Patient/${id}`,
        `/Patient/${id}/_history/1`,
        `/Patient/${id}/_history`,
        '/Patient?identifier=urn:same|same',
        `/Patient?name=${own.family}`,
        `/Patient?_id=${id}`,
        '/Patient/_history',
        `/Patient/${id}/$everything`,
      ]) {
        const said = await own.fhir(path);
        expect([path, said.status, said.text.includes(own.family)]).toEqual([path, 200, true]);
        expect(said.text).not.toContain(other.family);
      }
  });

  it('are not found by what the other says of them', async () => {
    for (const [own, other] of both()) {
      const found = (await own.fhir(`/Patient?name=${other.family}`)).json<Bundle>();
      expect(found.entry ?? []).toEqual([]);
    }
  });

  it('are changed and deleted alone', async () => {
    const changed = await second.fhir(`/Patient/${id}`, {
      method: 'PUT',
      body: person(second, { active: true }),
    });
    expect(changed.headers.etag).toBe('W/"2"');
    expect((await first.fhir(`/Patient/${id}`)).headers.etag).toBe('W/"1"');
    const task = { resourceType: 'Basic', id, code: { text: 'same' } };
    for (const clinic of [first, second])
      expect((await clinic.fhir(`/Basic/${id}`, { method: 'PUT', body: task })).status).toBe(201);
    expect((await second.fhir(`/Basic/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
    expect((await second.fhir(`/Basic/${id}`)).status).toBe(410);
    expect((await first.fhir(`/Basic/${id}`)).status).toBe(200);
  });

  it('link to their own host', async () => {
    for (const [own, other] of both()) {
      const { entry, link } = (await own.fhir(`/Patient?_id=${id}`)).json<Bundle>();
      for (const url of [entry?.[0]?.fullUrl, link?.[0]?.url])
        expect(new URL(url!).hostname).toBe(own.host);
      const made = await own.fhir('/Basic', {
        method: 'POST',
        body: { resourceType: 'Basic', code: { text: 'x' } },
      });
      expect(String(made.headers.location)).toContain(`//${own.host}:`);
      expect(String(made.headers.location)).not.toContain(other.host);
    }
  });
});

describe('who may come in', () => {
  it('a client by its secret of this clinic, with a token of this clinic', async () => {
    for (const [own, other] of both()) {
      const wrong = await own.ask('/oauth/token', tokenAsked(other.tenant));
      expect([wrong.status, wrong.text.includes('access_token')]).toEqual([401, false]);
      const stray = await own.fhir(`/Patient/${id}`, {
        headers: { authorization: `Bearer ${other.token}` },
      });
      expect([stray.status, stray.text.includes('Secondperson')]).toEqual([401, false]);
    }
  });

  it('an account by its password of this clinic, with a session of this clinic', async () => {
    const email = 'auditor@same.example';
    for (const [own, other] of both()) {
      const wrong = await own.ask('/auth/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
        body: { email, password: passwordOf(other.tenant) },
      });
      expect([wrong.status, cookieOf(wrong).includes('session')]).toEqual([401, false]);
    }
    const cookie = await first.signIn(email);
    expect((await first.ask('/auth/me', { headers: { cookie } })).text).toContain(first.family);
    const stray = await second.ask('/auth/me', { headers: { cookie } });
    expect([stray.status, stray.text]).toEqual([204, '']);
    expect((await second.ask('/fhir/R4/AuditEvent', { headers: { cookie } })).status).toBe(401);
  });

  it('each clinic is an issuer of its own', async () => {
    const wrong: string[] = [];
    for (const [own] of both())
      for (const path of [
        '/.well-known/openid-configuration',
        '/fhir/R4/.well-known/smart-configuration',
      ])
        for (const [name, url] of Object.entries((await own.ask(path)).json<object>()))
          if (typeof url === 'string' && url.startsWith('http') && !name.includes('system'))
            if (new URL(url).hostname !== own.host) wrong.push(`${own.host} ${name} ${url}`);
    expect(wrong).toEqual([]);
  });

  it('a page of the other clinic is a foreign page', async () => {
    const cookie = await second.signIn('administrator@same.example');
    const { port } = new URL(two.app.baseUrl);
    const sent = await second.ask('/auth/sign-out', {
      method: 'POST',
      headers: { cookie, origin: `http://localhost:${port}`, 'sec-fetch-site': 'cross-site' },
    });
    expect(sent.status).toBe(403);
  });
});

it('a subscription of one hears nothing of the other', async () => {
  const wish = {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'test',
    criteria: 'Patient?identifier=urn:same|same',
    channel: { type: 'websocket', payload: 'application/fhir+json' },
  };
  const events = async (clinic: Clinic, at: string): Promise<number> => {
    const { rows } = await two.data.ownerDb.query<{ events: number }>(
      'select events from exchange.subscription where tenant = $1 and id = $2',
      [clinic.tenant, at],
    );
    return rows[0]!.events;
  };
  const ids: string[] = [];
  for (const clinic of [first, second]) {
    const made = await clinic.fhir('/Subscription', { method: 'POST', body: wish });
    expect(made.status).toBe(201);
    ids.push(made.json<{ id: string }>().id);
  }
  const change = (clinic: Clinic, birthDate: string) =>
    clinic.fhir(`/Patient/${id}`, { method: 'PUT', body: person(clinic, { birthDate }) });
  await change(second, '1980-01-01');
  await until(async () => (await events(second, ids[1]!)) === 1, 'the second was told');
  await change(first, '1981-01-01');
  await until(async () => (await events(first, ids[0]!)) === 1, 'the first was told');
  expect(await events(second, ids[1]!)).toBe(1);
});

it('an export holds its own clinic alone, and is nobody else’s to fetch', async () => {
  const asked = await first.fhir('/$export?_type=Patient', {
    headers: { prefer: 'respond-async', accept: 'application/fhir+json' },
  });
  expect(asked.status).toBe(202);
  const at = new URL(String(asked.headers['content-location'])).pathname.replace('/fhir/R4', '');
  expect((await second.fhir(at)).status).toBe(404);
  let manifest = await first.fhir(at);
  await until(async () => (manifest = await first.fhir(at)).status === 200, 'the export ended');
  const [file] = manifest.json<{ output: { url: string }[] }>().output;
  const url = new URL(file!.url);
  expect(url.hostname).toBe(first.host);
  const place = url.pathname.replace('/fhir/R4', '');
  const own = await first.fhir(place);
  expect([own.status, own.text.includes(first.family)]).toEqual([200, true]);
  expect(own.text).not.toContain(second.family);
  expect((await second.fhir(place)).status).toBe(404);
});

it('notices and the trail are each clinic’s own', async () => {
  const { access } = two.app.house;
  const accounts = async ({ tenant }: Clinic) =>
    within(tenant, () => access.accounts.list(tenant, undefined, 10));
  const before = two.app.house.clock.now();
  await within(2, () =>
    access.notices.tell({
      tenant: 2,
      to: { role: 'administrator' },
      kind: 'password-changed',
      about: {},
    }),
  );
  const told = async (clinic: Clinic): Promise<number> => {
    const all = await accounts(clinic);
    const lists = await within(clinic.tenant, () =>
      Promise.all(all.map((one) => access.notices.list(clinic.tenant, one.id, 50))),
    );
    return lists.flat().filter((one) => Number(one.at) >= before).length;
  };
  expect(await told(second)).toBe(1);
  expect(await told(first)).toBe(0);

  const cookies = [await first.signIn('auditor@same.example')];
  cookies.push(await second.signIn('auditor@same.example'));
  await second.fhir(`/Patient/${id}`);
  for (const [at, clinic] of [first, second].entries()) {
    const said = await clinic.ask('/fhir/R4/AuditEvent?_count=200', {
      headers: { cookie: cookies[at]! },
    });
    expect(said.status).toBe(200);
    const listed = said.json<{ entry?: { resource: { id: string } }[] }>().entry ?? [];
    expect(listed.length).toBeGreaterThan(3);
    const { rows } = await two.data.ownerDb.query<{ tenant: number }>(
      'select distinct tenant from access.audit_event where id = any($1)',
      [listed.map((one) => one.resource.id)],
    );
    expect(rows).toEqual([{ tenant: clinic.tenant }]);
  }
  expect(await access.verifyAudit()).not.toHaveProperty('fault');
});

describe('a host that is nobody’s', () => {
  it('is told nothing, by any address, and leaves no event', async () => {
    const count = async (): Promise<number> => {
      const { rows } = await two.data.ownerDb.query<{ n: number }>(
        'select count(*)::int as n from access.audit_event',
      );
      return rows[0]!.n;
    };
    const n = await count();
    for (const path of ['/', '/fhir/R4/metadata', `/fhir/R4/Patient/${id}`, '/auth/me', '/nowhere'])
      for (const host of ['third.test', '127.0.0.1', 'second.test.evil.example', '']) {
        const said = await two.ask(host, path, {
          headers: { authorization: `Bearer ${first.token}` },
        });
        expect([host, path, said.status]).toEqual([host, path, host ? 421 : said.status]);
        expect(said.status).toBeGreaterThanOrEqual(400);
        expect(said.text).not.toMatch(/Afar|person|second\.test/);
      }
    expect(await count()).toBe(n);
  });

  it('may ask whether the server lives', async () => {
    expect((await two.ask('10.0.0.7', '/healthz')).status).toBe(200);
  });
});

it('what each uses is counted apart', async () => {
  await two.app.house.meter.flush();
  const { rows } = await two.data.ownerDb.query<{ tenant: number; n: number }>(
    `select tenant, sum(amount)::int as n from platform.meter where metric = 'requests' group by tenant order by tenant`,
  );
  expect(rows.map((row) => row.tenant)).toEqual([1, 2]);
  expect(Math.min(...rows.map((row) => row.n))).toBeGreaterThan(20);
});

/** A socket of subscriptions, with what it was told and whether it is over. */
function socketOf(clinic: Clinic, token?: string) {
  const { port } = new URL(two.app.baseUrl);
  const ws = new WebSocket(`ws://127.0.0.1:${port}/api/subscriptions/socket`, {
    headers: { host: `${clinic.host}:${port}` },
  });
  const said: string[] = [];
  const state = { said, over: false };
  ws.on('open', () => token && ws.send(`bind-with-token ${token}`));
  ws.on('message', (data: Buffer) => said.push(data.toString()));
  ws.on('close', () => (state.over = true));
  ws.on('error', () => undefined);
  return state;
}

it('a binding token of one opens no socket at the other', async () => {
  const wish = {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'test',
    criteria: 'Patient?active=true',
    channel: { type: 'websocket' },
  };
  const made = await first.fhir('/Subscription', { method: 'POST', body: wish });
  const asked = await first.fhir(
    `/Subscription/${made.json<{ id: string }>().id}/$get-ws-binding-token`,
  );
  const { parameter } = asked.json<{ parameter: { name: string; valueString: string }[] }>();
  const token = parameter.find((one) => one.name === 'token')!.valueString;
  const stray = socketOf(second, token);
  await until(() => Promise.resolve(stray.over), 'the stray socket was closed');
  expect(stray.said).toEqual([]);
  const own = socketOf(first, token);
  await until(() => Promise.resolve(own.said.length > 0), 'its own socket was bound');
});

it('a suspended clinic is served no longer, nor its tokens and sockets; resumed, it is again', async () => {
  const { tenants } = two.app.house;
  const sockets = [socketOf(first), socketOf(second)];
  await sleep(200);
  await tenants.setStatus(2, 'suspended');
  await until(() => Promise.resolve(sockets[1]!.over), 'its socket was cut');
  expect(sockets[0]!.over).toBe(false);
  expect((await second.fhir(`/Patient/${id}`)).status).toBe(421);
  expect((await first.fhir(`/Patient/${id}`)).status).toBe(200);
  await tenants.setStatus(2, 'active');
  expect((await second.fhir(`/Patient/${id}`)).status).toBe(200);
});

it('a host name is one clinic’s', async () => {
  const { tenants } = two.app.house;
  for (const hosts of [['second.test'], ['localhost'], ['SECOND.test'], ['bad name'], []])
    await expect(tenants.create({ name: 'Third', hosts })).rejects.toThrow(
      /host name|first tenant/,
    );
  expect(tenants.list()).toHaveLength(2);
});
