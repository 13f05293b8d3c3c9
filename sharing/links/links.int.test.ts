/** Share links: what one opens and nothing else, PINs tried from everywhere, the end by time, count and hand, and what stays nowhere. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Consent, Resource } from '@afar/fhir';
import { fixedClock } from '@afar/platform';
import type { World } from '@afar/records/testing';
import { openSharing, type SharingWorld } from '../testing.ts';
import type { MakeLinkRequest, NewLink, OpenedLink, ShareLink, SharedView } from './contract.ts';

const clock = fixedClock(Date.UTC(2027, 2, 10, 15));
const hour = 3_600_000;
let house: SharingWorld;
let world: World;
let http: SharingWorld['http'];
let ada: { id: string; caller: Caller };
let bo: { id: string; caller: Caller };
/** Ids of one resource each, by type; `other` is Ada's second prescription. */
const hers: Record<string, string> = {};
const his: Record<string, string> = {};

const same = { 'sec-fetch-site': 'same-origin' };

const active = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
      code: 'active',
    },
  ],
};

async function chart(patient: string, into: Record<string, string>): Promise<void> {
  const subject = { reference: `Patient/${patient}` };
  const order = { status: 'active', intent: 'order', subject } as const;
  const all: [string, Resource][] = [
    ['Condition', { resourceType: 'Condition', subject, code: { text: 'Epilepsy' } }],
    [
      'AllergyIntolerance',
      {
        resourceType: 'AllergyIntolerance',
        patient: subject,
        clinicalStatus: active,
        code: { text: 'Penicillin' },
      },
    ],
    [
      'MedicationRequest',
      {
        resourceType: 'MedicationRequest',
        ...order,
        medicationCodeableConcept: { text: 'Levetiracetam' },
      },
    ],
    [
      'other',
      {
        resourceType: 'MedicationRequest',
        ...order,
        medicationCodeableConcept: { text: 'Sertraline' },
      },
    ],
    [
      'Observation',
      { resourceType: 'Observation', status: 'final', subject, code: { text: 'Sodium' } },
    ],
    [
      'Consent',
      {
        resourceType: 'Consent',
        status: 'inactive',
        patient: subject,
        scope: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/consentscope',
              code: 'patient-privacy',
            },
          ],
        },
        category: [{ text: 'x' }],
        policyRule: { text: 'x' },
        provision: { type: 'permit' },
      },
    ],
  ];
  for (const [name, resource] of all)
    into[name] = (await world.records.create(world.system, resource)).id;
}

beforeAll(async () => {
  house = await openSharing(clock);
  ({ world, http } = house);
  ada = await world.patient({ name: [{ family: 'Okonjo', given: ['Ada'] }] });
  ada.caller = { ...ada.caller, id: await house.accountOf(ada.id) };
  bo = await world.patient({ name: [{ family: 'Lind', given: ['Bo'] }] });
  await chart(ada.id, hers);
  await chart(bo.id, his);
});
afterAll(() => house.close());

const now = (who: Caller): Caller => ({ ...who, at: clock.now() });
const json = <T>(text: string): T => JSON.parse(text) as T;

async function make(body: MakeLinkRequest, as = ada.caller): Promise<NewLink> {
  const { status, text } = await http.inject({
    as: now(as),
    method: 'POST',
    url: '/api/links',
    body,
  });
  if (status !== 201) throw new Error(`${status} ${text}`);
  return json<NewLink>(text);
}
const secretOf = ({ url }: NewLink): string => new URL(url).hash.slice(1);
const wrongPin = ({ pin }: NewLink): string =>
  String((Number(pin) + 1) % 1_000_000).padStart(6, '0');

const tryOpen = (secret: string, pin: string, more: object = {}) =>
  http.inject({
    method: 'POST',
    url: '/api/links/open',
    body: { secret, pin, ...more },
    headers: same,
  });

