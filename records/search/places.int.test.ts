/** Compartments, searches of several types, forms and hostile queries, over the wire. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, Resource } from '@afar/fhir';
import { resourceTypes, searchParams } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
const ids: Record<string, string> = {};
let doctor: World['system'];

interface Answer {
  status: number;
  body: Bundle;
}

async function ask(url: string, as = world.system, form?: string): Promise<Answer> {
  const { status, text } = await http.inject({
    as,
    method: form === undefined ? 'GET' : 'POST',
    url: `/fhir/R4${url}`,
    ...(form !== undefined && {
      body: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  });
  return { status, body: JSON.parse(text) as Answer['body'] };
}
const matches = ({ body }: Answer) =>
  (body.entry ?? [])
    .filter((one) => one.search?.mode === 'match')
    .map(({ resource }) => `${resource!.resourceType}/${resource!.id}`)
    .sort();
const named = (...names: string[]) => names.map((name) => ids[name]!).sort();

async function put(name: string, resource: Resource): Promise<void> {
  const { id } = await world.records.create(world.system, resource);
  ids[name] = `${resource.resourceType}/${id}`;
}
const ref = (name: string) => ({ reference: ids[name]! });

beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  await put('doctor', { resourceType: 'Practitioner', name: [{ family: 'Quill' }] });
  for (const [who, family] of [
    ['mine', 'Minestone'],
    ['theirs', 'Theirwood'],
  ] as const) {
    await put(who, { resourceType: 'Patient', name: [{ family }], birthDate: '1980-01-01' });
    await put(`${who} visit`, {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'VR' },
      subject: ref(who),
      participant: [{ individual: ref('doctor') }],
    });
    await put(`${who} weight`, {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: ref(who),
      encounter: ref(`${who} visit`),
      effectiveDateTime: '2026-01-01',
    });
    await put(`${who} problem`, {
      resourceType: 'Condition',
      subject: ref(who),
      encounter: ref(`${who} visit`),
      code: { text: `canary of ${family}` },
    });
  }
  // In her compartment as who performed it, though it is of another chart.
  await put('performed', {
    resourceType: 'Observation',
    status: 'amended',
    code: { text: 'of a relative' },
    subject: ref('theirs'),
    performer: [ref('mine')],
  });
  // Another one than who held the visits: those bring grants of their own.
  doctor = world.caller('practitioner');
  await world.data.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/1', 0, 9000000000000)`,
    [doctor.id, ids.mine!.split('/')[1]],
  );
});
afterAll(() => world?.close());

describe('compartments [FHIR R4 compartmentdefinition.html]', () => {
  it('hold what points at their patient, encounter, practitioner', async () => {
    expect(matches(await ask(`/${ids.mine}/Observation`))).toEqual(
      named('mine weight', 'performed'),
    );
    expect(matches(await ask(`/${ids.mine}/Observation?code=29463-7`))).toEqual(
      named('mine weight'),
    );
    expect(matches(await ask(`/${ids.mine}/Condition?_sort=-recorded-date`))).toEqual(
      named('mine problem'),
    );
    expect(matches(await ask(`/${ids['mine visit']}/*`))).toEqual(
      named('mine weight', 'mine problem'),
    );
    expect(matches(await ask(`/${ids.doctor}/Encounter`))).toEqual(
      named('mine visit', 'theirs visit'),
    );
    expect(matches(await ask(`/${ids.mine}/*`))).toEqual(
      named('mine visit', 'mine weight', 'mine problem', 'performed'),
    );
    expect(matches(await ask(`/${ids.mine}/*?_type=Condition,Encounter`))).toEqual(
      named('mine problem', 'mine visit'),
    );
  });

  it('by a form equal those by address', async () => {
    expect(
      matches(await ask(`/${ids.mine}/Observation/_search`, world.system, 'status=final')),
    ).toEqual(named('mine weight'));
  });

  it('page by page lose nothing', async () => {
    const seen: string[] = [];
    let url: string | undefined = `/${ids.mine}/*?_count=1`;
    while (url !== undefined) {
      const answer: Answer = await ask(url);
      seen.push(...matches(answer));
      const next: string | undefined = answer.body.link?.find(
        (one) => one.relation === 'next',
      )?.url;
      url = next?.slice(next.indexOf('/fhir/R4') + 8);
    }
    expect(seen.sort()).toEqual(named('mine visit', 'mine weight', 'mine problem', 'performed'));
  });

  it('of what has none, or with types they cannot hold, are not there', async () => {
    for (const url of [
      '/Observation/1/Condition',
      `/${ids.mine}/ValueSet`,
      `/${ids.mine}/Foo`,
      '/Foo/1/*',
    ])
      expect([url, (await ask(url)).status]).toEqual([url, 404]);
  });

  it('show nobody what she may not see', async () => {
    expect(matches(await ask(`/${ids.mine}/*`, doctor))).toEqual(
      named('mine visit', 'mine weight', 'mine problem'),
    );
    for (const of of ['theirs', 'theirs visit']) {
      const hidden = await ask(`/${ids[of]}/*`, doctor);
      const nobody = await ask(`/${ids[of]!.split('/')[0]}/nobody/*`, doctor);
      expect([hidden.status, hidden.body.entry, hidden.body.total]).toEqual([
        nobody.status,
        nobody.body.entry,
        nobody.body.total,
      ]);
    }
    expect(matches(await ask(`/${ids.doctor}/Encounter`, doctor))).toEqual(named('mine visit'));
    expect((await ask(`/${ids.doctor}/*?_summary=count`, doctor)).body.total).toBe(1);
  });
});

describe('several types at once [FHIR R4 http.html#search]', () => {
  it('those of _type, or all there are', async () => {
    const two = await ask('/?_type=Observation,Condition');
    expect(matches(two)).toEqual(
      named('mine weight', 'theirs weight', 'performed', 'mine problem', 'theirs problem'),
    );
    const all = await ask('/?_lastUpdated=ge2020');
    expect(matches(all)).toEqual(Object.values(ids).sort());
    expect(matches(await ask(`/?_id=${ids.mine!.split('/')[1]}`))).toEqual(named('mine'));
    expect(matches(await ask('/?_type=Observation,Condition&patient=' + ids.mine))).toEqual(
      named('mine weight', 'mine problem'),
    );
    const form = await ask('/_search', world.system, '_type=Observation%2CCondition');
    expect(matches(form)).toEqual(matches(two));
    expect((await ask('/?_type=Observation,Condition&_total=accurate')).body.total).toBe(5);
  });

  it('in one order of change, page by page', async () => {
    for (const sort of ['-_lastUpdated', '_lastUpdated']) {
      const seen: Resource[] = [];
      let url: string | undefined = `/?_type=Patient,Observation,Encounter&_sort=${sort}&_count=2`;
      while (url !== undefined) {
        const { body }: Answer = await ask(url);
        seen.push(...(body.entry ?? []).map((one) => one.resource!));
        const next: string | undefined = body.link?.find((one) => one.relation === 'next')?.url;
        url = next?.slice(next.indexOf('/fhir/R4') + 8);
      }
      expect(new Set(seen.map((one) => one.id)).size).toBe(7);
      expect(seen).toHaveLength(7);
      const dates = seen.map((one) => one.meta!.lastUpdated!);
      expect(dates).toEqual(sort.startsWith('-') ? dates.toSorted().reverse() : dates.toSorted());
    }
  });

  it('ignore, and say so, what is not a parameter of all of them; or refuse', async () => {
    const lenient = await ask('/?_type=Patient,Observation&birthdate=1980');
    expect(matches(lenient)).toHaveLength(5);
    expect(JSON.stringify(lenient.body)).toContain('birthdate');
    const { status } = await http.inject({
      as: world.system,
      method: 'GET',
      url: '/fhir/R4/?_type=Patient,Observation&birthdate=1980',
      headers: { prefer: 'handling=strict' },
    });
    expect(status).toBe(400);
    expect((await ask('/?_type=Patient,Foo')).status).toBe(400);
  });

  it('show nobody what she may not see', async () => {
    expect(matches(await ask('/?_type=Patient,Observation', doctor))).toEqual(
      named('mine', 'mine weight'),
    );
    const all = await ask('/?_sort=-_lastUpdated', doctor);
    expect(JSON.stringify(all.body)).not.toContain('Theirwood');
    expect(matches(all)).not.toContain(ids.theirs);
    const clerk = world.caller('administrator');
    expect((await ask('/?_type=Observation', clerk)).status).toBe(403);
    expect(matches(await ask('/', clerk)).filter((one) => /^(Obs|Cond|Enc|Pat)/.test(one))).toEqual(
      [],
    );
  });
});

it('leave in the trail whose data was shown, and no value of the question', async () => {
  const nurse = world.caller('nurse');
  await world.data.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/2', 0, 9000000000000)`,
    [nurse.id, ids.mine!.split('/')[1]],
  );
  await ask('/?_type=Observation&code:text=nothing', nurse);
  await ask(`/${ids.mine}/*?_text=Minestone`, nurse);
  await ask('/?_type=Observation&_content=final', nurse);
  const { rows } = await world.data.db.query<{ patients: string[] }>(
    `select * from access.audit_event where who = $1 order by at, id`,
    [nurse.id],
  );
  expect(rows.map((row) => row.patients?.length ?? 0).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  expect(JSON.stringify(rows)).not.toMatch(/Minestone|nothing/);
  expect(JSON.stringify(rows)).toContain('_text');
});

describe('POST _search equals GET [FHIR R4 search.html#http]', () => {
  it.each([
    ['Observation', 'code=29463-7&_sort=-date'],
    ['Observation', 'patient.name=minestone'],
    ['Patient', 'birthdate=1980&_count=1'],
    ['Patient', 'name=nobody,mine'],
    ['Encounter', '_has:Observation:encounter:status=final&_include=Encounter:subject'],
  ])('%s?%s', async (type, query) => {
    const get = await ask(`/${type}?${query}`);
    const post = await ask(`/${type}/_search`, world.system, query);
    expect([get.status, post.status]).toEqual([200, 200]);
    expect(post.body.entry).toEqual(get.body.entry);
    expect(post.body.total).toEqual(get.body.total);
  });
});

describe('hostile queries', () => {
  const sql = [
    `x'; drop table records.resource; --`,
    `1 or 1=1`,
    `'||pg_sleep(10)||'`,
    `\\'); select 1; --`,
    `$1`,
    `%00`,
    `\u0000`,
    `{1,2}`,
  ];
  it('SQL in every parameter of every type is a value like any other', async () => {
    for (const type of ['Patient', 'Observation', 'Encounter', 'Location', 'ValueSet']) {
      for (const param of [
        ...searchParams(type).keys(),
        '_filter',
        '_text',
        '_list',
        '_sort',
        '_has:x',
        'a.b',
      ]) {
        const text = sql[(param.length + type.length) % sql.length]!;
        const { status } = await ask(
          `/${type}/_search`,
          world.system,
          `${param}=${encodeURIComponent(text)}`,
        );
        expect([type, param, [200, 400].includes(status)]).toEqual([type, param, true]);
      }
    }
    expect((await ask('/Patient')).body.entry).toHaveLength(2);
  });

  it.each([
    ['ten thousand terms', `code=${Array(10_000).fill('a').join()}`],
    ['ten thousand criteria', Array(10_000).fill('code=a').join('&')],
    ['ten thousand links', `${'part-of.'.repeat(10_000)}status=x`],
    ['ten thousand _has', `${'_has:Observation:patient:'.repeat(10_000)}status=x`],
    ['ten thousand parentheses', `_filter=${'('.repeat(3_900)}`],
    ['a long _filter', `_filter=${'status eq final or '.repeat(1_000)}`],
    ['a very long value', `code=${'a'.repeat(500_000)}`],
    ['a very long name', `${'a'.repeat(100_000)}=1`],
    ['many backslashes', `code=${'\\'.repeat(39_999)}`],
    ['a bomb for patterns', `date=${'9'.repeat(39_000)}`],
    ['another', `value-quantity=${'1'.repeat(39_000)}e`],
    ['a reference that goes on', `subject=http://${'a/'.repeat(19_000)}`],
    ['includes of everything', Array(40).fill('_include:iterate=*').join('&')],
    ['sorts of everything', `_sort=${Array(1_000).fill('date').join()}`],
    ['a deep composite', `code-value-quantity=${'$'.repeat(10_000)}`],
    ['a unit that never ends', `value-quantity=1|http://unitsofmeasure.org|${'('.repeat(30_000)}`],
  ])('%s', async (_what, query) => {
    const { status } = await ask('/Observation/_search', world.system, query);
    expect([200, 400, 413]).toContain(status);
    expect((await ask('/Patient')).status).toBe(200);
  });

  it('words and texts of any shape are looked for, whatever they look like', async () => {
    for (const text of [
      '(a+)+$',
      '[',
      '.*',
      '\\',
      '<',
      '%',
      '_',
      '('.repeat(1000),
      'a'.repeat(30_000),
    ])
      for (const param of ['_content', 'code:text', '_text'])
        expect([200, 400]).toContain(
          (await ask('/Condition/_search', world.system, `${param}=${encodeURIComponent(text)}`))
            .status,
        );
  });

  it('every type can be searched by each of its parameters', async () => {
    const value: Record<string, string> = {
      token: 'a',
      string: 'a',
      reference: 'Patient/1',
      date: '2020',
      number: '1',
      quantity: '1||kg',
      uri: 'urn:x',
      special: '1',
      composite: '',
    };
    const type = resourceTypes[new Date().getUTCDate() % resourceTypes.length]!;
    for (const one of [type, 'MolecularSequence', 'RiskAssessment', 'Location']) {
      for (const [code, param] of searchParams(one)) {
        const asked = param.composite
          ? param.composite.components.map((part) => value[part.type]).join('$')
          : code === 'near'
            ? '1|1'
            : value[param.type]!;
        const { status } = await ask(`/${one}?${code}=${encodeURIComponent(asked)}&_count=1`);
        expect([one, code, [200, 400].includes(status)]).toEqual([one, code, true]);
      }
    }
  });
});

it('what is understood does not tell which types the clinic holds', async () => {
  const at = ['/?identifier=none', `/${ids.mine}/*?identifier=none`];
  const told = () => Promise.all(at.map(async (url) => (await ask(url, doctor)).body.entry));
  const before = await told();
  // A type that has no identifier, in a chart that is not hers.
  await put('hidden', {
    resourceType: 'Provenance',
    target: [ref('theirs weight')],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: ref('doctor') }],
  });
  expect(await told()).toEqual(before);
});
