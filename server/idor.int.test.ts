/**
 * Every address of the running product with the ids of somebody else, as everybody else: refused, and nothing of hers in any
 * answer. The addresses are those the server registered: a new one is walked by itself, and one with a parameter nobody has
 * named here fails the test.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, within } from '@afar/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemCaller } from '@afar/access';
import { compose, type App } from './compose.ts';
import { loadConfig } from './config.ts';
import { belongings, demoAsker, stateOf, type Belongings } from './testing/belongings.ts';
import { strangers, type Asker } from './testing/strangers.ts';

/** What only her record says: no answer to anybody else may hold it. */
const secret = 'Glowworm-eczema of the third knuckle';

const routes: { method: string; url: string }[] = [];
let data: string;
let app: App;
let everybody: Record<string, Asker>;
let victim: Awaited<ReturnType<typeof somebody>>;

async function somebody() {
  const file = JSON.parse(readFileSync(join(data, 'demo-accounts.json'), 'utf8')) as {
    accounts: { role: string; email: string }[];
  };
  const who = (role: string) => file.accounts.find((one) => one.role === role)!.email;
  const ask = await demoAsker(app, who('patient'));
  const get = async <T>(url: string) => (await ask({ method: 'GET', url })).json<T>();
  const me = await get<{ accountId: string; fhirUser: { id: string } }>('/auth/me');
  const patient = me.fhirUser.id;
  const house = systemCaller(1, { now: Date.now }, 'test');
  const observation = await within(1, () =>
    app.records.create(house, {
      resourceType: 'Observation',
      status: 'final',
      code: { text: secret },
      subject: { reference: `Patient/${patient}` },
    }),
  );
  const prescription = await within(1, () =>
    app.records.create(house, {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: secret },
      subject: { reference: `Patient/${patient}` },
    }),
  );
  const person = await get<{ name: { family: string }[] }>(`/fhir/R4/Patient/${patient}`);
  const found: { type: string; id: string }[] = [{ type: 'Patient', id: patient }];
  for (const type of ['Observation', 'Appointment', 'Encounter']) {
    const page = await get<{ entry?: { resource: { id: string } }[] }>(`/fhir/R4/${type}?_count=1`);
    const id = page.entry?.[0]?.resource.id;
    if (id) found.push({ type, id });
  }
  const sessions = await get<{ sessions: { id: string }[] }>('/auth/sessions');
  const of = await belongings(app, { ask, account: me.accountId, patient }, who);
  return {
    account: me.accountId,
    patient,
    family: person.name[0]!.family,
    observation: observation.id,
    prescription: prescription.id,
    rows: found,
    visit: found.find((one) => one.type === 'Appointment')!.id,
    session: sessions.sessions[0]!.id,
    of,
    before: await stateOf(app, me.accountId, of),
    ask,
  };
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'afar-idor-'));
  const config = loadConfig({
    AFAR_DATA: data,
    AFAR_PORT: '0',
    AFAR_MODE: 'demo',
    AFAR_ROLES: 'api,worker',
  });
  app = await compose(config, createLog({ level: 'silent' }), {
    onRoute({ method, url }) {
      for (const one of [method].flat())
        if (one !== 'OPTIONS' && one !== 'TRACE') routes.push({ method: one, url });
    },
  });
  victim = await somebody();
  everybody = await strangers(app);
}, 300_000);
afterAll(async () => {
  await app?.close();
  rmSync(data, { recursive: true, force: true });
});

type Values = Record<string, string>;

/** What stands for the parameters of an address: hers, each of them. `own`: no id of anybody, the address is the caller's. */
interface Known {
  hers?: () => Values[];
  own?: () => Values[];
}

const nowhere = () => randomUUID();
const hers = (name: string, of: keyof Belongings, more: Values = {}): Known => ({
  hers: () => [{ [name]: victim.of[of], ...more }],
});
const rows =
  (more: Values = {}) =>
  (): Values[] =>
    victim.rows.map(({ type, id }) => ({ type, id, ...more }));
const types =
  (more: Values = {}) =>
  (): Values[] =>
    victim.rows.map(({ type }) => ({ type, ...more }));