/** A guest's browser. */
async function guest(link: NewLink, more: object = {}) {
  const { status, text, headers } = await tryOpen(secretOf(link), link.pin, more);
  if (status !== 200) throw new Error(`${status} ${text}`);
  const cookie = String(headers['set-cookie']);
  expect(cookie).toMatch(/^afar_guest=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const ask = async (
    url: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' = 'GET',
    body?: unknown,
  ) =>
    http.inject({
      method,
      url,
      headers: { cookie: cookie.split(';')[0]!, ...same },
      ...(body !== undefined && { body }),
    });
  return {
    opened: json<OpenedLink>(text),
    ask,
    status: async (url: string) => (await ask(url)).status,
    async found(url: string) {
      const answer = await ask(url);
      return answer.status === 200
        ? (json<{ entry?: { resource: { id: string } }[] }>(answer.text).entry ?? []).map(
            ({ resource }) => resource.id,
          )
        : answer.status;
    },
  };
}
const list = async () =>
  json<{ links: ShareLink[] }>(
    (await http.inject({ as: now(ada.caller), method: 'GET', url: '/api/links' })).text,
  ).links;

describe('making one', () => {
  it('a patient shares her own record and nobody else anything', async () => {
    const post = async (as: Caller | undefined, body: object) =>
      (await http.inject({ ...(as && { as: now(as) }), method: 'POST', url: '/api/links', body }))
        .status;
    expect(await post(undefined, { kinds: ['record'] })).toBe(401);
    const doctor = await world.practitioner();
    for (const as of [
      doctor.caller,
      world.caller('administrator'),
      world.caller('auditor'),
      world.caller('nurse'),
    ])
      expect(await post(as, { kinds: ['record'], patient: ada.id })).toBe(403);
    expect(await post(ada.caller, { kinds: ['record'], patient: bo.id })).toBe(404);
    expect(await post(ada.caller, { item: `MedicationRequest/${his['MedicationRequest']}` })).toBe(
      404,
    );
    const proxy = world.caller('patient', { fhirUser: { type: 'RelatedPerson', id: doctor.id } });
    expect(await post(proxy, { kinds: ['record'], patient: ada.id })).toBe(404);
    for (const body of [
      {},
      { kinds: [] },
      { kinds: ['record'], item: `MedicationRequest/${hers['other']}` },
      { item: `Consent/${hers['Consent']}` },
      { item: `MedicationRequest/${hers['other']}/_history/1` },
    ])
      expect(await post(ada.caller, body)).toBe(422);
    for (const body of [
      { kinds: ['everything'] },
      { kinds: ['record'], hours: 721 },
      { kinds: ['record'], openings: 0 },
    ])
      expect(await post(ada.caller, body)).toBe(400);
  });

  it('secret in the fragment, PIN apart, neither kept', async () => {
    const made = await make({ kinds: ['problems'], note: 'For my sister' });
    expect(made.url).toMatch(/^https:\/\/clinic\.example\/shared#[\w-]{43}$/);
    expect(made.pin).toMatch(/^\d{6}$/);
    expect(made.link).toMatchObject({
      state: 'live',
      kinds: ['problems'],
      note: 'For my sister',
      openings: 5,
      opened: 0,
      expires: clock.now() + 72 * hour,
    });
    await guest(made, { name: 'Dr. Osei of Accra' });
    const { rows } = await world.data.ownerDb.query<{ all: string }>(
      `select coalesce(string_agg(x, ' '), '') as all from (
         select l::text as x from sharing.link l union all select o::text from sharing.link_opening o
         union all select e::text from access.audit_event e union all select g::text from access.guest g) t`,
    );
    const everything = `${rows[0]!.all} ${world.log.text()}`;
    expect(everything).toContain(made.link.id);
    for (const word of [secretOf(made), made.pin, 'sister', 'Osei'])
      expect(
        everything.includes(Buffer.from(word).toString('hex')) || everything.includes(word),
      ).toBe(false);
    const { rows: opened } = await world.data.ownerDb.query<{
      who: string;
      role: string;
      patients: string[];
    }>(
      `select who, role, patients from access.audit_event where action = 'open-link' and outcome = 0`,
    );
    expect(opened).toEqual([{ who: made.link.id, role: 'guest', patients: [ada.id] }]);
  });
});

describe('a guest', () => {
  it('sees the kinds that were shared, of this patient, read only', async () => {
    const { ask, status, found, opened } = await guest(
      await make({ kinds: ['problems', 'allergies'] }),
    );
    expect(opened).toMatchObject({
      as: 'guest',
      patient: ada.id,
      kinds: ['problems', 'allergies'],
      until: clock.now() + hour,
    });
    expect(json<SharedView>((await ask('/api/shared')).text)).toMatchObject({
      patient: { id: ada.id, name: 'Ada Okonjo' },
      kinds: ['problems', 'allergies'],
    });
    expect(await found('/fhir/R4/Condition')).toEqual([hers['Condition']]);
    expect(await found(`/fhir/R4/AllergyIntolerance?patient=${ada.id}`)).toEqual([
      hers['AllergyIntolerance'],
    ]);
    expect(await status(`/fhir/R4/Condition/${hers['Condition']}`)).toBe(200);
    // Another's, and other kinds: as if they were not there.
    expect(await found(`/fhir/R4/Condition?patient=${bo.id}`)).toEqual([]);
    expect(await found('/fhir/R4/Patient')).toEqual([ada.id]);
    for (const [name, id] of Object.entries(hers).filter(
      ([name]) => !['Condition', 'AllergyIntolerance', 'Consent'].includes(name),
    )) {
      const type = name === 'other' ? 'MedicationRequest' : name;
      expect([type, await found(`/fhir/R4/${type}`)]).toEqual([type, []]);
      expect([type, await status(`/fhir/R4/${type}/${id}`)]).toEqual([type, 404]);
    }
    for (const type of ['Condition', 'AllergyIntolerance', 'Observation'])
      expect(await status(`/fhir/R4/${type}/${his[type]}`)).toBe(404);
    expect(await status(`/fhir/R4/Patient/${bo.id}`)).toBe(404);
    // Around the corner.
    expect(await found(`/fhir/R4/Condition?_revinclude=Observation:subject`)).toEqual([
      hers['Condition'],
    ]);
    expect(await found('/fhir/R4/Patient?_has:MedicationRequest:patient:status=active')).toEqual(
      [],
    );
    expect(
      await found(`/fhir/R4/Condition?patient:Patient._has:Observation:patient:code:text=Sodium`),
    ).toEqual([]);
  });

  it('goes nowhere else: no writes, exports, histories, operations, GraphQL, batches, subscriptions, offices', async () => {
    const { ask, status } = await guest(await make({ kinds: ['record'] }));
    expect(await status(`/fhir/R4/Observation/${hers['Observation']}`)).toBe(200);
    for (const url of [
      '/fhir/R4/Consent',
      `/fhir/R4/Consent/${hers['Consent']}`,
      '/fhir/R4/AuditEvent',
      '/fhir/R4/Provenance',
      '/fhir/R4/RelatedPerson',
      '/fhir/R4/Subscription',
      '/fhir/R4',
      '/fhir/R4/_history',
      `/fhir/R4/Condition/${hers['Condition']}/_history`,
      `/fhir/R4/Condition/${hers['Condition']}/_history/1`,
      `/fhir/R4/Patient/${ada.id}/$everything`,
      '/fhir/R4/Patient/$everything',
      `/fhir/R4/Patient/${ada.id}/Condition`,
      '/fhir/R4/$export',
      '/api/office/users',
      '/api/links',
      '/api/notices',
      '/api/licences/mine',
      '/auth/sessions',
      '/auth/me',
    ])
      expect([url, [401, 403, 404].includes(await status(url))]).toEqual([url, true]);
    const condition = { resourceType: 'Condition', subject: { reference: `Patient/${ada.id}` } };
    for (const [method, url, body] of [
      ['POST', '/fhir/R4/Condition', condition],
      ['PUT', `/fhir/R4/Condition/${hers['Condition']}`, { ...condition, id: hers['Condition'] }],
      ['PATCH', `/fhir/R4/Condition/${hers['Condition']}`, []],
      ['DELETE', `/fhir/R4/Condition/${hers['Condition']}`, undefined],
      ['POST', '/fhir/R4', { resourceType: 'Bundle', type: 'batch', entry: [] }],
      ['POST', '/fhir/R4/$graphql', { query: '{ PatientList { id } }' }],
      ['POST', `/fhir/R4/Patient/${ada.id}/$everything`, undefined],
      ['POST', '/fhir/R4/Subscription', { resourceType: 'Subscription' }],
      ['POST', '/api/links', { kinds: ['record'] }],
      ['POST', '/api/lockdown', { mode: 'closed', reason: 'x' }],
      ['POST', '/auth/step-up', {}],
    ] as const)
      expect([url, (await ask(url, method, body)).status >= 400]).toEqual([url, true]);
    const { rows } = await world.data.ownerDb.query<{ who: string }>(
      `select who from access.audit_event where role = 'guest' and outcome = 4 and action <> 'open-link'`,
    );
    expect(rows.length).toBeGreaterThan(10);
  });

  it('one prescription is one prescription', async () => {
    const item = `MedicationRequest/${hers['MedicationRequest']}`;
    const { found, status, opened } = await guest(await make({ item }));
    expect(opened).toMatchObject({ item });
    expect(await found('/fhir/R4/MedicationRequest')).toEqual([hers['MedicationRequest']]);
    expect(await status(`/fhir/R4/MedicationRequest/${hers['other']}`)).toBe(404);
    expect(await found('/fhir/R4/Condition')).toEqual([]);
    expect(await status(`/fhir/R4/Patient/${ada.id}`)).toBe(200);
  });

  it('a made-up cookie, a secret as a cookie, a guest of another link: nobody', async () => {
    const made = await make({ kinds: ['record'] });
    for (const value of ['x'.repeat(43), secretOf(made)])
      expect(
        (
          await http.inject({
            method: 'GET',
            url: '/api/shared',
            headers: { cookie: `afar_guest=${value}` },
          })
        ).status,
      ).toBe(401);
  });
});

describe('the PIN', () => {
  it('five wrong ones from anywhere, all at once, and the link is dead', async () => {
    const made = await make({ kinds: ['record'] });
    const bad = wrongPin(made);
    const tries = await Promise.all(Array.from({ length: 20 }, () => tryOpen(secretOf(made), bad)));
    expect(tries.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 5 }, () => 401),
      ...Array.from({ length: 15 }, () => 404),
    ]);
    expect((await tryOpen(secretOf(made), made.pin)).status).toBe(404);
    expect((await list()).find((one) => one.id === made.link.id)).toMatchObject({
      state: 'dead',
      opened: 0,
    });
  });

  it('one right one forgets the wrong ones; without the secret a PIN is nothing', async () => {
    const made = await make({ kinds: ['record'] });
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 4; n++)
        expect((await tryOpen(secretOf(made), wrongPin(made))).status).toBe(401);
      expect((await tryOpen(secretOf(made), made.pin)).status).toBe(200);
    }
    const other = await make({ kinds: ['record'] });
    expect((await tryOpen('A'.repeat(43), made.pin)).status).toBe(404);
    const strange = other.pin === made.pin ? wrongPin(other) : made.pin;
    expect((await tryOpen(secretOf(other), strange)).status).toBe(401);
    for (const [secret, pin] of [
      ['short', '123456'],
      [secretOf(made), '12345'],
      [secretOf(made), '12345a'],
    ] as const)
      expect((await tryOpen(secret, pin)).status).toBe(400);
  });
});

