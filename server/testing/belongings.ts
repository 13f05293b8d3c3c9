/** What there is of somebody that has an id in an address or a body: made as the product makes it, and looked at again later. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCaller } from '@afar/access';
import { within } from '@afar/platform';
import type { App } from '../compose.ts';
import { askerOf, type Asker } from './strangers.ts';

/** Ids, of the patient's own things and of those of the staff around her. */
export interface Belongings {
  link: string;
  related: string;
  device: string;
  passkey: string;
  notice: string;
  glass: string;
  job: string;
  subscription: string;
  binary: string;
  approval: string;
  client: string;
  appGrant: string;
  provider: string;
  licence: string;
  anomaly: string;
  task: string;
  uid: string;
  /** What she wrote to those who care for her, a file of it, a browser she is told by. */
  thread: string;
  file: string;
  push: string;
  /** A member of staff who was in the patient's record. */
  reader: string;
  /** A free time of a clinician. */
  slot: string;
  clinician: string;
  /** A time she holds, visits that repeat, what she waits for, a calendar she subscribed to. */
  hold: string;
  series: string;
  entry: string;
  feed: string;
}

/** Signs in by the demo's panel. */
export async function demoAsker(app: App, email: string): Promise<Asker> {
  const entered = await askerOf(app)({ method: 'POST', url: '/auth/demo', payload: { email } });
  const cookie = entered.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
  const ask = askerOf(app, { cookie });
  await ask({ method: 'POST', url: '/auth/demo/step-up' });
  return ask;
}

