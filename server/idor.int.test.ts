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
import { askerOf, strangers, type Asker } from './testing/strangers.ts';

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
  const { email } = file.accounts.find((one) => one.role === 'patient')!;
  const entered = await askerOf(app)({ method: 'POST', url: '/auth/demo', payload: { email } });
  const cookie = entered.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
  const ask = askerOf(app, { cookie });
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
  const person = await get<{ name: { family: string }[] }>(`/fhir/R4/Patient/${patient}`);
  const found: { type: string; id: string }[] = [{ type: 'Patient', id: patient }];
  for (const type of ['Observation', 'Appointment', 'Encounter']) {
    const page = await get<{ entry?: { resource: { id: string } }[] }>(`/fhir/R4/${type}?_count=1`);
    const id = page.entry?.[0]?.resource.id;
    if (id) found.push({ type, id });
  }
  const sessions = await get<{ sessions: { id: string }[] }>('/auth/sessions');
  return {
    account: me.accountId,
    patient,
    family: person.name[0]!.family,
    observation: observation.id,
    rows: found,
    visit: found.find((one) => one.type === 'Appointment')!.id,
    session: sessions.sessions[0]!.id,
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
      ...rows({ operation: '$meta' })(),
    ],
  },
  '/fhir/R4/Binary/:id': { hers: () => [{ id: nowhere() }] },
  '/fhir/R4/bulk/:job': { hers: () => [{ job: nowhere() }] },
  '/fhir/R4/bulk/:job/:number': { hers: () => [{ job: nowhere(), number: '1' }] },
  '/api/visits/:id': visit,
  '/api/appointments/:id': visit,
  // Opening hours: everybody who may book sees the free times they make.
  '/api/schedules/:clinician': { own: () => [{ clinician: nowhere() }] },
  '/api/break-glass/:id': { hers: () => [{ id: nowhere() }] },
  '/api/office/users/:id': { hers: () => [{ id: victim.account }] },
  '/api/office/approvals/:id': { hers: () => [{ id: nowhere() }] },
  '/api/office/clients/:id': { hers: () => [{ id: nowhere() }] },
  '/api/office/licences/:id': { hers: () => [{ id: nowhere() }] },
  '/api/auditor/anomalies/:id': { hers: () => [{ id: nowhere() }] },
  '/api/auditor/rules/:rule': { hers: () => [{ rule: 'many-patients' }] },
  '/api/dependants/:related': { hers: () => [{ related: nowhere() }] },
  '/api/enrolment/candidates/:task': { hers: () => [{ task: nowhere() }] },
  '/api/authorize/:uid': { hers: () => [{ uid: nowhere() }] },
  '/api/account/apps/:client': { hers: () => [{ client: nowhere() }] },
  '/api/links/:id': { hers: () => [{ id: nowhere() }] },
  '/api/reach/:patient': { hers: () => [{ patient: victim.patient }] },
  '/oauth/authorize/:uid': { hers: () => [{ uid: nowhere() }] },
  '/api/office/identity-providers/:id': { hers: () => [{ id: nowhere() }] },
  '/auth/external/:id': { own: () => [{ id: nowhere() }] },
  '/auth/sessions/:id': { hers: () => [{ id: victim.session }] },
  '/auth/devices/:id': { hers: () => [{ id: victim.session }] },
  '/auth/passkeys/:id': { hers: () => [{ id: nowhere() }] },
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

describe.each([
  'nobody',
  'administrator',
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
  'patient',
  'auditor',
  'proxy',
  'guest',
  'client',
])('%s', (name) => {
  it('is told nothing of her at any address', async () => {
    const ask = everybody[name]!;
    const faults: string[] = [];
    for (const { method, url } of routes) {
      const key = upToParam(url);
      const reading = method === 'GET' || method === 'HEAD';
      // What changes something and names nobody is the caller's own: signing out, booking, her settings.
      if (key === undefined && !reading) continue;
      // HEAD is GET without its body: one role walks both.
      if (method === 'HEAD' && name !== 'patient') continue;
      const of = key === undefined ? undefined : known[key]!;
      for (const values of of ? (of.hers ?? of.own)!() : [{}]) {
        const to = fill(url, values);
        const fhir = to.startsWith('/fhir');
        const answer = await ask({
          method: method as 'GET',
          url: to,
          ...(!reading &&
            method !== 'DELETE' && {
              payload: '{}',
              headers: {
                'content-type': fhir
                  ? method === 'PATCH'
                    ? 'application/json-patch+json'
                    : 'application/fhir+json'
                  : 'application/json',
              },
            }),
        });
        const { statusCode: status, body } = answer;
        const entitled = offices[name]?.test(to) ?? false;
        // Names of accounts are an office's business, and on loopback the demo's door names its people.
        const words = entitled || url === '/auth/demo' ? [secret] : [secret, victim.family];
        const told = words.find((word) => body.includes(word));
        if (told) faults.push(`${method} ${to}: ${status} tells "${told}"`);
        const right = reading || method === 'DELETE' ? [...refused, 405] : refusedWrite;
        // A websocket's address is answered otherwise to whoever does not ask for one.
        if (to.endsWith('/socket') || to.startsWith('/oauth/')) right.push(400, 426);
        if (of?.hers && !entitled && !right.includes(status))
          faults.push(`${method} ${to}: ${status}`);
        if (status >= 500) faults.push(`${method} ${to}: ${status}`);
      }
    }
    expect(faults).toEqual([]);
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
