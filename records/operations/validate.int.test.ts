/** `$validate` and writes say the same; profiles hold from the moment they are written; nothing hidden shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationOutcome, Resource, StructureDefinition } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let patient: Awaited<ReturnType<World['patient']>>;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  patient = await world.patient();
});
afterAll(() => world.close());

const base = '/fhir/R4';

async function send(
  url: string,
  body: unknown,
  as = world.system,
  method: 'POST' | 'PUT' = 'POST',
) {
  const answer = await http.inject({ as, method, url: base + url, body });
  return { ...answer, outcome: JSON.parse(answer.text) as OperationOutcome };
}

const told = ({ issue }: OperationOutcome, severity = 'error') =>
  issue
    .filter((one) => one.severity === severity)
    .map((one) => `${one.expression?.[0]} ${one.code} ${one.diagnostics}`);

const observation = () => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: `Patient/${patient.id}` },
});

describe('faults [http.html#create, resource-operation-validate.html]', () => {
  const faulty: [string, string, () => Record<string, unknown>][] = [
    ['gender "zzz"', 'Patient.gender', () => ({ resourceType: 'Patient', gender: 'zzz' })],
    ['name: []', 'Patient.name', () => ({ resourceType: 'Patient', name: [] })],
    [
      'two value[x]',
      'Observation.valueString',
      () => ({ ...observation(), valueQuantity: { value: 1 }, valueString: 'zzz' }),
    ],
    ['id "a b"', 'Patient.id', () => ({ resourceType: 'Patient', id: 'a b' })],
    [
      'wrong reference target',
      'Observation.subject.reference',
      () => ({ ...observation(), subject: { reference: 'Practitioner/zzz' } }),
    ],
    [
      'an invariant by hand',
      'Patient.contact[0]',
      () => ({ resourceType: 'Patient', contact: [{ gender: 'male' }] }),
    ],
    [
      'an invariant through FHIRPath',
      'SearchParameter',
      () => ({
        resourceType: 'SearchParameter',
        url: 'https://e.example/sp',
        name: 'Zzz',
        status: 'draft',
        description: 'x',
        code: 'zzz',
        base: ['Patient'],
        type: 'string',
        chain: ['zzz'],
      }),
    ],
  ];

  it.each(faulty)('%s: 4xx with the path, and $validate says the same', async (_, path, make) => {
    const resource = make();
    const type = String(resource.resourceType);
    const written = await send(`/${type}`, resource);
    expect(written.status).toBe(400);
    expect(written.outcome.issue[0]!.expression).toEqual([path]);
    expect(written.text).not.toContain('zzz');
    const asked = await send(`/${type}/$validate`, resource);
    expect(asked.status).toBe(200);
    expect(told(asked.outcome)).toEqual(told(written.outcome));
    const wrapped = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] };
    expect(told((await send(`/${type}/$validate`, wrapped)).outcome)).toEqual(
      told(written.outcome),
    );
  });

  it('says so when there are none, and writes nothing', async () => {
    const before = await world.records.search(world.system, 'Observation', [['_summary', 'count']]);
    const { outcome } = await send('/Observation/$validate', observation());
    expect(told(outcome)).toEqual([]);
    expect(told(outcome, 'warning').join()).toContain('dom-6');
    const after = await world.records.search(world.system, 'Observation', [['_summary', 'count']]);
    expect(after.total).toBe(before.total);
  });

  it('needs no body for a delete, whatever the request says its body is', async () => {
    const { id } = await world.patient();
    const { status, text } = await http.inject({
      as: world.system,
      method: 'POST',
      url: `/fhir/R4/Patient/${id}/$validate?mode=delete`,
      headers: { 'content-type': 'application/fhir+json' },
    });
    expect([status, text]).toEqual([200, expect.stringContaining('No faults')]);
  });

  it('answers wrong questions with 400', async () => {
    for (const [url, body] of [
      [
        '/Patient/$validate',
        { resourceType: 'Parameters', parameter: [{ name: 'mode', valueCode: 'x' }] },
      ],
      [
        '/Patient/$validate',
        { resourceType: 'Parameters', parameter: [{ name: 'mode', valueCode: 'profile' }] },
      ],
      ['/Patient/$validate', { resourceType: 'Parameters' }],
      ['/Patient/$validate?mode=delete', { resourceType: 'Patient' }],
    ] as const)
      expect([url, (await send(url, body)).status]).toEqual([url, 400]);
    const other = await send('/Patient/$validate', observation());
    expect(told(other.outcome)).toEqual(['resourceType invalid A Patient is expected here']);
  });
});

const profile: StructureDefinition = {
  resourceType: 'StructureDefinition',
  url: 'https://clinic.example/StructureDefinition/weight',
  name: 'Weight',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Observation',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
  derivation: 'constraint',
  differential: {
    element: [
      {
        id: 'Observation',
        path: 'Observation',
        constraint: [
          {
            key: 'w-1',
            severity: 'error',
            human: 'A weight is positive',
            expression: 'value.value > 0',
          },
        ],
      },
      {
        id: 'Observation.value[x]',
        path: 'Observation.value[x]',
        min: 1,
        type: [{ code: 'Quantity' }],
      },
    ],
  },
};
const claiming = (over: object = {}) =>
  ({ ...observation(), meta: { profile: [profile.url] }, ...over }) as unknown as Resource;

describe('a profile [resource.html#profile-tags]', () => {
  it('that nobody knows refuses nothing; $validate warns, and refuses to say yes to it', async () => {
    expect((await send('/Observation', claiming())).status).toBe(201);
    const { outcome } = await send('/Observation/$validate', claiming());
    expect(told(outcome)).toEqual([]);
    expect(told(outcome, 'warning').join()).toContain('Observation.meta.profile[0] not-found');
    const asked = await send(`/Observation/$validate?profile=${profile.url}`, observation());
    expect(told(asked.outcome)).toEqual([
      'profile not-found This profile is not known here: not checked',
    ]);
  });

  it('of the type itself is what is checked anyway, by every name it has', async () => {
    const core = 'http://hl7.org/fhir/StructureDefinition/';
    for (const name of ['Observation', 'Observation|4.0.1', 'DomainResource', 'Resource']) {
      const asked = await send(`/Observation/$validate?profile=${core}${name}`, observation());
      expect(told(asked.outcome)).toEqual([]);
      const { outcome } = await send(
        '/Observation/$validate',
        claiming({ meta: { profile: [core + name] } }),
      );
      expect(told(outcome, 'warning').join()).not.toContain('not known');
    }
    const other = await send(`/Observation/$validate?profile=${core}Patient`, observation());
    expect(told(other.outcome)).toEqual(['profile invalid This profile is one of Patient']);
  });

  it('holds from the moment it is written, by every way of writing, and until it is gone', async () => {
    const { id } = await world.records.create(world.system, profile);
    const missing = ['Observation.value required At least 1 required'];
    const created = await send('/Observation', claiming());
    expect([created.status, told(created.outcome)]).toEqual([
      400,
      [...missing, 'Observation invariant w-1: A weight is positive'],
    ]);
    expect(told((await send('/Observation/$validate', claiming())).outcome)).toEqual(
      told(created.outcome),
    );
    const asked = await send(`/Observation/$validate?profile=${profile.url}`, observation());
    expect(told(asked.outcome)).toEqual(told(created.outcome));

    const good = claiming({ valueQuantity: { value: 70, unit: 'kg' } });
    const stored = await world.records.create(world.system, good);
    const bad = { ...stored.resource, valueQuantity: { value: -1 } } as Resource;
    expect((await send(`/Observation/${stored.id}`, bad, world.system, 'PUT')).status).toBe(400);
    const change = [{ op: 'remove', path: '/valueQuantity' }];
    await expect(
      world.records.patch(world.system, 'Observation', stored.id, change),
    ).rejects.toMatchObject({ code: 'invalid' });
    const bundle = {
      resourceType: 'Bundle' as const,
      type: 'transaction' as const,
      entry: [{ resource: claiming(), request: { method: 'POST' as const, url: 'Observation' } }],
    };
    await expect(world.records.transaction(world.system, bundle)).rejects.toMatchObject({
      status: 400,
    });
    // What claims nothing is not asked.
    expect((await send('/Observation', observation())).status).toBe(201);

    await world.records.remove(world.system, 'StructureDefinition', id);
    expect((await send('/Observation', claiming())).status).toBe(201);
  });

  it('counts when it comes in the same transaction as what claims it', async () => {
    const url = `${profile.url}-together`;
    const entry = [{ ...profile, url }, claiming({ meta: { profile: [url] } })].map((resource) => ({
      resource: resource as Resource,
      request: { method: 'POST' as const, url: resource.resourceType },
    }));
    const bundle = { resourceType: 'Bundle' as const, type: 'transaction' as const, entry };
    await expect(world.records.transaction(world.system, bundle)).rejects.toMatchObject({
      status: 400,
    });
  });

  it('of another process holds here too', async () => {
    const url = `${profile.url}-elsewhere`;
    const claim = claiming({ meta: { profile: [url] } });
    const other = await world.another();
    await world.records.create(world.system, claim);
    await other.records.create(world.system, { ...profile, url });
    await expect
      .poll(
        () =>
          world.records.create(world.system, claim).then(
            () => 'written',
            (error: { code: string }) => error.code,
          ),
        { timeout: 10_000 },
      )
      .toBe('invalid');
  });

  it('with a bomb in it refuses within its limits, and the next request is served', async () => {
    const url = `${profile.url}-bomb`;
    const element = [
      {
        id: 'Observation',
        path: 'Observation',
        constraint: [
          {
            key: 'b-1',
            severity: 'error' as const,
            human: 'x',
            expression: `'${'a'.repeat(40)}!'.matches('^(a+)+$')`,
          },
        ],
      },
    ];
    await world.records.create(world.system, { ...profile, url, differential: { element } });
    const answer = await send('/Observation', claiming({ meta: { profile: [url] } }));
    expect([answer.status, answer.outcome.issue[0]!.code]).toEqual([400, 'too-costly']);
    expect((await send('/Observation', observation())).status).toBe(201);
  });
});

describe('$validate discloses nothing hidden', () => {
  it('neither by instance nor by reference: hidden and absent look alike', async () => {
    const stranger = await world.patient();
    const hidden = await world.records.create(world.system, observation() as Resource);
    const absent = '019ab000-0000-7000-8000-000000000000';
    const asks = (url: string, body: unknown) => send(url, body, stranger.caller);
    for (const id of [hidden.id, absent])
      expect(
        (
          await http.inject({
            as: stranger.caller,
            method: 'GET',
            url: `${base}/Observation/${id}/$validate`,
          })
        ).status,
      ).toBe(404);
    const referring = (id: string) => ({
      ...observation(),
      subject: { reference: `Patient/${stranger.id}` },
      derivedFrom: [{ reference: `Observation/${id}` }],
    });
    const [one, two] = [
      await asks('/Observation/$validate', referring(hidden.id)),
      await asks('/Observation/$validate', referring(absent)),
    ];
    expect(one.outcome).toEqual(two.outcome);
    expect(told(one.outcome, 'warning').join()).toContain(
      'Observation.derivedFrom[0].reference not-found',
    );
  });

  it('tells of what the caller sees, and the trail whose it was', async () => {
    const answer = await http.inject({
      as: patient.caller,
      method: 'GET',
      url: `${base}/Patient/${patient.id}/$validate`,
    });
    expect(answer.status).toBe(200);
    const { rows } = await world.data.ownerDb.query(
      'select action, patients from access.audit_event where request = $1',
      [answer.headers['x-request-id']],
    );
    expect(rows).toEqual([{ action: 'validate', patients: [patient.id] }]);
  });

  it('says what the policy would say to the write', async () => {
    const asked = await send('/StructureDefinition/$validate?mode=create', profile, patient.caller);
    expect(told(asked.outcome)).toEqual(['StructureDefinition forbidden Not allowed']);
    const gone = await http.inject({
      as: patient.caller,
      method: 'GET',
      url: `${base}/Patient/${patient.id}/$validate?mode=delete`,
    });
    expect(told(JSON.parse(gone.text) as OperationOutcome)).toEqual([
      'Patient forbidden Not allowed',
    ]);
  });
});