const visit = { hers: () => [{ id: victim.visit }] };

/** By the address as it is registered, up to its last parameter. */
const known: Record<string, Known> = {
  '/fhir/R4/:type': { own: types() },
  '/fhir/R4/:type/:id': { hers: rows() },
  // A search of a compartment that is not there for her finds nothing.
  '/fhir/R4/:type/:id/:within': {
    own: () => [
      { type: 'Patient', id: victim.patient, within: 'Observation' },
      { type: 'Patient', id: victim.patient, within: '*' },
    ],
  },
  '/fhir/R4/:type/:id/_history/:version': { hers: rows({ version: '1' }) },
  '/fhir/R4/:operation(^\\$[a-z][a-z0-9-]*$)': { own: () => [{ operation: '$meta' }] },
  '/fhir/R4/:type/:operation(^\\$[a-z][a-z0-9-]*$)': {
    own: () => [{ type: 'Patient', operation: '$everything' }, ...types({ operation: '$meta' })()],
  },
  '/fhir/R4/:type/:id/:operation(^\\$[a-z][a-z0-9-]*$)': {
    hers: () => [
      { type: 'Patient', id: victim.patient, operation: '$everything' },
      ...['$status', '$events', '$get-ws-binding-token'].map((operation) => ({
        type: 'Subscription',
        id: victim.of.subscription,
        operation,
      })),
      ...rows({ operation: '$meta' })(),
    ],
  },
  '/fhir/R4/Binary/:id': hers('id', 'binary'),
  '/fhir/R4/bulk/:job': hers('job', 'job'),
  '/fhir/R4/bulk/:job/:number': hers('job', 'job', { number: '1' }),
  '/api/visits/:id': visit,
  '/api/appointments/:id': visit,
  '/api/visits/:id/orders/:order': { hers: () => [{ id: victim.visit, order: nowhere() }] },
  '/api/orders/:order': { hers: () => [{ order: nowhere() }] },
  '/api/results/:result': { hers: () => [{ result: nowhere() }] },
  '/api/tasks/:task': { hers: () => [{ task: nowhere() }] },
  '/api/templates/:template': { hers: () => [{ template: nowhere() }] },
  '/api/visits/:id/guests/:guest': { hers: () => [{ id: victim.visit, guest: nowhere() }] },
  '/api/visits/:id/chat/:message': { hers: () => [{ id: victim.visit, message: nowhere() }] },
  '/api/visits/:id/recordings/:recording': {
    hers: () => [{ id: victim.visit, recording: nowhere() }],
  },
  '/api/visits/:id/recordings/:recording/chunks/:n': {
    hers: () => [{ id: victim.visit, recording: nowhere(), n: '0' }],
  },
  '/api/visits/:id/stills/:still': { hers: () => [{ id: victim.visit, still: nowhere() }] },
  // A guest's: which visit it is, her cookie says, and nobody here has one.
  '/api/visit-guest/chat/:message': { own: () => [{ message: nowhere() }] },
  '/api/visit-guest/recordings/:recording': { own: () => [{ recording: nowhere() }] },
  '/api/on-demand/:id': visit,
  // Opening hours: everybody who may book sees the free times they make.
  '/api/schedules/:clinician': { own: () => [{ clinician: victim.of.clinician }] },
  '/api/series/:series': hers('series', 'series'),
  '/api/holds/:hold': hers('hold', 'hold'),
  '/api/waitlist/:entry': hers('entry', 'entry'),
  '/api/waitlist/offers/:offer': { own: () => [{ offer: nowhere() }] },
  // By an address: what opens one is its secret, which is hers alone.
  '/api/feeds/:feed': hers('feed', 'feed'),
  // The office's: nothing of a patient's.
  '/api/resources/:resource': { own: () => [{ resource: nowhere() }] },
  '/api/closures/:closure': { own: () => [{ closure: nowhere() }] },
  '/api/blocks/:block': { own: () => [{ block: nowhere() }] },
  '/api/messages/:thread': hers('thread', 'thread'),
  '/api/messages/drafts/:place': {
    hers: () => [{ place: victim.of.thread }, { place: victim.patient }],
  },
  '/api/messages/files/:attachment': hers('attachment', 'file'),
  '/api/messages/attachments/:patient': { hers: () => [{ patient: victim.patient }] },
  '/api/contacts/devices/:id': hers('id', 'push'),
  // A secret of 128 bits: whoever has none ends nothing.
  '/api/opt-out/:token': { own: () => [{ token: 'A'.repeat(22) }] },
  '/api/break-glass/:id': hers('id', 'glass'),
  '/api/office/users/:id': { hers: () => [{ id: victim.account }] },
  '/api/office/approvals/:id': hers('id', 'approval'),
  '/api/office/clients/:id': hers('id', 'client'),
  '/api/office/licences/:id': hers('id', 'licence'),
  '/api/auditor/anomalies/:id': hers('id', 'anomaly'),
  '/api/auditor/rules/:rule': { hers: () => [{ rule: 'many-patients' }] },
  '/api/dependants/:related': hers('related', 'related'),
  '/api/enrolment/candidates/:task': hers('task', 'task'),
  '/api/authorize/:uid': hers('uid', 'uid'),
  '/api/account/apps/:client': hers('client', 'client'),
  '/api/links/:id': hers('id', 'link'),
  '/api/prescriptions/:id': { hers: () => [{ id: victim.prescription }] },
  '/api/reach/:patient': { hers: () => [{ patient: victim.patient }] },
  '/oauth/authorize/:uid': hers('uid', 'uid'),
  '/api/office/identity-providers/:id': hers('id', 'provider'),
  '/auth/external/:id': { own: () => [{ id: nowhere() }] },
  '/auth/sessions/:id': { hers: () => [{ id: victim.session }] },
  '/auth/devices/:id': hers('id', 'device'),
  '/auth/passkeys/:id': hers('id', 'passkey'),
};

