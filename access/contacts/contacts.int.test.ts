/** How people are told: choices, links that end one kind, browsers that are told by push, and what ends that. */
import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttp,
  createJobs,
  fileOutbox,
  fixedClock,
  gateways,
  localKeyProvider,
  openEvents,
  openKeyRing,
  vapidKeys,
} from '@afar/platform';
import { testDatabase, testLog } from '@afar/platform/testing';
import { outcomeOf } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contacts, PushDevice } from '../contract.ts';
import { createAccess, type Access } from '../index.ts';

const clock = fixedClock(Date.parse('2026-11-24T15:00:00Z'));
const folder = mkdtempSync(join(tmpdir(), 'afar-contacts-'));
const password = 'blue lamp under nine stones';
const baseUrl = 'http://localhost:8270';
let data: Awaited<ReturnType<typeof testDatabase>>;
let access: Access;
let http: ReturnType<typeof createHttp>;
let outbox: ReturnType<typeof fileOutbox>;
const closers: (() => unknown)[] = [];
/** What the push services of the test were sent, and what they answer. */
const pushed: string[] = [];
const answers = new Map<string, number>();

beforeAll(async () => {
  data = await testDatabase(['access']);
  const log = testLog();
  const keys = await openKeyRing({
    dir: join(folder, 'keys'),
    provider: localKeyProvider(join(folder, 'kek')),
    clock,
  });
  const events = await openEvents({ url: data.url, db: data.db, log });
  outbox = fileOutbox({ dir: join(folder, 'outbox'), key: () => keys.tenant(1), clock });
  const delivery = gateways({
    outbox,
    push: {
      keys: () => vapidKeys(join(folder, 'vapid'), () => keys.tenant(1)),
      contact: 'mailto:clinic@example.org',
      post: (url) => {
        pushed.push(url);
        return Promise.resolve({ status: answers.get(url) ?? 201 });
      },
    },
  });
  const jobs = createJobs({ url: data.url, log });
  access = await createAccess({
    db: data.db,
    auditDb: data.auditDb,
    keys,
    clock,
    events,
    log,
    mode: 'demo',
    baseUrl,
    secureCookies: false,
    tenantOf: () => 1,
    jobs,
    delivery,
  });
  http = createHttp({
    log,
    renderError(error) {
      const { status, outcome, headers } = outcomeOf(error);
      return { status, headers, contentType: 'application/json', body: outcome };
    },
  });
  await http.register(access.plugin);
  await http.ready();
  closers.push(
    () => http.close(),
    () => jobs.stop(),
    () => events.close(),
    () => keys.close(),
  );
});
afterAll(async () => {
  for (const close of closers) await close();
  await data.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function person(email: string) {
  const { id } = await access.accounts.create({
    tenant: 1,
    role: 'patient',
    email,
    name: 'Ada Okonjo',
    zone: 'Europe/Madrid',
    password,
  });
  const jar = new Map<string, string>();
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) => {
    const answer = await http.inject({
      method,
      url,
      ...(body && { payload: body }),
      headers: {
        host: 'localhost:8270',
        origin: baseUrl,
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    for (const { name, value } of answer.cookies) jar.set(name, value);
    return answer;
  };
  const signIn = () => send('POST', '/auth/sign-in', { email, password });
  await signIn();
  return { id, send, signIn };
}

function subscription(name: string) {
  const browser = createECDH('prime256v1');
  browser.generateKeys();
  return {
    endpoint: `https://push.example/${name}`,
    keys: {
      p256dh: browser.getPublicKey().toString('base64url'),
      auth: randomBytes(16).toString('base64url'),
    },
  };
}
const said = { title: 'Afar', text: 'You have a new message.', url: '/', tag: 'messages' };

describe('choices', () => {
  it('mail, push and a quiet night are usual for a patient; SMS she asks for', async () => {
    const ada = await person('ada@home.example');
    const { wanted, quiet, possible } = (await ada.send('GET', '/api/contacts')).json<Contacts>();
    expect(wanted).toContain('visits:mail');
    expect(wanted).not.toContain('visits:sms');
    expect(quiet).toEqual({ from: 1260, to: 480 });
    // No number of hers is known: there is nothing to choose.
    expect(possible).not.toContain('visits:sms');
  });

  it('what she chose counts', async () => {
    const bea = await person('bea@home.example');
    const put = await bea.send('PUT', '/api/contacts', { wanted: ['visits:push'], quiet: null });
    expect(put.statusCode).toBe(204);
    const reach = await access.contacts.reach(1, bea.id, 'visits');
    expect(reach).toMatchObject({ zone: 'Europe/Madrid', push: false });
    expect(reach).not.toHaveProperty('mail');
    expect(reach).not.toHaveProperty('quiet');
    for (const bad of [
      { wanted: ['visits:pigeon'], quiet: null },
      { wanted: [], quiet: { from: 1440, to: 3 } },
    ])
      expect((await bea.send('PUT', '/api/contacts', bad)).statusCode).toBe(400);
  });

  it('an account that was closed is reached by nothing', async () => {
    const cleo = await person('cleo@home.example');
    await access.accounts.disable(1, cleo.id);
    expect(await access.contacts.reach(1, cleo.id, 'visits')).toBeUndefined();
  });
});

describe('links that end one kind of message', () => {
  const form = (url: string) =>
    http.inject({
      method: 'POST',
      url,
      headers: { host: 'localhost:8270', 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'List-Unsubscribe=One-Click',
    });

  it('end that kind by that way, without signing in, and nothing else [RFC 8058 3.2]', async () => {
    const dora = await person('dora@home.example');
    const { page, post } = await access.contacts.optOutUrls(1, dora.id, 'visits:mail');
    expect(page).toMatch(/^http:\/\/localhost:8270\/opt-out#[\w-]{22}$/);
    const answer = await form(new URL(post).pathname);
    expect(answer.json()).toEqual({ topic: 'visits', way: 'mail' });
    const { wanted } = (await dora.send('GET', '/api/contacts')).json<Contacts>();
    expect(wanted).not.toContain('visits:mail');
    expect(wanted).toContain('messages:mail');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toContain(dora.id);
  });

  it('a link of another, a guess and a GET end nothing', async () => {
    const [eve, finn] = [await person('eve@home.example'), await person('finn@home.example')];
    const { post } = await access.contacts.optOutUrls(1, eve.id, 'visits:mail');
    const token = new URL(post).pathname.split('/').at(-1)!;
    expect((await http.inject({ method: 'GET', url: `/api/opt-out/${token}` })).statusCode).toBe(
      404,
    );
    // Hers, used by somebody who is signed in as another: it ends hers, not his.
    await finn.send('POST', '/api/opt-out', { token });
    expect((await access.contacts.reach(1, finn.id, 'visits'))!.mail).toBe('finn@home.example');
    expect((await access.contacts.reach(1, eve.id, 'visits'))!.mail).toBeUndefined();
    for (const guess of [
      `${token.slice(0, 21)}${token.endsWith('A') ? 'Q' : 'A'}`,
      eve.id,
      'x'.repeat(22),
    ])
      expect((await form(`/api/opt-out/${guess}`)).statusCode).toBe(404);
  });

  it('is in no table', async () => {
    const gail = await person('gail@home.example');
    const { post } = await access.contacts.optOutUrls(1, gail.id, 'visits:mail');
    const { rows } = await data.db.query<{ all: string }>(
      'select string_agg(o::text, $1) as all from access.opt_out o',
      [' '],
    );
    expect(rows[0]!.all).not.toContain(post.split('/').at(-1));
  });
});

describe('push', () => {
  it('reaches each of her browsers; one that is gone is forgotten [RFC 8030 7.3]', async () => {
    const hana = await person('hana@home.example');
    const made = await hana.send('POST', '/api/contacts/devices', subscription('phone'));
    expect(made.statusCode).toBe(201);
    expect(made.json<PushDevice>()).toMatchObject({ current: true });
    await hana.send('POST', '/api/contacts/devices', subscription('desk'));
    answers.set('https://push.example/desk', 410);
    expect(await access.contacts.push(1, hana.id, said)).toEqual({
      taken: 1,
      failed: ['push-gone'],
    });
    expect(pushed.toSorted()).toEqual(['https://push.example/desk', 'https://push.example/phone']);
    const { devices } = (await hana.send('GET', '/api/contacts')).json<Contacts>();
    expect(devices).toHaveLength(1);
    const { rows } = await data.db.query<{ all: string }>(
      'select string_agg(encode(sealed, $1), $2) as all from access.push_device',
      ['escape', ' '],
    );
    expect(rows[0]!.all).not.toContain('push.example');
  });

  it('a browser tells whoever is signed in there now, nobody before', async () => {
    const [iris, jon] = [await person('iris@home.example'), await person('jon@home.example')];
    const tablet = subscription('tablet');
    await iris.send('POST', '/api/contacts/devices', tablet);
    await jon.send('POST', '/api/contacts/devices', tablet);
    expect((await access.contacts.push(1, iris.id, said)).taken).toBe(0);
    expect((await access.contacts.push(1, jon.id, said)).taken).toBe(1);
  });

  it('ends when she signs out, or forgets the browser from afar; not with a session that grew old', async () => {
    const kim = await person('kim@home.example');
    await kim.send('POST', '/api/contacts/devices', subscription('one'));
    await kim.send('POST', '/auth/sign-out');
    expect((await access.contacts.push(1, kim.id, said)).taken).toBe(0);
    await kim.signIn();
    await kim.send('POST', '/api/contacts/devices', subscription('two'));
    clock.advance(13 * 3_600_000);
    expect((await access.contacts.push(1, kim.id, said)).taken).toBe(1);
    await kim.signIn();
    await kim.send('POST', '/auth/demo/step-up');
    await kim.send('DELETE', '/auth/devices');
    const { rows } = await data.db.query<{ id: string }>(
      'select id from access.device where tenant = 1 and account = $1',
      [kim.id],
    );
    await kim.send('DELETE', `/auth/devices/${rows[0]!.id}`);
    expect((await access.contacts.push(1, kim.id, said)).taken).toBe(0);
  });

  it('nobody ends, or is told by, a browser of another', async () => {
    const [lea, mo] = [await person('lea@home.example'), await person('mo@home.example')];
    const device = (
      await lea.send('POST', '/api/contacts/devices', subscription('hers'))
    ).json<PushDevice>();
    expect((await mo.send('DELETE', `/api/contacts/devices/${device.id}`)).statusCode).toBe(404);
    expect((await access.contacts.push(1, lea.id, said)).taken).toBe(1);
    expect((await lea.send('DELETE', `/api/contacts/devices/${device.id}`)).statusCode).toBe(204);
  });

  it('a notice is followed by a push to who wants it', async () => {
    const ned = await person('ned@home.example');
    await ned.send('POST', '/api/contacts/devices', subscription('ned'));
    const jobs = () =>
      data.ownerDb.query<{ key: string; run_at: Date }>(
        `select key, run_at from graphile_worker.jobs where key like $1`,
        [`access.push.1.${ned.id}%`],
      );
    await access.notices.tell({ tenant: 1, to: { account: ned.id }, kind: 'message' });
    await access.notices.tell({ tenant: 1, to: { account: ned.id }, kind: 'message' });
    expect((await jobs()).rows).toHaveLength(1);
    const oda = await person('oda@home.example');
    await access.notices.tell({ tenant: 1, to: { account: oda.id }, kind: 'message' });
    // Without a browser there is no job; mail goes all the same.
    await access.post.settle();
    const sent = (await outbox.read()).filter((one) => one.to === 'oda@home.example');
    expect(sent).toHaveLength(1);
    expect(readFileSync(join(folder, 'vapid')).length).toBeGreaterThan(0);
  });

  it('mail about messages is ended with the topic', async () => {
    const pia = await person('pia@home.example');
    await pia.send('PUT', '/api/contacts', { wanted: ['visits:mail'], quiet: null });
    await access.notices.tell({ tenant: 1, to: { account: pia.id }, kind: 'message' });
    await access.post.settle();
    expect((await outbox.read()).filter((one) => one.to === 'pia@home.example')).toEqual([]);
  });
});
