/** $graphql: what it answers, what it costs, and that it shows nobody more than REST does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { openWorld } from '@afar/records/testing';
import type { World } from '@afar/records/testing';
import { createGraphql } from './index.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let bea: { id: string; caller: Caller };
let doctor: { id: string; caller: Caller };
const seen = { observations: [] as string[], theirs: '' };
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const create = async <T extends Resource>(resource: T): Promise<string> =>
  (await world.records.create(world.system, resource)).id;

beforeAll(async () => {
  world = await openWorld();
  createGraphql({
    records: world.records,
    clock: world.clock,
    log: world.log,
    limits: { searches: 60 },
  });
  http = await world.http();
  ada = await world.patient({
    name: [
      { use: 'official', family: 'Okonjo', given: ['Ada', 'Maria'] },
      { use: 'nickname', given: ['Addie'] },
    ],
  });
  bea = await world.patient({ name: [{ family: 'Zuckerberg' }] });
  doctor = await world.practitioner();
  await world.data.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/graphql', 0, $3)`,
    [doctor.id, ada.id, Date.now() + 3_600_000],
  );
  const observation = (patient: string, value: number, performer: string) =>
    create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: refer('Patient', patient),
      performer: [refer('Practitioner', performer)],
      effectiveDateTime: '2026-01-01',
      valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    });
  for (let n = 0; n < 12; n++) seen.observations.push(await observation(ada.id, 60 + n, doctor.id));
  seen.theirs = await observation(bea.id, 87654.25, doctor.id);
  // A resource of one chart that points into the other.
  await create({
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { text: 'mixed' },
    subject: refer('Patient', ada.id),
    result: [refer('Observation', seen.observations[0]!), refer('Observation', seen.theirs)],
  });
});
afterAll(() => world.close());

interface Answer {
  status: number;
  text: string;
  data: Record<string, unknown>;
  errors?: { message: string; path?: unknown[] }[];
}
async function ask(
  as: Caller,
  query: string,
  more: { at?: string; variables?: object; operationName?: string } = {},
): Promise<Answer> {
  const { at = '', ...rest } = more;
  const { status, text } = await http.inject({
    as,
    method: 'POST',
    url: `/fhir/R4/${at}$graphql`,
    body: { query, ...rest },
    headers: { 'content-type': 'application/json' },
  });
  return { status, text, ...(JSON.parse(text) as Omit<Answer, 'status' | 'text'>) };
}

describe('a question [graphql.html]', () => {
  it('reads one resource, with lists narrowed and references followed', async () => {
    const { data, errors } = await ask(
      doctor.caller,
      `query ($id: text!) {
        Patient(id: $id) {
          id
          name(use: official) { family given }
          birthDate
          first: name(_count: 1, _offset: 1) { use }
          ObservationList(_reference: patient, code: "http://loinc.org|29463-7", _count: 3, _sort: "-date") {
            valueQuantity { value unit }
            subject { resource { resourceType id ... on Patient { gender } } }
            performer { resource(type: Practitioner) { ... on Practitioner { name { family } } } }
          }
        }
      }`,
      { variables: { id: ada.id } },
    );
    expect(errors).toBeUndefined();
    const patient = data.Patient as Record<string, unknown[]>;
    expect(patient.name).toEqual([{ family: 'Okonjo', given: ['Ada', 'Maria'] }]);
    expect(patient.first).toEqual([{ use: 'nickname' }]);
    expect(patient.ObservationList).toHaveLength(3);
    expect(patient.ObservationList![0]).toMatchObject({
      valueQuantity: { unit: 'kg' },
      subject: { resource: { resourceType: 'Patient', id: ada.id, gender: 'female' } },
      performer: [{ resource: { name: [{ family: 'Lindqvist' }] } }],
    });
  });

  it('searches, in pages', async () => {
    const query = (cursor: string) =>
      `{ ObservationConnection(patient: "Patient/${ada.id}", _count: 5 ${cursor}) { pagesize next edges { mode resource { id } } } }`;
    const ids: string[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page++) {
      const { data, errors } = await ask(doctor.caller, query(cursor));
      expect(errors).toBeUndefined();
      const found = data.ObservationConnection as {
        next?: string;
        edges: { resource: { id: string } }[];
      };
      ids.push(...found.edges.map((edge) => edge.resource.id));
      cursor = `, _cursor: "${found.next}"`;
    }
    expect(new Set(ids)).toEqual(new Set(seen.observations));
    expect(ids).toHaveLength(12);
  });

  it('is asked by GET, as text, in Parameters, and of one resource', async () => {
    const text = `{ id name { family } }`;
    const url = `/fhir/R4/Patient/${ada.id}/$graphql`;
    const answers = await Promise.all([
      http.inject({
        as: doctor.caller,
        method: 'GET',
        url: `${url}?query=${encodeURIComponent(text)}`,
      }),
      http.inject({
        as: doctor.caller,
        method: 'POST',
        url,
        body: text,
        headers: { 'content-type': 'application/graphql' },
      }),
      http.inject({
        as: doctor.caller,
        method: 'POST',
        url,
        body: { resourceType: 'Parameters', parameter: [{ name: 'query', valueString: text }] },
      }),
    ]);
    for (const { status, text: said, headers } of answers) {
      expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(JSON.parse(said)).toEqual({
        data: { id: ada.id, name: [{ family: 'Okonjo' }, { family: null }] },
      });
    }
  });

  it('reshapes by @first, @flatten and @singleton [graphql.html#flattening]', async () => {
    const { data } = await ask(
      doctor.caller,
      `{ Patient(id: "${ada.id}") { id @singleton name @flatten { given @first use } } }`,
    );
    expect(data.Patient).toEqual({
      id: ada.id,
      given: ['Ada', 'Addie'],
      use: ['official', 'nickname'],
    });
    const lists = await ask(
      doctor.caller,
      `{ ObservationList(patient: "${ada.id}", _count: 2) @flatten { status @singleton code @flatten { coding @first @flatten { code } } } }`,
    );
    expect(lists.data).toEqual({ status: 'final', code: ['29463-7', '29463-7'] });
  });

  it('tells what there is', async () => {
    const { data } = await ask(
      doctor.caller,
      `{ __type(name: "Patient") { fields { name } } __schema { queryType { name } } }`,
    );
    const fields = (data.__type as { fields: { name: string }[] }).fields.map(({ name }) => name);
    expect(fields).toEqual(
      expect.arrayContaining(['birthDate', 'deceasedBoolean', 'ObservationList']),
    );
  });

  it('leaves in the trail whose data it told', async () => {
    const { headers } = await http.inject({
      as: doctor.caller,
      method: 'POST',
      url: '/fhir/R4/$graphql',
      body: `{ ObservationList(code: "29463-7") { id } }`,
      headers: { 'content-type': 'application/graphql' },
    });
    const { rows } = await world.data.ownerDb.query(
      'select action, patients, params from access.audit_event where request = $1',
      [headers['x-request-id']],
    );
    expect(rows).toEqual([{ action: 'graphql', patients: [ada.id], params: ['code'] }]);
  });
});

describe('the policy is that of REST', () => {
  const probes = (): [string, string][] => [
    ['read', `{ Patient(id: "${bea.id}") { id name { family } } }`],
    ['search', `{ PatientList(name: "Zuckerberg") { id } }`],
    ['search by code', `{ ObservationList(code: "29463-7") { id valueQuantity { value } } }`],
    [
      'reference into another chart',
      `{ DiagnosticReportList(patient: "${ada.id}") { result { resource(optional: true) { id ... on Observation { status } } } } }`,
    ],
    [
      'reverse reference',
      `{ Practitioner(id: "${doctor.id}") { ObservationList(_reference: performer) { id } } }`,
    ],
    ['chain by argument', `{ ObservationList(subject: "Patient/${bea.id}") { id } }`],
    ['total', `{ ObservationConnection(code: "29463-7", _total: accurate) { count } }`],
  ];

  it('at every hop', async () => {
    for (const [hop, query] of probes()) {
      const { text } = await ask(doctor.caller, query);
      expect([hop, text.includes(seen.theirs), text.includes('87654')]).toEqual([
        hop,
        false,
        false,
      ]);
      expect([hop, text.includes('Zuckerberg')]).toEqual([hop, false]);
    }
    const { text } = await ask(world.system, probes()[3]![1]);
    expect(text).toContain(seen.theirs);
  });

  it('twin worlds: hidden rows change no byte', async () => {
    const hidden = await world.practitioner();
    const before = await Promise.all(
      probes().map(async ([, query]) => (await ask(doctor.caller, query)).text),
    );
    const cara = await world.patient({ name: [{ family: 'Zuckerberg' }] });
    for (let n = 0; n < 3; n++)
      await create({
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        subject: refer('Patient', cara.id),
        performer: [refer('Practitioner', doctor.id), refer('Practitioner', hidden.id)],
      });
    const after = await Promise.all(
      probes().map(async ([, query]) => (await ask(doctor.caller, query)).text),
    );
    expect(after).toEqual(before);
  });

  it('a hidden resource and one that never was are one answer', async () => {
    const of = async (id: string) =>
      (await ask(doctor.caller, `{ Patient(id: "${id}") { id } }`)).text.replaceAll(id, 'x');
    expect(await of(bea.id)).toBe(await of('77777777-0000-4000-8000-000000000000'));
  });

  it('roles and scopes', async () => {
    const auditor = await ask(world.caller('auditor'), `{ PatientList { id } }`);
    expect([auditor.data.PatientList, auditor.errors?.[0]?.message]).toEqual([null, 'Not allowed']);
    const client = world.caller('system', {
      id: crypto.randomUUID(),
      kind: 'client',
      scopes: parseScopes('system/Observation.rs?category=laboratory system/Patient.rs'),
    });
    const { data } = await ask(
      client,
      `{ ObservationList(code: "29463-7") { id } PatientList(_count: 1) { id } }`,
    );
    expect([data.ObservationList, (data.PatientList as unknown[]).length]).toEqual([[], 1]);
    expect((await http.inject({ method: 'GET', url: '/fhir/R4/$graphql?query={_}' })).status).toBe(
      401,
    );
  });
});

describe('hostile questions are refused, and cost little', () => {
  const deep = `{ Patient(id: "x") ${'{ link { other { resource { ... on Patient '.repeat(30)}{ id }${' } } } }'.repeat(30)} }`;
  const doubling = `{ ...a0 } ${Array.from({ length: 30 }, (_, n) => `fragment a${n} on Query { ...a${n + 1} ...a${n + 1} }`).join(' ')} fragment a30 on Query { _ }`;
  it.each([
    ['too deep', deep],
    [
      'ten thousand aliases',
      `{ ${Array.from({ length: 10_000 }, (_, n) => `a${n}: _`).join(' ')} }`,
    ],
    [
      'a thousand aliases of a search',
      `{ ${Array.from({ length: 1_001 }, (_, n) => `a${n}: PatientList { id }`).join(' ')} }`,
    ],
    ['a fragment cycle', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
    ['fragments that double', doubling],
    ['a very long text', `{ _ ${'#'.repeat(60_000)}\n }`],
    ['brackets without end', '{'.repeat(20_000)],
    [
      'lists without end',
      `{ PatientList(name: ${'['.repeat(2_000)}"x"${']'.repeat(2_000)}) { id } }`,
    ],
    ['a mutation', 'mutation { _ }'],
    ['a subscription', 'subscription { _ }'],
    ['an unknown field', '{ Patient(id: "x") { social } }'],
    ['the fhirpath argument', '{ Patient(id: "x") { name(fhirpath: "given") { family } } }'],
    ['an unknown directive', '{ _ @slice(path: "x") }'],
    ['no operation', 'fragment a on Query { _ }'],
    ['no such operation', 'query A { _ } query B { _ }'],
    ['prototype names', '{ __proto__ constructor }'],
    ['nothing', '   '],
    ['not GraphQL', 'select * from patient'],
  ])('%s', async (_what, query) => {
    const { status, text } = await ask(doctor.caller, query);
    expect([status, text.slice(0, 60)]).toEqual([400, expect.stringContaining('OperationOutcome')]);
  });

  it('more searches than one request may make', async () => {
    const many = `{ ${Array.from({ length: 61 }, (_, n) => `a${n}: ObservationList(patient: "${ada.id}", _count: 1) { id }`).join(' ')} }`;
    const { errors } = await ask(doctor.caller, many);
    expect(errors?.some(({ message }) => message.includes('searches'))).toBe(true);
  });

  it('one long text told under many names', async () => {
    const id = await create({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'long' },
      subject: refer('Patient', ada.id),
      note: [{ text: 'x'.repeat(1_000_000) }],
    });
    const told = (times: number) =>
      Array.from({ length: times }, (_, n) => `t${n}: text`).join(' ');
    const asked = (times: number) =>
      ask(ada.caller, `{ Observation(id: "${id}") { note { ${told(times)} } } }`);
    expect((await asked(2)).status).toBe(200);
    const { status, text } = await asked(40);
    expect([status, text]).toEqual([400, expect.stringContaining('too-costly')]);
    await world.records.remove(world.system, 'Observation', id);
  });

  it('a _reference that does not lead here', async () => {
    const { errors } = await ask(
      doctor.caller,
      `{ Patient(id: "${ada.id}") { ObservationList(_reference: code) { id } } }`,
    );
    expect(errors?.[0]?.message).toContain('_reference');
  });

  it('an error tells nothing of what went wrong inside', async () => {
    const broken = {
      ...world.records,
      read: () => Promise.reject(new Error('Okonjo is in row 7')),
    };
    const other = await openWorld();
    try {
      createGraphql({
        records: { ...broken, operation: other.records.operation },
        clock: other.clock,
        log: other.log,
      });
      const { inject } = await other.http();
      const { text } = await inject({
        as: other.system,
        method: 'POST',
        url: '/fhir/R4/$graphql',
        body: '{ Patient(id: "x") { id } }',
        headers: { 'content-type': 'application/graphql' },
      });
      expect(text).toContain('An internal error');
      expect(text).not.toContain('Okonjo');
    } finally {
      await other.close();
    }
  });
});

describe('what it costs', () => {
  it('reads of one level are one statement, and one resource is read once', async () => {
    const statements: string[] = [];
    const { db } = world.data;
    const query = db.query.bind(db);
    Object.assign(db, {
      query: (sql: { text: string } | string, values?: unknown[]) => {
        statements.push(typeof sql === 'string' ? sql : sql.text);
        return query(sql as never, values);
      },
    });
    try {
      await ask(
        doctor.caller,
        `{ ObservationList(patient: "${ada.id}", _count: 12) { subject { resource { id } } performer { resource { id } } } }`,
      );
    } finally {
      Object.assign(db, { query });
    }
    const rows = statements.filter((text) => /records\.resource/.test(text));
    // The search, and one for the patient and the practitioner of twelve observations.
    expect(rows).toHaveLength(2);
  });
});