const soap = { subjective: 'a', objective: 'b', assessment: 'c', plan: 'd' };
const named = (name: string) => () => ({ name });
/**
 * What a write says to be taken seriously: with it nothing but whose it is can be wrong, so nothing but that may be the
 * answer. Others are sent `{}`.
 */
const said: Record<string, () => object> = {
  'PUT /api/visits/:id/note': () => ({ revision: 0, sections: soap }),
  'POST /api/visits/:id/note/sign': () => ({ revision: 0 }),
  'POST /api/visits/:id/note/hand-over': () => ({ revision: 0 }),
  'POST /api/visits/:id/note/cosign': () => ({}),
  'POST /api/visits/:id/note/return': () => ({ text: 'no' }),
  'POST /api/visits/:id/note/addenda': () => ({ text: 'more' }),
  'POST /api/visits/:id/end': () => ({}),
  'POST /api/visits/:id/admit': () => ({}),
  'POST /api/visits/:id/join': () => ({}),
  'POST /api/visits/:id/guests/:guest/answer': () => ({ agree: true }),
  'POST /api/visits/:id/guests/:guest/whisper': () => ({ to: [] }),
  'POST /api/visits/:id/recordings/:recording/consent': () => ({ agree: true }),
  'POST /api/visits/:id/recordings/:recording/finish': () => ({ chunks: 1 }),
  'POST /api/visits/:id/stills/:still/answer': () => ({ agree: true }),
  'POST /api/visits/:id/phone': () => ({ reason: 'asked' }),
  'POST /api/appointments/:id/cancel': () => ({ reason: 'no' }),
  'POST /api/appointments/:id/intake': () => ({ answers: {} }),
  'POST /api/appointments/:id/reschedule': () => ({ slotId: victim.of.slot }),
  'POST /api/appointments/:id/confirm': () => ({}),
  'POST /api/appointments/:id/no-show': () => ({}),
  'POST /api/appointments/:id/urgent': () => ({ urgent: true }),
  'POST /api/waitlist/:entry/leave': () => ({}),
  'POST /api/messages/:thread': () => ({ text: 'x' }),
  'POST /api/messages/:thread/seen': () => ({ seq: 1 }),
  'POST /api/messages/:thread/assign': () => ({ to: null }),
  'POST /api/messages/:thread/urgent': () => ({ urgent: true }),
  'PUT /api/messages/drafts/:place': () => ({ text: 'x' }),
  'POST /api/visits/:id/survey': () => ({ answers: { satisfaction: 1 }, anonymous: true }),
  'POST /api/links/:id/revoke': () => ({}),
  'POST /api/prescriptions/:id/dispense': () => ({ quantity: { value: 1 } }),
  'POST /api/break-glass/:id/end': () => ({}),
  'POST /api/break-glass/:id/review': () => ({ decision: 'accepted' }),
  'PATCH /auth/passkeys/:id': named('mine now'),
  'PATCH /auth/devices/:id': named('mine now'),
  'PATCH /api/office/users/:id': () => ({ status: 'disabled' }),
  'POST /api/office/approvals/:id/approve': () => ({}),
  'PATCH /api/office/clients/:id': () => ({ status: 'disabled' }),
  'PATCH /api/office/identity-providers/:id': () => ({ status: 'disabled' }),
  'POST /api/office/identity-providers/:id/invitations': () => ({ account: victim.account }),
  'POST /api/office/licences/:id/decide': () => ({ decision: 'suspend', reason: 'no' }),
  'POST /api/auditor/anomalies/:id/acknowledge': () => ({}),
  'POST /api/auditor/anomalies/:id/lift': () => ({}),
  'PUT /api/auditor/rules/:rule': () => ({
    enabled: false,
    threshold: 5,
    windowMs: 3_600_000,
    throttleMs: 0,
  }),
  'POST /api/dependants/:related/end': () => ({}),
  'POST /api/authorize/:uid': () => ({ scopes: ['openid'], patient: victim.patient }),
  'POST /api/authorize/:uid/refuse': () => ({}),
};

