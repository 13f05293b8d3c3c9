/** A clinic's own search parameters: found at once, indexed in the background, whole at any moment, hiding what is hidden. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Bundle, Observation, Parameters, Resource, SearchParameter } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let bea: { id: string; caller: Caller };
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  ada = await world.patient();
  bea = await world.patient();
});
afterAll(() => world.close());

const own = (code: string, over: Partial<SearchParameter> = {}): SearchParameter => ({
  resourceType: 'SearchParameter',
  url: `http://example.org/SearchParameter/${code}`,
  name: code,
  status: 'active',
  description: 'Of this clinic',
  code,
  base: ['Observation'],
  type: 'token',
  expression: "Observation.extension('urn:example:posture').value.ofType(code)",
  ...over,
});

const observation = (patient: string, posture: string, over: Partial<Observation> = {}) =>
  ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'pulse' },
    subject: { reference: `Patient/${patient}` },
    extension: [
      { url: 'urn:example:posture', valueCode: posture },
      { url: 'urn:example:seen', valueDateTime: '2025-05-05' },
      { url: 'urn:example:where', valueReference: { reference: `Patient/${patient}` } },
    ],
    ...over,
  }) as Observation;

const create = async (resource: Resource, as = world.system) =>
  (await world.records.create(as, JSON.parse(JSON.stringify(resource)) as Resource)).id;

const idsOf = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource!.id!).sort();

async function find(query: string, as: Caller = world.system): Promise<string[]> {
  const params = [...new URLSearchParams(query)] as [string, string][];
  return idsOf(await world.records.search(as, 'Observation', params, { strict: true }));
}

async function state(id: string): Promise<Record<string, unknown>> {
  const { text, status } = await http.inject({
    as: world.system,
    method: 'GET',
    url: `/fhir/R4/SearchParameter/${id}/$reindex-status`,
  });
  expect(status).toBe(200);
  return Object.fromEntries(
    (JSON.parse(text) as Parameters).parameter!.map(({ name, ...value }) => [
      name,
      Object.values(value)[0],
    ]),
  );
}

/** Known to this process, and its index whole. */
async function ready(id: string): Promise<void> {
  await expect
    .poll(() => state(id), { timeout: 25_000, interval: 200 })
    .toMatchObject({
      state: 'ready',
    });
  await world.records.search(world.system, 'Observation', [['_count', '0']]);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
}

/** Until this process knows it. */
async function known(query: string): Promise<void> {
  const answered = () =>
    find(query).then(
      () => true,
      () => false,
    );
  await expect.poll(answered, { timeout: 5_000, interval: 100 }).toBe(true);
}

describe('a parameter of the clinic’s own', () => {
  let before: string;
  let parameter: string;

  it(
    'answers while its index is being built, and what was there before it',
    { timeout: 40_000 },
    async () => {
      before = await create(observation(ada.id, 'sitting'));
      await create(observation(ada.id, 'standing'));
      await expect(find('posture=sitting')).rejects.toMatchObject({ status: 400 });
      parameter = await create(own('posture'));
      await known('posture=sitting');
      expect(await find('posture=sitting')).toEqual([before]);
      expect((await state(parameter)).state).not.toBe('ready');
      const during = await create(observation(bea.id, 'sitting'));
      expect(await find('posture=sitting')).toEqual([before, during].sort());
      await ready(parameter);
      expect(await state(parameter)).toMatchObject({ seen: 3, total: 3 });
      expect(await find('posture=sitting')).toEqual([before, during].sort());
      const after = await create(observation(bea.id, 'sitting'));
      expect(await find('posture=sitting')).toEqual([before, during, after].sort());
      expect(await find(`patient=${ada.id}&posture=sitting`)).toEqual([before]);
      expect(await find('posture:not=sitting')).toHaveLength(1);
    },
  );

  it('is answered by the index once it is whole', async () => {
    const { rows } = await world.data.ownerDb.query<{ n: number }>(
      `select count(*)::int as n from records.token t join records.resource r using (tenant, rid)
       where r.rid = $1 and t.token = any(r.tokens)`,
      [before],
    );
    const { rows: plain } = await world.data.ownerDb.query<{ tokens: number }>(
      'select cardinality(tokens) as tokens from records.resource where rid = $1',
      [before],
    );
    expect(rows[0]!.n).toBe(plain[0]!.tokens);
    const lone = await create({ ...observation(ada.id, 'x'), extension: undefined } as Observation);
    const { rows: less } = await world.data.ownerDb.query<{ tokens: number }>(
      'select cardinality(tokens) as tokens from records.resource where rid = $1',
      [lone],
    );
    expect(plain[0]!.tokens).toBeGreaterThan(less[0]!.tokens);
  });

  it('hides what is hidden', async () => {
    expect(await find('posture=sitting', ada.caller)).toEqual([before]);
    expect(await find('posture=sitting', bea.caller)).not.toContain(before);
  });

  it('follows an update, and is gone when it is deleted', async () => {
    await world.records.update(world.system, {
      ...observation(ada.id, 'lying'),
      id: before,
    });
    expect(await find('posture=sitting')).not.toContain(before);
    expect(await find('posture=lying')).toEqual([before]);
    await world.records.remove(world.system, 'SearchParameter', parameter);
    await expect
      .poll(
        () =>
          find('posture=lying').then(
            () => 200,
            (error: { status: number }) => error.status,
          ),
        {
          timeout: 5_000,
        },
      )
      .toBe(400);
  });
});

