/** What strangers send to break the operations: each is answered with a 4xx, and the next request is served. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeSystemConcept, Resource, ValueSet, ValueSetComposeInclude } from '@afar/fhir';
import { openClinic, parameters } from './testing/world.ts';
import type { Clinic } from './testing/world.ts';

const genders = 'http://hl7.org/fhir/administrative-gender';
const url = (id: string) => `http://example.org/vs/${id}`;
let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

const set = (id: string, include: ValueSetComposeInclude[]): ValueSet => ({
  resourceType: 'ValueSet',
  id,
  url: url(id),
  status: 'active',
  compose: { include },
});
const expand = (resource: object) => clinic.post('ValueSet/$expand', resource);
const issue = ({ status, outcome }: Awaited<ReturnType<typeof expand>>) => [
  status,
  outcome.issue[0]!.code,
];

describe('value sets', () => {
  it('that include one another in a circle, or themselves', async () => {
    await clinic.put(set('a', [{ valueSet: [url('b')] }]));
    await clinic.put(set('b', [{ valueSet: [url('c')] }]));
    await clinic.put(set('c', [{ valueSet: [url('a')] }]));
    expect(issue(await clinic.get('ValueSet/$expand', { url: url('a') }))).toEqual([
      422,
      'processing',
    ]);
    expect(issue(await expand(set('self', [{ valueSet: [url('self')] }])))).toEqual([
      422,
      'processing',
    ]);
  });

  it('that double at each of many steps', async () => {
    const code = (n: number) => ({ property: 'concept', op: 'is-a' as const, value: `x${n}` });
    for (let n = 0; n < 20; n++)
      await clinic.put(
        set(
          `d${n}`,
          n === 0
            ? [{ system: genders, filter: [code(0)] }]
            : [
                { system: genders, filter: [code(n)], valueSet: [url(`d${n - 1}`)] },
                { system: genders, filter: [code(-n)], valueSet: [url(`d${n - 1}`)] },
              ],
        ),
      );
    expect(issue(await clinic.get('ValueSet/$expand', { url: url('d19') }))).toEqual([
      422,
      'too-costly',
    ]);
  });

  it('of a hundred thousand codes written out, checked and paged, but not told all at once', async () => {
    const concept = Array.from({ length: 100_000 }, (_, n) => ({ code: `c${n}` }));
    const resource = set('huge', [{ system: 'http://example.org/none', concept }]);
    expect(issue(await expand(resource))).toEqual([422, 'too-costly']);
    const page = await clinic.post(
      'ValueSet/$expand',
      parameters(
        { name: 'valueSet', resource },
        { name: 'count', valueInteger: 3 },
        { name: 'offset', valueInteger: 99_998 },
      ),
    );
    expect(page.codes).toEqual(['c99998', 'c99999']);
  });

  it('of regular expressions, one after the other', async () => {
    const one = { property: 'code', op: 'regex' as const, value: '.*a' };
    const many = (times: number) =>
      set('patterns', [{ system: genders, filter: Array.from({ length: times }, () => one) }]);
    expect((await expand(many(10))).status).toBe(200);
    expect(issue(await expand(many(11)))).toEqual([422, 'too-costly']);
    const nothing = { ...one, value: '(((((){9999}){9999}){9999}){9999}){9999}' };
    expect((await expand(set('nothing', [{ system: genders, filter: [nothing] }]))).status).toBe(
      200,
    );
  });

  it('larger than a body may be', async () => {
    const concept = Array.from({ length: 1_000_000 }, (_, n) => ({ code: `c${n}` }));
    const { status } = await expand(set('vast', [{ system: 'http://example.org/none', concept }]));
    expect(status).toBe(413);
  });

  it('with patterns and units that take for ever elsewhere', async () => {
    const filter = (value: string) => [{ property: 'code', op: 'regex' as const, value }];
    const bomb = await expand(set('r', [{ system: genders, filter: filter('(m+)+(a|al)*$') }]));
    expect([bomb.status, bomb.codes]).toEqual([200, []]);
    expect(
      (await expand(set('r', [{ system: genders, filter: filter('((a{999}){999}){999}') }])))
        .status,
    ).toBe(400);
    const units = Array.from({ length: 10_001 }, (_, n) => ({ code: `m${n}` }));
    expect(
      (await expand(set('u', [{ system: 'http://unitsofmeasure.org', concept: units }]))).status,
    ).toBe(422);
    const long = { url: 'http://unitsofmeasure.org', code: '('.repeat(5_000) };
    expect((await clinic.get('CodeSystem/$validate-code', long)).value('result')).toBe(false);
  });

  it('that are not what they say', async () => {
    for (const resource of [
      { resourceType: 'Patient' },
      { resourceType: 'ValueSet', status: 'active', compose: { include: 'x' } },
      {
        resourceType: 'ValueSet',
        status: 'active',
        compose: { include: [{ concept: [{ code: 7 }], system: 'x' }] },
      },
      {
        resourceType: 'ValueSet',
        status: 'active',
        compose: { include: [{ system: '__proto__', filter: [{}] }] },
      },
    ])
      expect(
        (
          await clinic.post(
            'ValueSet/$expand',
            parameters({ name: 'valueSet', resource: resource as Resource }),
          )
        ).status,
      ).toBe(400);
  });

  it('in expressions nested without end', async () => {
    const deep = `http://snomed.info/sct?fhir_vs=ecl/${'('.repeat(1_000)}1${')'.repeat(1_000)}`;
    // SNOMED is not loaded here: that is found first; the parser has its own test.
    expect((await clinic.get('ValueSet/$expand', { url: deep })).status).toBe(404);
  });
});

describe('code systems', () => {
  it('with names that are JavaScript’s own', async () => {
    const concept: CodeSystemConcept[] = ['constructor', '__proto__', 'toString'].map((code) => ({
      code,
      display: code,
      property: [
        { code: 'constructor', valueString: 'x' },
        { code: '__proto__', valueString: 'y' },
      ],
    }));
    const resource = {
      resourceType: 'CodeSystem' as const,
      url: 'http://example.org/js',
      status: 'active' as const,
      content: 'complete' as const,
      concept,
    };
    for (const code of ['constructor', '__proto__'])
      expect(
        (
          await clinic.post(
            'CodeSystem/$validate-code',
            parameters({ name: 'codeSystem', resource }, { name: 'code', valueCode: code }),
          )
        ).value('result'),
      ).toBe(true);
    const lookup = await clinic.get('CodeSystem/$lookup', {
      system: genders,
      code: 'hasOwnProperty',
    });
    expect(lookup.status).toBe(404);
  });

  it('inputs of the wrong shape are the caller’s fault', async () => {
    const post = (...given: object[]) =>
      clinic.post('CodeSystem/$validate-code', { resourceType: 'Parameters', parameter: given });
    for (const given of [
      [{ name: 'coding', valueCoding: 'x' }],
      [{ name: 'coding', valueCoding: { system: 7, code: 'x' } }],
      [{ name: 'codeableConcept', valueCodeableConcept: { coding: {} } }],
      [{ name: 'codeableConcept', valueCodeableConcept: {} }],
      [
        { name: 'code', valueCode: 'a' },
        { name: 'code', valueCode: 'b' },
      ],
      [
        { name: 'code', valueCode: 'a' },
        { name: 'url', valueUri: genders },
        { name: 'codeSystem', resource: 'x' },
      ],
    ])
      expect((await post(...given)).status).toBe(400);
    expect((await clinic.get('ValueSet/$expand', { url: '|||' })).status).toBe(404);
    expect((await clinic.get('CodeSystem/$lookup', { coding: 'x' })).status).toBe(400);
  });
});