interface Telling {
  method: 'GET' | 'POST';
  url: string;
  payload?: object;
  /** Whose office it is to name others here. */
  office?: string[];
  /** Answered, and with nothing of hers. */
  answered?: true;
}

/** Addresses without a parameter that take somebody's id in what is sent. */
const tellings = (): Telling[] => {
  const { of, patient, account } = victim;
  const subject = { reference: `Patient/${patient}` };
  const code = { text: 'put there by a stranger' };
  const about = (resource: Record<string, unknown>): Telling => ({
    method: 'POST',
    url: `/fhir/R4/${String(resource.resourceType)}`,
    payload: resource,
  });
  return [
    { method: 'GET', url: `/api/links?patient=${patient}` },
    { method: 'POST', url: '/api/links', payload: { patient, kinds: ['record'] } },
    { method: 'POST', url: '/api/links', payload: { item: `Composition/${victim.observation}` } },
    { method: 'GET', url: `/api/readers?patient=${patient}` },
    {
      method: 'POST',
      url: '/api/readers/report',
      payload: { patient, day: Math.floor(Date.now() / 86_400_000), reader: of.reader },
    },
    { method: 'POST', url: '/api/launches', payload: { client: of.client, patient } },
    {
      method: 'POST',
      url: '/api/enrolment/invitations',
      payload: { patient },
      office: ['administrator', 'nurse'],
    },
    {
      method: 'POST',
      url: '/api/licences',
      payload: {
        account,
        number: '1',
        authority: 'nobody',
        profession: 'doctor',
        jurisdictions: ['ES'],
        lastDay: '2999-01-01',
      },
      office: ['administrator'],
    },
    {
      method: 'POST',
      url: '/api/auditor/evidence',
      payload: { from: 0, to: Date.now(), patient },
      office: ['auditor'],
    },
    {
      method: 'POST',
      url: '/api/appointments',
      payload: { slotId: of.slot, type: 'video', reason: 'no', patient },
    },
    {
      method: 'POST',
      url: '/api/series',
      payload: {
        slotId: of.slot,
        type: 'video',
        reason: 'no',
        patient,
        repeat: { every: 'week', times: 2 },
        book: 'possible',
      },
    },
    { method: 'GET', url: `/api/waitlist?patient=${patient}` },
    {
      method: 'POST',
      url: '/api/waitlist',
      payload: {
        clinicians: [of.clinician],
        type: 'video',
        reason: 'no',
        patient,
        from: '2999-01-01',
        to: '2999-01-02',
      },
    },
    // Read is what is one's own; of others' ids nothing is said.
    { method: 'POST', url: '/api/notices/read', payload: { ids: [of.notice] }, answered: true },
    about({ resourceType: 'Observation', status: 'final', code, subject }),
    about({ resourceType: 'CareTeam', status: 'active', subject }),
    about({ resourceType: 'RelatedPerson', active: true, patient: subject }),
    about({
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      category: [code],
      policyRule: code,
      patient: subject,
      provision: { type: 'permit' },
    }),
    {
      method: 'POST',
      url: '/fhir/R4',
      payload: {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [`Patient/${patient}`, `Observation?subject=Patient/${patient}`].map((url) => ({
          request: { method: 'GET', url },
        })),
      },
      answered: true,
    },
  ];
};