describe('the end', () => {
  it('revoked: the very next request of the guest is refused, and the link opens no more', async () => {
    const made = await make({ kinds: ['record'] });
    const { status } = await guest(made);
    expect(await status('/api/shared')).toBe(200);
    const revoke = (as: Caller) =>
      http.inject({
        as: now(as),
        method: 'POST',
        url: `/api/links/${made.link.id}/revoke`,
        body: {},
      });
    expect((await revoke(bo.caller)).status).toBe(404);
    const answer = await revoke(ada.caller);
    expect(json<ShareLink>(answer.text)).toMatchObject({ state: 'revoked', opened: 1 });
    expect([await status('/api/shared'), await status('/fhir/R4/Condition')]).toEqual([401, 401]);
    expect((await tryOpen(secretOf(made), made.pin)).status).toBe(404);
    const { rows } = await world.data.ownerDb.query(
      `select from records."grant" where source = $1`,
      [`Link/${made.link.id}`],
    );
    expect(rows).toEqual([]);
  });

  it('expired and used up: refused likewise', async () => {
    const brief = await make({ kinds: ['record'], hours: 1, openings: 2 });
    const { status } = await guest(brief);
    const again = await guest(brief);
    expect((await tryOpen(secretOf(brief), brief.pin)).status).toBe(404);
    expect((await list()).find((one) => one.id === brief.link.id)?.state).toBe('used-up');
    clock.advance(hour - 1);
    expect(await status('/api/shared')).toBe(200);
    clock.advance(1);
    expect([await status('/api/shared'), await again.status('/fhir/R4/Condition')]).toEqual([
      401, 401,
    ]);
    expect((await list()).find((one) => one.id === brief.link.id)?.state).toBe('expired');
  });

  it('leaving ends this browser alone', async () => {
    const made = await make({ kinds: ['record'] });
    const [one, two] = [await guest(made), await guest(made)];
    expect((await one.ask('/api/links/leave', 'POST', {})).status).toBe(204);
    expect([await one.status('/api/shared'), await two.status('/api/shared')]).toEqual([401, 200]);
  });

  it('she is told of each opening, and sees who said they looked', async () => {
    const made = await make({ kinds: ['record'] });
    await guest(made, { name: ' Dr. Osei ' });
    expect((await list()).find((one) => one.id === made.link.id)).toMatchObject({
      opened: 1,
      seen: [{ at: clock.now(), who: 'Dr. Osei', signedIn: false }],
    });
    const told = await world.access.notices.list(1, ada.caller.id, 50);
    expect(told.filter(({ about }) => about['link'] === made.link.id)).toMatchObject([
      { kind: 'share-opened' },
    ]);
  });
});

