/** Stored CodeSystem and ValueSet resources in every operation: composition, versions, supplements, policy. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes } from '@afar/access';
import type { CodeSystem, ValueSet, ValueSetComposeInclude } from '@afar/fhir';
import { openClinic, parameters } from './testing/world.ts';
import type { Clinic } from './testing/world.ts';

const at = 'http://example.org/';
const animals = `${at}animals`;
let clinic: Clinic;

const system = (id: string, over: Partial<CodeSystem> = {}): CodeSystem => ({
  resourceType: 'CodeSystem',
  id,
  url: `${at}${id}`,
  version: '1.0',
  name: 'Animals',
  status: 'active',
  content: 'complete',
  ...over,
});

const set = (
  id: string,
  include: ValueSetComposeInclude[],
  over: Partial<ValueSet> = {},
  exclude?: ValueSetComposeInclude[],
): ValueSet => ({
  resourceType: 'ValueSet',
  id,
  url: `${at}vs/${id}`,
  status: 'active',
  compose: { include, ...(exclude && { exclude }) },
  ...over,
});

const url = (id: string) => `${at}vs/${id}`;
const inline = (include: ValueSetComposeInclude[], exclude?: ValueSetComposeInclude[]) =>
  clinic.post(
    'ValueSet/$expand',
    parameters({ name: 'valueSet', resource: set('inline', include, {}, exclude) }),
  );
const filtered = (property: string, op: string, value: string): ValueSetComposeInclude[] => [
  { system: animals, filter: [{ property, op: op as 'is-a', value }] },
];

beforeAll(async () => {
  clinic = await openClinic();
  await clinic.put(
    system('animals', {
      language: 'en',
      property: [
        { code: 'legs', type: 'integer' },
        {
          code: 'inactive',
          type: 'boolean',
          uri: 'http://hl7.org/fhir/concept-properties#inactive',
        },
        { code: 'toString', type: 'string' },
      ],
      concept: [
        {
          code: 'mammal',
          display: 'Mammal',
          concept: [
            {
              code: 'dog',
              display: 'Dog',
              property: [
                { code: 'legs', valueInteger: 4 },
                { code: 'toString', valueString: 'x' },
              ],
              designation: [{ language: 'de', value: 'Hund' }],
            },
            { code: 'bat', display: 'Bat', property: [{ code: 'legs', valueInteger: 2 }] },
            { code: 'dodo', display: 'Dodo', property: [{ code: 'inactive', valueBoolean: true }] },
          ],
        },
        { code: 'bird', display: 'Bird', concept: [{ code: 'owl', display: 'Owl' }] },
      ],
    }),
  );
  await clinic.put(
    system('animals-old', { url: animals, version: '0.9', concept: [{ code: 'unicorn' }] }),
  );
  await clinic.put(
    set('mammals', [
      { system: animals, filter: [{ property: 'concept', op: 'is-a', value: 'mammal' }] },
    ]),
  );
  await clinic.put(
    set('pets', [
      { system: animals, concept: [{ code: 'owl', display: 'Hedwig' }, { code: 'dog' }] },
    ]),
  );
});
afterAll(() => clinic.close());

describe('composition [valueset.html#compose]', () => {
  it('several value sets in one include are an intersection, several includes a union', async () => {
    expect((await inline([{ valueSet: [url('mammals'), url('pets')] }])).codes).toEqual(['dog']);
    const union = await inline([{ valueSet: [url('pets')] }, { valueSet: [url('mammals')] }]);
    // One system, a list and a filter: in the system's own order, each once.
    expect(union.codes).toEqual(['mammal', 'dog', 'bat', 'dodo', 'owl']);
    const both = await inline([
      {
        system: animals,
        filter: [{ property: 'legs', op: '=', value: '4' }],
        valueSet: [url('mammals')],
      },
    ]);
    expect(both.codes).toEqual(['dog']);
  });

  it('what is excluded is not there, whatever included it', async () => {
    const { codes } = await inline(
      [{ valueSet: [url('mammals')] }, { valueSet: [url('pets')] }],
      [{ system: animals, concept: [{ code: 'dog' }, { code: 'mammal' }] }],
    );
    expect(codes).toEqual(['bat', 'dodo', 'owl']);
  });

  it.each([
    ['concept', 'is-a', 'mammal', ['mammal', 'dog', 'bat', 'dodo']],
    ['concept', 'descendent-of', 'mammal', ['dog', 'bat', 'dodo']],
    ['concept', 'is-not-a', 'mammal', ['bird', 'owl']],
    ['concept', 'generalizes', 'owl', ['bird', 'owl']],
    ['concept', 'in', 'owl,dog', ['owl', 'dog']],
    ['concept', 'not-in', 'owl,dog,bat', ['mammal', 'dodo', 'bird']],
    ['legs', '=', '4', ['dog']],
    ['legs', 'in', '2,4', ['dog', 'bat']],
    ['legs', 'exists', 'true', ['dog', 'bat']],
    ['legs', 'not-in', '2,4', ['mammal', 'dodo', 'bird', 'owl']],
    ['display', 'regex', '(D|B).{2}', ['dog', 'bat']],
    ['toString', 'exists', 'true', ['dog']],
  ])('the filter %s %s %s [valueset-filter-operator.html]', async (property, op, value, codes) => {
    expect((await inline(filtered(property, op, value))).codes).toEqual(codes);
  });

  it('an unknown property, operator or system is an error, not an empty list', async () => {
    for (const [property, op] of [
      ['colour', '='],
      ['legs', 'is-a'],
    ] as const) {
      const { status } = await inline(filtered(property, op, 'x'));
      expect(status).toBe(422);
    }
    const filter = [{ property: 'concept', op: 'is-a' as const, value: 'x' }];
    const unknown = await inline([{ system: `${at}none`, filter }]);
    expect([unknown.status, unknown.outcome.issue[0]!.code]).toEqual([404, 'not-found']);
    expect((await inline([{ system: `${at}none` }])).status).toBe(404);
    expect((await inline([{ valueSet: [url('none')] }])).status).toBe(404);
  });

  it('codes written out need no code system; their own display is shown', async () => {
    const { valueSet } = await inline([
      { system: `${at}none`, concept: [{ code: 'a', display: 'Alpha' }] },
      { system: `${at}none`, concept: [{ code: 'b' }] },
    ]);
    expect(valueSet.expansion!.contains).toMatchObject([
      { code: 'a', display: 'Alpha' },
      { code: 'b', display: 'b' },
    ]);
    const pets = await clinic.get('ValueSet/pets/$expand');
    expect(pets.valueSet.expansion!.contains).toMatchObject([
      { code: 'owl', display: 'Hedwig' },
      { code: 'dog', display: 'Dog' },
    ]);
  });

  it('inactive codes are marked, left out by activeOnly and by compose.inactive', async () => {
    const all = await clinic.get('ValueSet/$expand', { url: url('mammals') });
    const dodo = all.valueSet.expansion!.contains!.find((one) => one.code === 'dodo');
    expect(dodo!.inactive).toBe(true);
    const active = await clinic.get('ValueSet/$expand', {
      url: url('mammals'),
      activeOnly: 'true',
    });
    expect(active.codes).not.toContain('dodo');
    const compose = { inactive: false, include: [{ valueSet: [url('mammals')] }] };
    const body = { resourceType: 'ValueSet', status: 'active', compose };
    expect((await clinic.post('ValueSet/$expand', body)).codes).toEqual(['mammal', 'dog', 'bat']);
  });

  it('a ValueSet that has only an expansion is what it says', async () => {
    const contains = [
      { system: animals, code: 'dog' },
      { abstract: true, contains: [{ system: animals, code: 'owl' }] },
    ];
    const body = {
      resourceType: 'ValueSet',
      status: 'active',
      expansion: {
        timestamp: '2026-01-01T00:00:00Z',
        contains: contains.map((one) => ({ ...one, display: 'x' })),
      },
    };
    expect((await clinic.post('ValueSet/$expand', body)).codes).toEqual(['dog', 'owl']);
  });

  it('exclude-system and system-version [valueset-operation-expand.html]', async () => {
    const genders = 'http://hl7.org/fhir/administrative-gender';
    await clinic.put(set('mixed', [{ system: animals }, { system: genders }]));
    const without = await clinic.get('ValueSet/$expand', {
      url: url('mixed'),
      'exclude-system': animals,
    });
    expect(without.codes).toEqual(['male', 'female', 'other', 'unknown']);
    const old = await clinic.get('ValueSet/$expand', {
      url: url('mixed'),
      'exclude-system': genders,
      'system-version': `${animals}|0.9`,
    });
    expect(old.codes).toEqual(['unicorn']);
    const checked = await clinic.get('ValueSet/$expand', {
      url: url('mixed'),
      'check-system-version': `${animals}|0.9`,
    });
    expect(checked.status).toBe(422);
  });
});

describe('versions', () => {
  it('the latest in force unless one is named', async () => {
    const ask = (code: string, version?: string) =>
      clinic.get('CodeSystem/$validate-code', { url: animals, code, ...(version && { version }) });
    expect((await ask('dog')).value('result')).toBe(true);
    expect((await ask('unicorn')).value('result')).toBe(false);
    expect((await ask('unicorn', '0.9')).value('result')).toBe(true);
    expect((await ask('dog', '7')).status).toBe(404);
    expect((await inline([{ system: animals, version: '0.9' }])).codes).toEqual(['unicorn']);
  });

  it('a new version counts with the next request', async () => {
    await clinic.put(system('fresh', { concept: [{ code: 'a' }] }));
    const ask = () => clinic.get('CodeSystem/$validate-code', { url: `${at}fresh`, code: 'b' });
    expect((await ask()).value('result')).toBe(false);
    await clinic.put(system('fresh', { concept: [{ code: 'a' }, { code: 'b' }] }));
    expect((await ask()).value('result')).toBe(true);
  });

  it('what is stored stands over what ships, within moments', async () => {
    const genders = 'http://hl7.org/fhir/administrative-gender';
    const ask = () => clinic.get('CodeSystem/$validate-code', { url: genders, code: 'fourth' });
    expect((await ask()).value('result')).toBe(false);
    await clinic.put(
      system('genders', { url: genders, version: '9.0.0', concept: [{ code: 'fourth' }] }),
    );
    await expect.poll(async () => (await ask()).value('result'), { timeout: 5_000 }).toBe(true);
  });
});

describe('supplements [codesystem.html#supplements]', () => {
  it('add names where the value set asks for them', async () => {
    await clinic.put(
      system('animals-fr', {
        content: 'supplement',
        supplements: animals,
        concept: [{ code: 'dog', designation: [{ language: 'fr', value: 'Chien' }] }],
      }),
    );
    const extension = [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/valueset-supplement',
        valueCanonical: `${at}animals-fr`,
      },
    ];
    await clinic.put(
      set('chiens', [{ system: animals, concept: [{ code: 'dog' }] }], { extension }),
    );
    const { valueSet } = await clinic.get('ValueSet/$expand', {
      url: url('chiens'),
      displayLanguage: 'fr',
    });
    expect(valueSet.expansion!.contains![0]!.display).toBe('Chien');
    const german = await clinic.get('ValueSet/$expand', {
      url: url('chiens'),
      displayLanguage: 'de',
    });
    expect(german.valueSet.expansion!.contains![0]!.display).toBe('Hund');
    // A supplement is no code system of its own.
    expect(
      (await clinic.get('CodeSystem/$validate-code', { url: `${at}animals-fr`, code: 'dog' }))
        .status,
    ).toBe(404);
  });
});

describe('$validate-code, $lookup, $subsumes on what is stored', () => {
  it('by instance, by inline resource, case kept or not as the system says', async () => {
    const bySet = await clinic.get('ValueSet/pets/$validate-code', {
      system: animals,
      code: 'owl',
      display: 'Hedwig',
    });
    expect(bySet.value('result')).toBe(true);
    const bySystem = await clinic.get('CodeSystem/animals/$validate-code', { code: 'owl' });
    expect(bySystem.value('display')).toBe('Owl');
    const loose = system('loose', {
      caseSensitive: false,
      concept: [{ code: 'AbC', display: 'X' }],
    });
    const ask = (resource: CodeSystem) =>
      clinic.post(
        'CodeSystem/$validate-code',
        parameters({ name: 'codeSystem', resource }, { name: 'code', valueCode: 'aBc' }),
      );
    expect((await ask(loose)).value('result')).toBe(true);
    expect((await ask({ ...loose, caseSensitive: true })).value('result')).toBe(false);
    const { value } = await clinic.get('CodeSystem/animals/$subsumes', {
      codeA: 'mammal',
      codeB: 'dog',
    });
    expect(value('outcome')).toBe('subsumes');
    expect(
      (await clinic.get('CodeSystem/$lookup', { system: animals, code: 'dog' })).value('display'),
    ).toBe('Dog');
  });

  it('of a fragment no code can be denied', async () => {
    await clinic.put(system('part', { content: 'fragment', concept: [{ code: 'a' }] }));
    const ask = (code: string) =>
      clinic.get('CodeSystem/$validate-code', { url: `${at}part`, code });
    expect((await ask('a')).value('result')).toBe(true);
    expect((await ask('b')).status).toBe(404);
  });
});

describe('policy', () => {
  it('does not take a definition that somebody sends for the stored one it says it is', async () => {
    const { body: stored } = await clinic.put(
      system('poisoned', { concept: [{ code: 'true', display: 'True' }] }),
    );
    const { caller: patient } = await clinic.patient();
    const forged = { ...stored, concept: [{ code: 'false', display: 'False' }] } as CodeSystem;
    const verdict = async (code: string) =>
      (await clinic.get('CodeSystem/$validate-code', { url: `${at}poisoned`, code })).value(
        'result',
      );
    const given = parameters(
      { name: 'codeSystem', resource: forged },
      { name: 'code', valueCode: 'false' },
    );
    const sent = await clinic.post('CodeSystem/$validate-code', given, patient);
    expect(sent.value('result')).toBe(true);
    expect([await verdict('true'), await verdict('false')]).toEqual([true, false]);
    // Nor the other way: a draft is judged by what it says, not by what is remembered under its name.
    expect((await clinic.post('CodeSystem/$validate-code', given)).value('result')).toBe(true);
  });

  it('a program whose scope leaves a resource out does not find it by its operations', async () => {
    const scoped = (...scopes: string[]) =>
      clinic.caller('system', { kind: 'client', scopes: parseScopes(scopes.join(' ')) });
    const all = scoped('system/ValueSet.rs', 'system/CodeSystem.rs');
    expect((await clinic.get('ValueSet/$expand', { url: url('mammals') }, all)).status).toBe(200);
    const noSystem = scoped('system/ValueSet.rs');
    expect((await clinic.get('ValueSet/$expand', { url: url('mammals') }, noSystem)).status).toBe(
      404,
    );
    const noSet = scoped('system/CodeSystem.rs');
    expect((await clinic.get('ValueSet/$expand', { url: url('mammals') }, noSet)).status).toBe(403);
    const drafts = scoped('system/ValueSet.rs?status=draft', 'system/CodeSystem.rs');
    expect((await clinic.get('ValueSet/$expand', { url: url('mammals') }, drafts)).status).toBe(
      404,
    );
    expect((await clinic.get('ValueSet/mammals/$expand', {}, drafts)).status).toBe(404);
  });

  it('the port answers as its caller, and tells unknown from no', async () => {
    const { port: terminology, system: house } = clinic;
    const asked = { valueSet: url('mammals'), system: animals };
    expect(await terminology.validateCode(house, { ...asked, code: 'dog' })).toMatchObject({
      result: true,
    });
    expect(await terminology.validateCode(house, { ...asked, code: 'owl' })).toMatchObject({
      result: false,
    });
    expect(
      await terminology.validateCode(house, { valueSet: url('mammals'), code: 'dog' }),
    ).toMatchObject({ result: true });
    expect(
      await terminology.validateCode(house, { valueSet: url('none'), code: 'dog' }),
    ).toBeUndefined();
    expect(
      await terminology.validateCode(house, { system: `${at}none`, code: 'dog' }),
    ).toBeUndefined();
    const auditor = clinic.caller('auditor');
    expect(await terminology.validateCode(auditor, { ...asked, code: 'dog' })).toBeUndefined();
    expect(await terminology.expand(house, url('mammals'), 2)).toEqual({
      codes: [
        { system: animals, code: 'mammal' },
        { system: animals, code: 'dog' },
      ],
      complete: false,
    });
    const below = await terminology.below(house, { system: animals, code: 'bird' }, 10);
    expect(below).toEqual({ codes: ['bird', 'owl'], complete: true });
    const above = await terminology.above(house, { system: animals, code: 'owl' }, 10);
    expect(new Set(above!.codes)).toEqual(new Set(['bird', 'owl']));
    expect(await terminology.below(house, { system: animals, code: 'none' }, 10)).toBeUndefined();
  });
});