async function asked<T>(
  ask: Asker,
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
): Promise<T> {
  const headers = { 'idempotency-key': randomUUID() };
  const answer = await ask({ method, url, headers, ...(payload && { payload }) });
  if (answer.statusCode >= 300)
    throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`);
  return answer.json<T>();
}

/** A finished export of what a client may see. */
async function exported(app: App): Promise<string> {
  const id = 'exporter';
  const secret = randomBytes(32).toString('base64url');
  const scope = 'system/Observation.rs';
  await within(1, () => app.access.clients.create({ tenant: 1, id, secret, scope }));
  const token = await askerOf(app)({
    method: 'POST',
    url: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
  });
  const { access_token: bearer } = token.json<{ access_token: string }>();
  const ask = askerOf(app, { authorization: `Bearer ${bearer}` });
  const begun = await ask({
    method: 'GET',
    url: '/fhir/R4/$export?_type=Observation',
    headers: { prefer: 'respond-async', accept: 'application/fhir+json' },
  });
  const at = new URL(String(begun.headers['content-location'])).pathname;
  for (let tries = 0; tries < 100; tries++) {
    const { statusCode } = await ask({ method: 'GET', url: at });
    if (statusCode === 200) return at.split('/').at(-1)!;
    await pause(100);
  }
  throw new Error('the export did not end');
}

/** @param who e-mail of a demo account of a role */
export async function belongings(
  app: App,
  her: { ask: Asker; account: string; patient: string },
  who: (role: string) => string,
): Promise<Belongings> {
  const { db } = app;
  const one = async <T extends object>(sql: string, values: unknown[] = []): Promise<T> => {
    const { rows } = await db.query<T>(sql, values);
    if (!rows[0]) throw new Error(`nothing there: ${sql}`);
    return rows[0];
  };
  const staff = async (role: string) => {
    const ask = await demoAsker(app, who(role));
    return { ask, id: (await asked<{ accountId: string }>(ask, 'GET', '/auth/me')).accountId };
  };
  const [admin, nurse, doctor] = await Promise.all(
    ['administrator', 'paramedic', 'practitioner'].map(staff),
  );
  const now = Date.now();

  const { link } = await asked<{ link: { id: string } }>(her.ask, 'POST', '/api/links', {
    kinds: ['record'],
  });
  const { related } = await asked<{ related: string }>(her.ask, 'POST', '/api/dependants', {
    given: 'Wren',
    family: 'Underhill',
    birthDate: `${new Date().getUTCFullYear() - 6}-05-04`,
    sex: 'female',
    relation: 'child',
  });
  const { devices } = await asked<{ devices: { id: string }[] }>(her.ask, 'GET', '/auth/devices');
  const glass = await asked<{ id: string }>(nurse!.ask, 'POST', '/api/break-glass', {
    patient: her.patient,
    reason: 'accident',
    text: 'brought in by the coast guard',
  });
  const { notices } = await asked<{ notices: { id: string }[] }>(her.ask, 'GET', '/api/notices');
  const subscription = await asked<{ id: string }>(her.ask, 'POST', '/fhir/R4/Subscription', {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'to know',
    criteria: `Observation?subject=Patient/${her.patient}`,
    channel: { type: 'websocket' },
  });
  const house = systemCaller(1, { now: Date.now }, 'test');
  const make = (resource: object) =>
    within(1, () => app.records.create(house, resource as Parameters<App['records']['create']>[1]));
  const binary = await make({
    resourceType: 'Binary',
    contentType: 'text/plain',
    securityContext: { reference: `Patient/${her.patient}` },
    data: Buffer.from('of hers').toString('base64'),
  });
  const task = await make({
    resourceType: 'Task',
    status: 'requested',
    intent: 'proposal',
    code: { coding: [{ system: 'urn:afar:task', code: 'possible-duplicate' }] },
    for: { reference: `Patient/${her.patient}` },
    input: [{ type: { text: 'chart' }, valueReference: { reference: `Patient/${her.patient}` } }],
  });
  const { client } = await asked<{ client: { id: string } }>(
    admin!.ask,
    'POST',
    '/api/office/clients',
    {
      name: 'Tide table',
      scope: 'openid fhirUser launch/patient patient/Observation.rs',
      redirectUris: ['https://tide.example/back'],
      kind: 'public',
      auth: 'none',
    },
  );
  const question = await askerOf(app)({
    method: 'GET',
    url: `/oauth/authorize?${new URLSearchParams({
      client_id: client.id,
      response_type: 'code',
      redirect_uri: 'https://tide.example/back',
      scope: 'openid launch/patient patient/Observation.rs',
      aud: `${app.baseUrl}/fhir/R4`,
      state: 'a state of some length',
      code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString()}`,
  });
  const uid = question.cookies.find(({ name }) => name === 'afar_ask')?.value;
  if (!uid) throw new Error(`no question: ${question.statusCode} ${question.body}`);
  const provider = await asked<{ id: string }>(
    admin!.ask,
    'POST',
    '/api/office/identity-providers',
    {
      name: 'Harbour',
      issuer: 'https://harbour.example',
      clientId: 'afar',
      clientSecret: 'a secret of the harbour',
      roles: ['nurse'],
      secondFactor: { acr: [], amr: [] },
      linkByEmail: false,
    },
  );
  await asked(admin!.ask, 'POST', `/api/office/users/${nurse!.id}/reset`, {});
  await within(1, () =>
    app.access.anomalies.raise({ tenant: 1, rule: 'wrong-access', who: nurse!.id, role: 'nurse' }),
  );
  const me = await asked<{ fhirUser: { id: string } }>(doctor!.ask, 'GET', '/auth/me');
  const slots = await asked<{ id: string }[]>(her.ask, 'POST', '/api/slots', {
    clinician: me.fhirUser.id,
    from: new Date(now).toISOString(),
    to: new Date(now + 10 * 86_400_000).toISOString(),
  });
  const visit = { type: 'video', reason: 'to be seen', place: 'US-NY' };
  const file = await her.ask({
    method: 'POST',
    url: `/api/messages/attachments/${her.patient}`,
    payload: Buffer.from('%PDF-1.7 of hers'),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const written = await her.ask({
    method: 'POST',
    url: '/api/messages',
    payload: {
      patient: her.patient,
      topic: 'My tablets',
      text: 'With milk?',
      attachments: [file.json<{ id: string }>().id],
    },
    headers: { 'idempotency-key': randomBytes(12).toString('hex') },
  });
  const push = await asked<{ id: string }>(her.ask, 'POST', '/api/contacts/devices', {
    endpoint: 'https://push.example/hers',
    keys: {
      p256dh: randomBytes(65).toString('base64url'),
      auth: randomBytes(16).toString('base64url'),
    },
  });
  const hold = await asked<{ id: string }>(her.ask, 'POST', '/api/holds', {
    slotId: slots[3]!.id,
    minutes: 15,
  });
  const series = await asked<{ id: string }>(her.ask, 'POST', '/api/series', {
    ...visit,
    slotId: slots[5]!.id,
    repeat: { every: 'week', times: 2 },
    book: 'possible',
  });
  const entry = await asked<{ id: string }>(her.ask, 'POST', '/api/waitlist', {
    ...visit,
    clinicians: [me.fhirUser.id],
    // Nothing is free then: she waits.
    from: '2999-01-01',
    to: '2999-01-02',
  });
  const feed = await asked<{ id: string }>(her.ask, 'POST', '/api/feeds', {});
  // Rows as a passkey and an app leave them; nobody opens their seals here.
  const { id: passkey } = await one<{ id: string }>(
    `insert into access.passkey (tenant, hash, id, account, counter, created, sealed)
     values (1, $1, gen_random_uuid(), $2, 0, $3, $1) returning id`,
    [randomBytes(32), her.account, now],
  );
  const { id: appGrant } = await one<{ id: string }>(
    `insert into access.app_grant (tenant, id, grant_hash, account, client, scope, patient, mfa, proven, expires, sealed, created)
     values (1, gen_random_uuid(), $1, $2, $3, 'openid', $4, true, $5, $6, $1, $5) returning id`,
    [randomBytes(32), her.account, client.id, her.patient, now, now + 86_400_000],
  );
  const newest = async (table: string, more = '') =>
    (await one<{ id: string }>(`select id from ${table} where tenant = 1 ${more} limit 1`)).id;
  return {
    link: link.id,
    related,
    device: devices[0]!.id,
    passkey,
    notice: notices[0]!.id,
    glass: glass.id,
    job: await exported(app),
    subscription: subscription.id,
    binary: binary.id,
    approval: await newest('access.approval', `and state = 'open'`),
    client: client.id,
    appGrant,
    provider: provider.id,
    licence: await newest('access.licence', `and state = 'verified'`),
    anomaly: await newest('access.anomaly'),
    task: task.id,
    uid,
    reader: nurse!.id,
    slot: slots[0]!.id,
    clinician: me.fhirUser.id,
    thread: written.json<{ thread: string }>().thread,
    file: file.json<{ id: string }>().id,
    push: push.id,
    hold: hold.id,
    series: series.id,
    entry: entry.id,
    feed: feed.id,
  };
}

/** Whatever a stranger could have changed of these: the same before and after she tried. */
export async function stateOf(app: App, account: string, of: Belongings): Promise<unknown[]> {
  const row = async (sql: string, id: string): Promise<unknown> =>
    (await app.db.query(`${sql} and tenant = 1`, [id])).rows;
  return Promise.all([
    row('select ended, opened, failures from sharing.link where id = $1', of.link),
    row('select ended, decision from sharing.break_glass where id = $1', of.glass),
    row('select status, role, version from access.account where id = $1', account),
    row('select version from records.resource where rid = $1', of.related),
    row('select version from records.resource where rid = $1', of.task),
    row('select version from records.resource where rid = $1', of.binary),
    row('select id from access.device where account = $1', account),
    row('select id, sealed from access.passkey where account = $1', account),
    row('select max(read) from access.notice where account = $1', account),
    row('select state, fault from exchange.bulk_job where id = $1', of.job),
    row('select status, version from exchange.subscription where id = $1', of.subscription),
    row('select state from access.approval where id = $1', of.approval),
    row('select status, scope from access.client where id = $1', of.client),
    row('select ended from access.app_grant where id = $1', of.appGrant),
    row('select status, sealed from access.identity_provider where id = $1', of.provider),
    row('select state, version from access.licence where id = $1', of.licence),
    row('select acknowledged, lifted from access.anomaly where id = $1', of.anomaly),
    row('select state, assignee, urgent, last_seq from messaging.thread where id = $1', of.thread),
    row('select message from messaging.attachment where id = $1', of.file),
    row('select account from access.push_device where id = $1', of.push),
    row('select account from visits.hold where id = $1', of.hold),
    row(
      'select count(*) from visits.visit where state <> $$cancelled$$ and series = $1',
      of.series,
    ),
    row('select state from visits.waitlist where id = $1', of.entry),
    row('select words from visits.feed where id = $1', of.feed),
    row('select count(*) from access.anomaly where who = $1', of.reader),
  ]);
}