describe('of every kind', () => {
  it(
    'dates, references, text and numbers are found, before and after',
    { timeout: 40_000 },
    async () => {
      const old = await create(
        observation(ada.id, 'kind', { valueInteger: 42, note: [{ text: 'quiet room' }] }),
      );
      const parameters = [
        own('first-seen', {
          type: 'date',
          expression: "extension('urn:example:seen').value.ofType(dateTime)",
        }),
        own('whereabouts', {
          type: 'reference',
          target: ['Patient'],
          expression: "extension('urn:example:where').value.ofType(Reference)",
        }),
        own('remark', { type: 'string', expression: 'Observation.note.text' }),
        own('beats', { type: 'number', expression: 'Observation.value.ofType(integer)' }),
      ];
      const ids = await Promise.all(parameters.map((one) => create(one)));
      await known('beats=42');
      const ask = async () =>
        Promise.all(
          ['first-seen=2025-05', `whereabouts=Patient/${ada.id}`, 'remark=quiet', 'beats=gt41'].map(
            (query) => find(`${query}&_id=${old}`),
          ),
        );
      expect(await ask()).toEqual([[old], [old], [old], [old]]);
      for (const id of ids) await ready(id);
      expect(await ask()).toEqual([[old], [old], [old], [old]]);
      expect(await find(`whereabouts.gender=female&_id=${old}`)).toEqual([old]);
      // A birth date under another name stands in no table.
      await create(
        own('born', { base: ['Patient'], type: 'date', expression: 'Patient.birthDate' }),
      );
      await expect
        .poll(
          async () =>
            idsOf(await world.records.search(world.system, 'Patient', [['born', '1984']])).length,
          { timeout: 8_000 },
        )
        .toBe(2);
      const { rows } = await world.data.ownerDb.query(
        `select from records.period where param = 'born'`,
      );
      expect(rows).toHaveLength(0);
    },
  );
});

describe('is refused', () => {
  it.each<[string, Partial<SearchParameter>, string]>([
    [
      'an expression that runs',
      { expression: "Observation.note.where(text.matches('(a+)+$'))" },
      'expression',
    ],
    ['an expression that leads nowhere', { expression: 'Observation.nothing' }, 'expression'],
    ['no expression', { expression: undefined }, 'expression'],
    ['the standard’s own code', { code: 'status' }, 'code'],
    ['a code that decides on a key', { code: 'identifier', base: ['Composition'] }, 'code'],
    ['a code that decides on a chart', { code: 'patient', base: ['Binary'] }, 'code'],
    ['a composite', { type: 'composite' }, 'type'],
  ])('%s', async (_what, over, element) => {
    await expect(create(own('refused', over))).rejects.toMatchObject({
      status: 422,
      outcome: { issue: [{ expression: [`SearchParameter.${element}`] }] },
    });
  });

  it('a draft may say anything, and does nothing', async () => {
    const id = await create(own('drafted', { status: 'draft', expression: 'today()' }));
    await expect.poll(() => state(id), { timeout: 5_000 }).toMatchObject({ state: 'ignored' });
    await expect(find('drafted=x')).rejects.toMatchObject({ status: 400 });
  });

  it('by roles that keep no definitions', async () => {
    await expect(create(own('mine'), ada.caller)).rejects.toMatchObject({ status: 403 });
  });
});