describe('a pharmacist who is signed in', () => {
  it('holds the presented prescription under her own name for a day, and no other', async () => {
    const { id } = await world.practitioner();
    const chemist = world.caller('pharmacist', { fhirUser: { type: 'Practitioner', id } });
    const read = async (rid: string | undefined) =>
      (
        await http.inject({
          as: now(chemist),
          method: 'GET',
          url: `/fhir/R4/MedicationRequest/${rid}`,
        })
      ).status;
    const made = await make({ item: `MedicationRequest/${hers['MedicationRequest']}` });
    expect(await read(hers['MedicationRequest'])).toBe(404);
    const open = (link: NewLink) =>
      http.inject({
        as: now(chemist),
        method: 'POST',
        url: '/api/links/open',
        body: { secret: secretOf(link), pin: link.pin },
      });
    const { status, text, headers } = await open(made);
    expect([status, headers['set-cookie']]).toEqual([200, undefined]);
    expect(json<OpenedLink>(text)).toMatchObject({
      as: 'own',
      item: made.link.item,
      until: clock.now() + 24 * hour,
    });
    expect([await read(hers['MedicationRequest']), await read(hers['other'])]).toEqual([200, 404]);
    expect((await open(await make({ kinds: ['problems'] }))).status).toBe(404);
    clock.advance(24 * hour);
    expect(await read(hers['MedicationRequest'])).toBe(404);
  });
});