/** `/api/visits/:id` of `/api/visits/:id/note/sign`. */
const upToParam = (url: string): string | undefined => {
  const segments = url.split('/');
  const last = segments.findLastIndex((one) => one.startsWith(':'));
  return last < 0 ? undefined : segments.slice(0, last + 1).join('/');
};

const fill = (url: string, values: Values): string =>
  url
    .split('/')
    .map((one) => (one.startsWith(':') ? values[/^:(\w+)/.exec(one)![1]!]! : one))
    .join('/');

/** What an office is for: there its people are answered, of accounts and of the trail, never with a word of a chart. */
const offices: Record<string, RegExp> = {
  administrator: /^\/api\/(office|lockdown|enrolment)/,
  auditor: /^\/api\/(auditor|break-glass)/,
  // The front desk compares charts that may be one person's.
  nurse: /^\/api\/enrolment\/candidates/,
};
const refused = [401, 403, 404];
/** A write may also fail for what it says, before anybody looks whose it is. */
const refusedWrite = [...refused, 400, 405, 409, 410, 412, 415, 422, 428];

it('knows every parameter of every address there is', () => {
  expect(routes.length).toBeGreaterThan(120);
  const unknown = routes
    .map(({ url }) => upToParam(url))
    .filter((key) => key !== undefined && !Object.hasOwn(known, key));
  expect([...new Set(unknown)], 'say in `known` what stands for the parameter').toEqual([]);
});

const clinical = ['practitioner', 'trainee', 'nurse', 'resident', 'pharmacist', 'paramedic'];
const walkers = ['nobody', ...clinical, 'patient', 'proxy', 'guest', 'client'];

const typeOf = (method: string, to: string): string =>
  !to.startsWith('/fhir')
    ? 'application/json'
    : method === 'PATCH'
      ? 'application/json-patch+json'
      : 'application/fhir+json';

const atOnce = 8;

