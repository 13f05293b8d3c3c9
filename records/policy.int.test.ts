/** Who reaches whose chart: every rule with somebody who tries to break it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type {
  Appointment,
  CareTeam,
  Encounter,
  Observation,
  Patient,
  RelatedPerson,
  Resource,
} from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: { id: string; caller: Caller };
let bea: { id: string; caller: Caller };
let doctor: { id: string; caller: Caller };

beforeAll(async () => {
  world = await openWorld();
  ada = await world.patient({ name: [{ family: 'Ada' }] });
  bea = await world.patient({ name: [{ family: 'Bea' }] });
  doctor = await world.practitioner();
});
afterAll(() => world.close());

const status = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });

const noteOn = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: refer('Patient', patient),
});
const encounterOf = (patient: string, practitioner: string): Encounter => ({
  resourceType: 'Encounter',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
  subject: refer('Patient', patient),
  participant: [{ individual: refer('Practitioner', practitioner) }],
});
const appointmentOf = (patient: string, practitioner: string): Appointment => ({
  resourceType: 'Appointment',
  status: 'booked',
  start: new Date(Date.now() + 3_600_000).toISOString(),
  end: new Date(Date.now() + 5_400_000).toISOString(),
  participant: [
    { actor: refer('Patient', patient), status: 'accepted' },
    { actor: refer('Practitioner', practitioner), status: 'accepted' },
  ],
});
const teamOf = (patient: string, practitioner: string): CareTeam => ({
  resourceType: 'CareTeam',
  status: 'active',
  subject: refer('Patient', patient),
  participant: [{ member: refer('Practitioner', practitioner) }],
});

describe('a patient', () => {
  it('reads her own chart and nothing of another: hidden is not found', async () => {
    const { records, system } = world;
    const mine = await records.create(system, noteOn(ada.id));
    const hers = await records.create(system, noteOn(bea.id));
    expect(await status(records.read(ada.caller, 'Patient', ada.id))).toBe(200);
    expect(await status(records.read(ada.caller, 'Observation', mine.id))).toBe(200);
    for (const attempt of [
      () => records.read(ada.caller, 'Patient', bea.id),
      () => records.read(ada.caller, 'Observation', hers.id),
      () => records.vread(ada.caller, 'Observation', hers.id, 1),
      () => records.history(ada.caller, 'Observation', hers.id),
    ])
      expect(await status(attempt())).toBe(404);
    for (const attempt of [
      () => records.update(ada.caller, { ...noteOn(ada.id), id: hers.id }),
      () => records.patch(ada.caller, 'Observation', hers.id, []),
      () => records.remove(ada.caller, 'Observation', hers.id),
    ])
      expect([403, 404]).toContain(await status(attempt()));
    expect((await records.read(system, 'Observation', hers.id)).version).toBe(1);
  });

  it('leaves an audit entry of the attempt [access.md Audit]', async () => {
    const http = await world.http();
    const answer = await http.inject({
      as: ada.caller,
      method: 'GET',
      url: `/fhir/R4/Patient/${bea.id}`,
    });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('Bea');
    const { rows } = await world.data.ownerDb.query(
      `select action, type, outcome from access.audit_event where who = $1 and rid = $2`,
      [ada.caller.id, bea.id],
    );
    expect(rows).toEqual([{ action: 'read', type: 'Patient', outcome: 4 }]);
  });

  it('is told that a thing is gone only if it was hers', async () => {
    const { records, system } = world;
    const mine = await records.create(system, noteOn(ada.id));
    await records.remove(system, 'Observation', mine.id);
    expect(await status(records.read(ada.caller, 'Observation', mine.id))).toBe(410);
    expect(await status(records.read(bea.caller, 'Observation', mine.id))).toBe(404);
  });

  it('cannot write into the chart of another, existing or not', async () => {
    const { records } = world;
    const absent = '77777777-0000-4000-8000-000000000000';
    for (const id of [bea.id, absent])
      expect(await status(records.create(ada.caller, noteOn(id)))).toBe(403);
    const { rows } = await world.data.ownerDb.query(
      `select from records.owner_key where owner = $1`,
      [absent],
    );
    expect(rows).toHaveLength(0);
  });
});

describe('a clinician cannot write herself into a chart', () => {
  it('by Encounter, CareTeam or Appointment, nor by PUT, patch or transaction', async () => {
    const { records, system } = world;
    const attempts: Resource[] = [
      encounterOf(bea.id, doctor.id),
      teamOf(bea.id, doctor.id),
      appointmentOf(bea.id, doctor.id),
    ];
    for (const resource of attempts) {
      expect(await status(records.create(doctor.caller, resource))).toBe(403);
      const id = '88888888-0000-4000-8000-000000000000';
      expect(await status(records.update(doctor.caller, { ...resource, id }))).toBe(403);
      expect(
        await status(
          records.transaction(doctor.caller, {
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [{ resource, request: { method: 'POST', url: resource.resourceType } }],
          }),
        ),
      ).toBe(403);
    }
    // An encounter of a patient she has, moved onto one she has not.
    await records.create(system, encounterOf(ada.id, doctor.id));
    const hers = await records.create(doctor.caller, encounterOf(ada.id, doctor.id));
    const moved = { ...encounterOf(bea.id, doctor.id), id: hers.id };
    expect(await status(records.update(doctor.caller, moved))).toBe(403);
    const operations = [{ op: 'replace', path: '/subject/reference', value: `Patient/${bea.id}` }];
    expect(await status(records.patch(doctor.caller, 'Encounter', hers.id, operations))).toBe(403);
    expect(await status(records.read(doctor.caller, 'Patient', bea.id))).toBe(404);
    const { rows } = await world.data.ownerDb.query(
      `select from records."grant" where principal = $1 and patient = $2`,
      [doctor.id, bea.id],
    );
    expect(rows).toHaveLength(0);
  });

  it('by naming the stranger beside a patient of hers', async () => {
    const { records, system } = world;
    await records.create(system, teamOf(ada.id, doctor.id));
    const group = appointmentOf(ada.id, doctor.id);
    group.participant.push({ actor: refer('Patient', bea.id), status: 'accepted' });
    expect(await status(records.create(doctor.caller, group))).toBe(403);
  });

  it('by registering a patient over a chart that exists already', async () => {
    const { records, system } = world;
    const id = 'aaaaaaaa-0000-4000-8000-000000000001';
    // Imported out of order: the results are there, the Patient is not.
    const early = await records.create(system, noteOn(id));
    const patient: Patient = { resourceType: 'Patient', id };
    expect(await status(records.update(doctor.caller, patient))).toBe(403);
    expect(await status(records.read(doctor.caller, 'Observation', early.id))).toBe(404);
  });

  it('by putting over an id that is hidden from her', async () => {
    const { records, system } = world;
    const patient: Patient = { resourceType: 'Patient', id: bea.id };
    expect(await status(records.update(doctor.caller, patient))).toBe(404);
    expect((await records.read(system, 'Patient', bea.id)).version).toBe(1);
  });
});

describe('nobody books herself in', () => {
  it('a nurse who holds nothing, with her own id or any other', async () => {
    const { records, caller } = world;
    const { id } = await world.practitioner();
    const nurse = caller('nurse', { fhirUser: { type: 'Practitioner', id } });
    const second = await world.practitioner();
    for (const one of [id, nurse.id, second.id, doctor.id])
      expect(await status(records.create(nurse, appointmentOf(bea.id, one)))).toBe(403);
    for (const one of [nurse, second.caller])
      expect(await status(records.read(one, 'Patient', bea.id))).toBe(404);
  });

  it('nor does one who was booked stay for longer than that', async () => {
    const { records, system } = world;
    const other = await world.practitioner();
    const day = 86_400_000;
    const at = (days: number): Caller => ({ ...other.caller, at: Date.now() + days * day });
    const seen = (days: number) => status(records.read(at(days), 'Patient', ada.id));
    // The visit was ten days ago: twenty are left.
    const period = { end: new Date(Date.now() - 10 * day).toISOString() };
    await records.create(system, { ...encounterOf(ada.id, other.id), status: 'finished', period });
    await records.create(other.caller, appointmentOf(ada.id, other.id));
    const kept = await records.create(other.caller, encounterOf(ada.id, other.id));
    await records.create(other.caller, teamOf(ada.id, other.id));
    await records.update(other.caller, { ...kept.resource, status: 'onleave' } as Encounter);
    expect([await seen(19), await seen(21)]).toEqual([200, 404]);
    // The house writes the next visit: the patient's relation goes on.
    await records.create(system, appointmentOf(ada.id, other.id));
    expect(await seen(21)).toBe(200);
  });
});

describe('what a holder passes on', () => {
  it('ends a month past what the patient gave, however often two pass it on to each other', async () => {
    const day = 86_400_000;
    const { id } = await world.patient();
    const [a, b] = [await world.practitioner(), await world.practitioner()];
    const start = world.system.at;
    const given = teamOf(id, a.id);
    given.period = { end: new Date(start + 5 * day).toISOString() };
    await world.records.create(world.system, given);
    const most = start + 35 * day;
    for (let at = start; at < start + 60 * day; at += 4 * day)
      for (const [author, to] of [
        [a, b],
        [b, a],
      ] as const)
        for (const resource of [teamOf(id, to.id), encounterOf(id, to.id)])
          await world.records
            .create({ ...author.caller, at }, resource as Resource)
            .catch(() => undefined);
    const { rows } = await world.data.ownerDb.query<{ ends: number; n: number }>(
      `select max(ends) as ends, count(*)::int as n from records."grant" where patient = $1 and principal = any($2)`,
      [id, [a.id, b.id]],
    );
    expect(rows[0]!.n).toBeGreaterThan(3);
    expect(rows[0]!.ends).toBeLessThanOrEqual(most);
  });

  it('is nothing where a chart was opened in an emergency', async () => {
    const { id } = await world.patient();
    const [a, b] = [await world.practitioner(), await world.practitioner()];
    const hour = { starts: a.caller.at, ends: a.caller.at + 3_600_000 };
    const opened = { principal: a.id, patient: id, class: 'chart', purpose: 'ETREAT' };
    await world.records.write(world.system, (tx) =>
      tx.grants.give([{ ...opened, source: `Emergency/${id}`, ...hour }]),
    );
    await world.records.create({ ...a.caller, purpose: 'ETREAT' }, teamOf(id, b.id) as Resource);
    expect(await status(world.records.read(a.caller, 'Patient', id))).toBe(200);
    expect(await status(world.records.read(b.caller, 'Patient', id))).toBe(404);
  });
});

describe("a proxy's grant", () => {
  it('outlives a correction by a clinician, not the end of the relation', async () => {
    const { records, system } = world;
    await records.create(system, teamOf(ada.id, doctor.id));
    const person: RelatedPerson = {
      resourceType: 'RelatedPerson',
      patient: refer('Patient', ada.id),
    };
    const { id } = await records.create(system, person);
    const mother = world.caller('patient', { fhirUser: { type: 'RelatedPerson', id } });
    const reads = () => status(records.read(mother, 'Patient', ada.id));
    expect(await reads()).toBe(200);
    const phoned = { ...person, id, telecom: [{ system: 'phone' as const, value: '555 0100' }] };
    await records.update(doctor.caller, phoned);
    expect(await reads()).toBe(200);
    const operations = [{ op: 'add', path: '/gender', value: 'female' }];
    await records.patch(doctor.caller, 'RelatedPerson', id, operations);
    expect(await reads()).toBe(200);
    await records.update(doctor.caller, { ...phoned, active: false });
    expect(await reads()).toBe(404);
    // Nor does a clinician bring it back.
    await records.update(doctor.caller, phoned);
    expect(await reads()).toBe(404);
  });
});

describe('creates that share a statement', () => {
  it('are refused one by one', async () => {
    const { records, system } = world;
    const attempts = Array.from({ length: 40 }, (_, at) => {
      const [caller, patient] = [
        [ada.caller, ada.id],
        [ada.caller, bea.id],
        [bea.caller, bea.id],
        [system, ada.id],
      ][at % 4] as [Caller, string];
      return status(records.create(caller, noteOn(patient)));
    });
    const answers = await Promise.all(attempts);
    answers.forEach((answer, at) => expect(answer).toBe(at % 4 === 1 ? 403 : 200));
  });

  it('leave an event of their own caller each', async () => {
    const { records } = world;
    const made = await Promise.all(
      [ada, bea, ada].map(({ caller, id }) =>
        records.create({ ...caller, requestId: `share-${id}` }, noteOn(id)),
      ),
    );
    for (const [at, { caller, id }] of [ada, bea, ada].entries()) {
      const { rows } = await world.data.ownerDb.query(
        `select who, request, patients from access.audit_event where rid = $1`,
        [made[at]!.rid],
      );
      expect(rows).toEqual([{ who: caller.id, request: `share-${id}`, patients: [id] }]);
    }
    expect(await world.access.verifyAudit().then(({ fault }) => fault)).toBeUndefined();
  });
});

describe('a grant', () => {
  it('comes with a booking and goes with the cancellation by the patient', async () => {
    const { records } = world;
    const other = await world.practitioner();
    const booked = await records.create(world.system, appointmentOf(ada.id, other.id));
    expect(await status(records.read(other.caller, 'Patient', ada.id))).toBe(200);
    await records.update(ada.caller, { ...booked.resource, status: 'cancelled' });
    expect(await status(records.read(other.caller, 'Patient', ada.id))).toBe(404);
  });

  it('of one source stays when another goes', async () => {
    const { records, system } = world;
    const other = await world.practitioner();
    const booked = await records.create(world.system, appointmentOf(ada.id, other.id));
    await records.create(system, teamOf(ada.id, other.id));
    await records.remove(system, 'Appointment', booked.id);
    expect(await status(records.read(other.caller, 'Patient', ada.id))).toBe(200);
  });

  it("ends at its instant, which is the request's", async () => {
    const { records } = world;
    const other = await world.practitioner();
    await records.create(world.system, appointmentOf(ada.id, other.id));
    const day = 86_400_000;
    const at = (days: number): Caller => ({ ...other.caller, at: Date.now() + days * day });
    expect(await status(records.read(at(29), 'Patient', ada.id))).toBe(200);
    expect(await status(records.read(at(31), 'Patient', ada.id))).toBe(404);
  });

  it('lets whoever registers a new patient see what she wrote', async () => {
    const { records } = world;
    const made = await records.create<Patient>(doctor.caller, { resourceType: 'Patient' });
    expect(await status(records.read(doctor.caller, 'Patient', made.id))).toBe(200);
    const stranger = await world.practitioner();
    expect(await status(records.read(stranger.caller, 'Patient', made.id))).toBe(404);
    // An update of the Patient does not take it away.
    await records.update(doctor.caller, { ...made.resource, active: true });
    expect(await status(records.read(doctor.caller, 'Patient', made.id))).toBe(200);
  });
});

describe('a denial', () => {
  it('shuts one principal out, wholly or from what carries the label, whoever else is named', async () => {
    const { records, system } = world;
    const other = await world.practitioner();
    await records.create(system, teamOf(ada.id, other.id));
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' };
    const open = await records.create(system, noteOn(ada.id));
    const closed = await records.create(system, {
      ...noteOn(ada.id),
      meta: { security: [label] },
    });
    const { rows } = await world.data.ownerDb.query<{ labels: (number | string)[] }>(
      'select labels from records.resource where rid = $1',
      [closed.rid],
    );
    const deny = (value: unknown) =>
      world.data.ownerDb.query(
        `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, $3, 'Consent/x')`,
        [other.id, ada.id, value],
      );
    await deny(rows[0]!.labels[0]);
    expect(await status(records.read(other.caller, 'Observation', open.id))).toBe(200);
    expect(await status(records.read(other.caller, 'Observation', closed.id))).toBe(404);
    await deny(0);
    expect(await status(records.read(other.caller, 'Observation', open.id))).toBe(404);
    expect(await status(records.create(other.caller, noteOn(ada.id)))).toBe(403);
  });

  it('of a patient who is named besides the owner counts too', async () => {
    const { records, system } = world;
    const other = await world.practitioner();
    await records.create(system, teamOf(ada.id, other.id));
    const group = appointmentOf(ada.id, other.id);
    group.participant.push({ actor: refer('Patient', bea.id), status: 'accepted' });
    const both = await records.create(system, group);
    expect(await status(records.read(other.caller, 'Appointment', both.id))).toBe(200);
    await world.data.ownerDb.query(
      `insert into records.deny (tenant, principal, patient, source) values (1, $1, $2, 'Consent/y')`,
      [other.id, bea.id],
    );
    expect(await status(records.read(other.caller, 'Appointment', both.id))).toBe(404);
  });
});

describe('another clinic', () => {
  it('is another world, for its system client too', async () => {
    const foreign = { ...world.system, tenant: 2 };
    expect(await status(world.records.read(foreign, 'Patient', ada.id))).toBe(404);
    expect(await status(world.records.history(foreign, 'Patient', ada.id))).toBe(404);
  });
});

describe('a granular scope', () => {
  it('is judged by the content, on reading and on writing', async () => {
    const { records, system } = world;
    const scoped: Caller = {
      ...system,
      scopes: [
        {
          context: 'system',
          type: 'Observation',
          verbs: 'cru',
          params: [['status', 'preliminary']],
        },
      ],
    };
    const final = await records.create(system, noteOn(ada.id));
    const early = await records.create(system, { ...noteOn(ada.id), status: 'preliminary' });
    expect(await status(records.read(scoped, 'Observation', early.id))).toBe(200);
    expect(await status(records.read(scoped, 'Observation', final.id))).toBe(404);
    expect(await status(records.create(scoped, noteOn(ada.id)))).toBe(403);
    expect(await status(records.update(scoped, early.resource as Observation))).toBe(200);
    expect(
      await status(records.update(scoped, { ...early.resource, status: 'final' } as Observation)),
    ).toBe(403);
    expect(await status(records.read(scoped, 'Patient', ada.id))).toBe(403);
  });
});

describe('a client that may write and not read', () => {
  it('is shown nothing of what it wrote, whatever it asks back', async () => {
    const http = await world.http();
    const secret = { ...noteOn(ada.id), note: [{ text: 'told in confidence' }] };
    const kept = await world.records.create(world.system, secret);
    const scope = (verbs: string, params: [string, string][] = []): Caller => ({
      ...world.caller('system', { id: crypto.randomUUID(), kind: 'client' }),
      scopes: [
        { context: 'system', type: 'Observation', verbs, params: [] },
        ...(params.length
          ? [{ context: 'system' as const, type: 'Observation', verbs: 'r', params }]
          : []),
      ],
    });
    const url = `/fhir/R4/Observation/${kept.id}`;
    const patched = [{ op: 'add', path: '/issued', value: '2026-11-21T10:00:00Z' }];
    const patch = { method: 'PATCH' as const, url, body: patched };
    const jsonPatch = { 'content-type': 'application/json-patch+json' };
    const prefer = { prefer: 'return=representation' };
    for (const as of [scope('cu'), scope('cu', [['status', 'preliminary']])]) {
      for (const headers of [jsonPatch, { ...jsonPatch, ...prefer }]) {
        // A patch asks what is there: by a test, by an operation that applies or does not.
        expect((await http.inject({ as, ...patch, headers })).status).toBe(403);
      }
      const probe = [{ op: 'test', path: '/note/0/text', value: 'told in confidence' }];
      for (const [body, type] of [
        [probe, 'application/json-patch+json'],
        [{ resourceType: 'Parameters' }, 'application/fhir+json'],
      ] as const) {
        const headers = { 'content-type': type };
        expect((await http.inject({ as, ...patch, body, headers })).status).toBe(403);
      }
      const put = await http.inject({ as, method: 'PUT', url, body: { ...secret, id: kept.id } });
      expect(put).toMatchObject({ status: 200, text: '' });
      expect(put.headers.etag).toMatch(/^W\/"\d+"$/);
      const post = { method: 'POST' as const, url: '/fhir/R4/Observation', body: secret };
      expect(await http.inject({ as, ...post })).toMatchObject({ status: 201, text: '' });
      for (const type of ['batch', 'transaction']) {
        const data = Buffer.from(JSON.stringify(patched)).toString('base64');
        const contentType = 'application/json-patch+json';
        const resource = { resourceType: 'Binary', contentType, data };
        const request = { method: 'PATCH', url: `Observation/${kept.id}` };
        const bundle = { resourceType: 'Bundle', type, entry: [{ resource, request }] };
        const together = { method: 'POST' as const, url: '/fhir/R4', body: bundle };
        const answer = await http.inject({ as, ...together, headers: prefer });
        expect(answer.text).not.toContain('confidence');
        expect(answer.text).not.toContain('200 OK');
        expect(answer.status).toBe(type === 'batch' ? 200 : 403);
      }
    }
    const reader = await http.inject({ as: scope('ru'), ...patch, headers: jsonPatch });
    expect(reader.text).toContain('told in confidence');
  });
});