describe('who acts for a patient', () => {
  const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
  const privacy = { coding: [{ code: 'patient-privacy' }] };
  const sensitive = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SEX' };
  const consent = (provision: Consent['provision']): Consent => ({
    resourceType: 'Consent',
    status: 'active',
    scope: privacy,
    category: [{ text: 'Privacy' }],
    policyRule: { text: 'Clinic policy' },
    patient: refer('Patient', ada.id),
    ...(provision && { provision }),
  });
  const post = (as: Caller, body: object) =>
    http.inject({ as: now(as), method: 'POST', url: '/api/links', body });

  /** Somebody related to `of`, with an account of her own. */
  async function relative(of: string): Promise<{ id: string; caller: Caller }> {
    const { id } = await world.records.create(world.system, {
      resourceType: 'RelatedPerson',
      patient: refer('Patient', of),
    });
    const fhirUser = { type: 'RelatedPerson' as const, id };
    const account = await world.access.accounts.create({
      tenant: 1,
      role: 'patient',
      email: `${id}@home.example`,
      name: 'A relative',
      password: 'correct-horse-battery-staple-42',
      fhirUser,
    });
    return { id, caller: world.caller('patient', { id: account.id, fhirUser }) };
  }

  it('to be let see a part is not to share the whole', async () => {
    const friend = await relative(bo.id);
    await world.records.create(
      now(ada.caller),
      consent({
        type: 'permit',
        actor: [{ role: { text: 'x' }, reference: refer('RelatedPerson', friend.id) }],
        class: ['Patient', 'Immunization'].map((code) => ({ code })),
      }),
    );
    expect(await world.records.read(now(friend.caller), 'Patient', ada.id)).toBeTruthy();
    expect((await post(friend.caller, { kinds: ['record'], patient: ada.id })).status).toBe(404);
    for (const url of [`/api/links?patient=${ada.id}`, `/api/readers?patient=${ada.id}`])
      expect([
        url,
        (await http.inject({ as: now(friend.caller), method: 'GET', url })).status,
      ]).toEqual([url, 404]);
  });

  it('a mother shares for her child, no more than she sees, and only as long as she acts for him', async () => {
    await house.sharing.start();
    const mother = await relative(ada.id);
    const made = await make({ kinds: ['record'], patient: ada.id }, mother.caller);
    const [open, seen] = [secretOf(made), await guest(made)];
    // What an adolescent keeps from her: the link would show it, and she does not lift it herself.
    const shut = await world.records.create(
      now(ada.caller),
      consent({
        type: 'deny',
        actor: [{ role: { text: 'x' }, reference: refer('RelatedPerson', mother.id) }],
        securityLabel: [sensitive],
      }),
    );
    await expect.poll(() => seen.status('/api/shared')).toBe(401);
    expect((await tryOpen(open, made.pin)).status).toBe(404);
    expect((await post(mother.caller, { kinds: ['record'], patient: ada.id })).status).toBe(403);
    const item = `MedicationRequest/${hers['other']}`;
    expect((await post(mother.caller, { item, patient: ada.id })).status).toBe(201);
    await expect(
      world.records.update(now(mother.caller), {
        ...(shut.resource as Consent),
        status: 'inactive',
      }),
    ).rejects.toMatchObject({ status: 403 });
    await world.records.update(now(ada.caller), {
      ...(shut.resource as Consent),
      status: 'inactive',
    });
    // Her time is over: so is what she gave, for who is there and who comes.
    const last = await make({ kinds: ['record'], patient: ada.id }, mother.caller);
    const there = await guest(last);
    expect(await there.status('/api/shared')).toBe(200);
    await world.records.update(world.system, {
      resourceType: 'RelatedPerson',
      id: mother.id,
      active: false,
      patient: refer('Patient', ada.id),
    });
    await expect.poll(() => there.status('/api/shared')).toBe(401);
    expect((await tryOpen(secretOf(last), last.pin)).status).toBe(404);
  });

  it('the links of an account that is shut end with it', async () => {
    const father = await relative(ada.id);
    const made = await make({ kinds: ['problems'], patient: ada.id }, father.caller);
    const seen = await guest(made);
    await world.access.accounts.change(1, father.caller.id, { status: 'disabled' });
    await world.access.sessions.revokeAll(1, father.caller.id);
    expect((await tryOpen(secretOf(made), made.pin)).status).toBe(404);
    await expect.poll(() => seen.status('/api/shared')).toBe(401);
  });
});