/** @returns where she was told or let do more than she may */
async function walk(name: string): Promise<string[]> {
  const ask = everybody[name]!;
  const faults: string[] = [];
  const asks: (() => Promise<void>)[] = [];
  for (const { method, url } of routes) {
    const key = upToParam(url);
    const reading = method === 'GET' || method === 'HEAD';
    // What changes something and names nobody is the caller's own: signing out, booking, her settings.
    if (key === undefined && !reading) continue;
    // HEAD is GET without its body: one role walks both.
    if (method === 'HEAD' && name !== 'patient') continue;
    const of = key === undefined ? undefined : known[key]!;
    for (const values of of ? (of.hers ?? of.own)!() : [{}])
      asks.push(async () => {
        const to = fill(url, values);
        const entitled = offices[name]?.test(to) ?? false;
        const words = entitled ? undefined : said[`${method} ${url}`]?.();
        const { statusCode: status, body } = await ask({
          method: method as 'GET',
          url: to,
          ...(!reading &&
            method !== 'DELETE' && {
              payload: JSON.stringify(words ?? {}),
              headers: { 'content-type': typeOf(method, to), 'idempotency-key': randomUUID() },
            }),
        });
        // Names of accounts are an office's business, and on loopback the demo's door names its people.
        const hushed = entitled || url === '/auth/demo' ? [secret] : [secret, victim.family];
        const told = hushed.find((word) => body.includes(word));
        if (told) faults.push(`${method} ${to}: ${status} tells "${told}"`);
        const right = reading || method === 'DELETE' ? [...refused, 405] : refusedWrite;
        // A websocket's address is answered otherwise to whoever does not ask for one.
        if (to.endsWith('/socket') || to.startsWith('/oauth/')) right.push(400, 426);
        if (of?.hers && !entitled && !(words ? refused : right).includes(status))
          faults.push(`${method} ${to}: ${status}`);
        if (status >= 500) faults.push(`${method} ${to}: ${status}`);
      });
  }
  for (const { method, url, payload, office = [], answered } of tellings())
    asks.push(async () => {
      const { statusCode: status, body } = await ask({
        method,
        url,
        ...(payload && {
          payload: JSON.stringify(payload),
          headers: { 'content-type': typeOf(method, url), 'idempotency-key': randomUUID() },
        }),
      });
      if ([secret, victim.family].some((word) => body.includes(word)))
        faults.push(`${method} ${url}: ${status} tells of her`);
      const right = answered ? [...refused, 200, 204, 400] : [...refused, 409, 422];
      if (!office.includes(name) && !right.includes(status))
        faults.push(`${method} ${url} ${JSON.stringify(payload)}: ${status} ${body.slice(0, 200)}`);
      if (status >= 500) faults.push(`${method} ${url}: ${status}`);
    });
  // Their events are written together: one by one the walk would wait for the disk.
  for (let at = 0; at < asks.length; at += atOnce)
    await Promise.all(asks.slice(at, at + atOnce).map((one) => one()));
  return faults;
}

describe.each(walkers)('%s', (name) => {
  it('is told nothing of her at any address', async () => {
    expect(await walk(name)).toEqual([]);
  }, 120_000);
});

it('and none of them changed anything that is hers, or of the staff around her', async () => {
  expect(await stateOf(app, victim.account, victim.of)).toEqual(victim.before);
});

// After the others: these may decide on what there is in their offices.
describe.each(['administrator', 'auditor'])('%s', (name) => {
  it('is told nothing of her record at any address', async () => {
    expect(await walk(name)).toEqual([]);
  }, 120_000);
});

it('is a walk that finds what is hers, for herself', async () => {
  const told = async (url: string) => (await victim.ask({ method: 'GET', url })).body;
  expect(await told(`/fhir/R4/Observation/${victim.observation}`)).toContain(secret);
  expect(await told(`/fhir/R4/Patient/${victim.patient}`)).toContain(victim.family);
  expect((await victim.ask({ method: 'GET', url: `/api/visits/${victim.visit}` })).statusCode).toBe(
    200,
  );
  expect(victim.rows).toHaveLength(4);
});

it('and left everything of hers as it was', async () => {
  const { rows: found } = await app.db.query<{ version: number }>(
    'select version from records.resource where tenant = 1 and rid = any($1::uuid[])',
    [victim.rows.map((one) => one.id)],
  );
  expect(found).toHaveLength(victim.rows.length);
  expect((await victim.ask({ method: 'GET', url: '/auth/me' })).statusCode).toBe(200);
});

describe('a purpose of use', () => {
  it('is declared by those whose role may have it, and stands in the trail', async () => {
    const url = '/fhir/R4/Practitioner?_count=1';
    const said = async (role: string, purpose: string) =>
      (await everybody[role]!({ method: 'GET', url, headers: { 'x-purpose-of-use': purpose } }))
        .statusCode;
    expect(await said('practitioner', 'HRESCH')).toBe(200);
    expect(await said('practitioner', 'ETREAT')).toBe(403);
    expect(await said('nurse', 'HRESCH')).toBe(403);
    expect(await said('paramedic', 'HRESCH')).toBe(403);
    expect(await said('patient', 'TREAT')).toBe(403);
    expect(await said('practitioner', 'anything')).toBe(403);
    const { rows: trail } = await app.db.query<{ role: string; outcome: number }>(
      `select role, outcome from access.audit_event where tenant = 1 and purpose = 'HRESCH'`,
    );
    expect(trail).toEqual([{ role: 'practitioner', outcome: 0 }]);
  });
});
