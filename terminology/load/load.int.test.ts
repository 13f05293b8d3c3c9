/** Releases of every kind, loaded and asked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clamlRelease,
  icd10cmRelease,
  loincRelease,
  rxnormRelease,
  snomedRelease,
  snomedVersion,
} from '../testing/releases.ts';
import { openClinic, parameters, valueOf } from '../testing/world.ts';
import type { Clinic } from '../testing/world.ts';

const sct = 'http://snomed.info/sct';
const loinc = 'http://loinc.org';
let clinic: Clinic;

const expand = async (url: string, query: Record<string, string> = {}) =>
  (await clinic.get('ValueSet/$expand', { url, ...query })).codes;
const properties = (system: string, code: string) => clinic.properties(system, code);
const sorted = (codes: readonly string[]) => codes.toSorted((a, b) => (a < b ? -1 : 1));

beforeAll(async () => {
  clinic = await openClinic();
  await clinic.load('snomed', snomedRelease());
  await clinic.load('loinc', loincRelease());
  await clinic.load('rxnorm', rxnormRelease());
  await clinic.load('icd10cm', icd10cmRelease());
  await clinic.load('claml', clamlRelease());
});
afterAll(() => clinic.close());

describe('SNOMED CT [snomedct.html]', () => {
  it('shows the preferred synonym, other names as designations, and what the files say of it', async () => {
    const { parameters: told, value } = await clinic.get('CodeSystem/$lookup', {
      system: sct,
      code: '100001001',
    });
    expect([value('name'), value('version'), value('display')]).toEqual([
      'SNOMED CT',
      snomedVersion,
      'Limb trouble',
    ]);
    const names = told
      .filter((one) => one.name === 'designation')
      .map((one) => valueOf(one.part!.at(-1)));
    expect(names).toContain('Limb trouble (trouble)');
    expect(await properties(sct, '100002001')).toEqual(
      expect.arrayContaining(['363698007=100009001', 'parent=100001001', 'child=100003001']),
    );
    expect(await properties(sct, '100005001')).toContain('inactive=true');
  });

  it('answers in another language where it has a name', async () => {
    const { value } = await clinic.get('CodeSystem/$lookup', {
      system: sct,
      code: '100001001',
      displayLanguage: 'de-CH,de;q=0.9',
    });
    expect(value('display')).toBe('Gliedmaßenleiden');
  });

  it.each([
    ['isa/100001001', ['100001001', '100002001', '100003001', '100004001']],
    ['refset/100009001', ['100003001', '100004001']],
    ['refset', ['100009001']],
    ['ecl/<100001001', ['100002001', '100003001', '100004001']],
    ['ecl/<< 100002001 |Arm trouble| OR 138875005', ['138875005', '100002001', '100003001']],
    ['ecl/<100001001 MINUS ^100009001', ['100002001']],
    ['ecl/>100003001 AND <138875005', ['100001001', '100002001', '100004001']],
    ['ecl/<!138875005', ['100001001', '100009001']],
  ])('the implicit value set %s', async (what, codes) => {
    expect(sorted(await expand(`${sct}?fhir_vs=${what}`))).toEqual(sorted(codes));
  });

  it('the whole of it, by edition and without; another edition is not known', async () => {
    expect(await expand(`${sct}?fhir_vs`)).toHaveLength(7);
    expect(await expand(`${snomedVersion}?fhir_vs=isa/100002001`)).toHaveLength(2);
    const other = await clinic.get('ValueSet/$expand', { url: `${sct}/731000124108?fhir_vs` });
    expect(other.status).toBe(404);
  });

  it.each(['ecl/<100001001:363698007=*', 'ecl/<<100001001 {{ term = "x" }}', 'ecl/<100001001 AND'])(
    'refuses %s by name: 400 not-supported',
    async (what) => {
      const { status, outcome } = await clinic.get('ValueSet/$expand', {
        url: `${sct}?fhir_vs=${what}`,
      });
      expect([status, outcome.issue[0]!.code]).toEqual([400, 'not-supported']);
    },
  );

  it('finds by the beginnings of words of any name, short names first, a page at a time', async () => {
    const all = `${sct}?fhir_vs`;
    expect(await expand(all, { filter: 'TROU arm' })).toEqual(['100002001', '100003001']);
    expect(await expand(all, { filter: 'gliedmassen' })).toEqual(['100001001']);
    expect(await expand(all, { filter: '10000300' })).toEqual(['100003001']);
    expect(await expand(all, { filter: "trouble' | drop" })).toEqual([]);
    const first = await clinic.get('ValueSet/$expand', { url: all, filter: 'trouble', count: '2' });
    const second = await clinic.get('ValueSet/$expand', {
      url: all,
      filter: 'trouble',
      count: '2',
      offset: '2',
    });
    expect(first.valueSet.expansion!.total).toBe(6);
    expect(new Set([...first.codes, ...second.codes]).size).toBe(4);
  });

  it('subsumes over several parents', async () => {
    const ask = async (codeA: string, codeB: string) =>
      (await clinic.get('CodeSystem/$subsumes', { system: sct, codeA, codeB })).value('outcome');
    expect(await ask('138875005', '100003001')).toBe('subsumes');
    expect(await ask('100003001', '100004001')).toBe('subsumed-by');
    expect(await ask('100009001', '100001001')).toBe('not-subsumed');
  });

  it('validates, inactive codes with a word', async () => {
    const { body } = await clinic.get('CodeSystem/$validate-code', { url: sct, code: '100005001' });
    expect(body).toEqual(
      parameters(
        { name: 'result', valueBoolean: true },
        { name: 'message', valueString: 'The code is not active any more' },
        { name: 'display', valueString: 'Old trouble (trouble)' },
      ),
    );
    expect(await expand(`${sct}?fhir_vs`, { activeOnly: 'true' })).toHaveLength(6);
  });

  it('filters of a value set, all of them together [valueset-filter-operator.html]', async () => {
    const ask = async (...filter: { property: string; op: string; value: string }[]) =>
      sorted(
        (
          await clinic.post(
            'ValueSet/$expand',
            parameters({
              name: 'valueSet',
              resource: {
                resourceType: 'ValueSet',
                status: 'active',
                compose: { include: [{ system: sct, filter: filter as never }] },
              },
            }),
          )
        ).codes,
      );
    const below = { property: 'concept', op: 'descendent-of', value: '100001001' };
    expect(await ask(below)).toEqual(['100002001', '100003001', '100004001']);
    expect(await ask(below, { property: 'concept', op: 'in', value: '100009001' })).toEqual([
      '100003001',
      '100004001',
    ]);
    expect(await ask(below, { property: '363698007', op: '=', value: '100009001' })).toEqual([
      '100002001',
    ]);
    expect(await ask(below, { property: '363698007', op: 'exists', value: 'false' })).toHaveLength(
      2,
    );
    expect(await ask({ property: 'concept', op: 'generalizes', value: '100002001' })).toEqual([
      '100001001',
      '100002001',
      '138875005',
    ]);
    expect(await ask(below, { property: 'concept', op: 'is-not-a', value: '100004001' })).toEqual([
      '100002001',
    ]);
    expect(await ask({ property: 'code', op: 'regex', value: '10000[23]\\d*' })).toHaveLength(2);
    expect(await ask({ property: 'parent', op: '=', value: '100001001' })).toEqual([
      '100002001',
      '100004001',
    ]);
    expect(await ask({ property: 'constraint', op: '=', value: '<<100002001' })).toHaveLength(2);
  });
});

describe('LOINC [loinc.html]', () => {
  it('terms with their parts as properties, quotes and commas kept', async () => {
    const { value } = await clinic.get('CodeSystem/$lookup', { system: loinc, code: '99991-1' });
    expect([value('version'), value('display')]).toEqual([
      '2.99',
      'Starlight [Mass/volume] in Serum or Plasma',
    ]);
    expect(await properties(loinc, '99991-1')).toEqual(
      expect.arrayContaining([
        'definition=What "starlight", measured, means',
        'COMPONENT=Starlight',
        'SCALE_TYP=Qn',
        'parent=LP99990-1',
      ]),
    );
    expect(await properties(loinc, '99992-9')).toContain('inactive=true');
  });

  it('answer lists in their own order, parts, everything', async () => {
    expect(await expand(`${loinc}/vs/LL9999-9`)).toEqual(['LA99991-4', 'LA99992-2']);
    expect(sorted(await expand(`${loinc}/vs/LP99990-1`))).toEqual(['99991-1', '99992-9']);
    expect(await expand(`${loinc}/vs`)).toHaveLength(6);
    const no = await clinic.get('ValueSet/$expand', { url: `${loinc}/vs/LL1-1` });
    expect(no.status).toBe(404);
    const yes = await clinic.get('ValueSet/$validate-code', {
      url: `${loinc}/vs/LL9999-9`,
      system: loinc,
      code: 'LA99992-2',
    });
    expect(yes.value('result')).toBe(true);
  });

  it('other languages', async () => {
    const { valueSet } = await clinic.get('ValueSet/$expand', {
      url: `${loinc}/vs`,
      filter: 'sternen',
      displayLanguage: 'de',
      includeDesignations: 'true',
      property: 'CLASS',
    });
    expect(valueSet.expansion!.contains).toMatchObject([
      { code: '99991-1', display: 'Sternenlicht', designation: expect.any(Array) as object },
    ]);
    expect(JSON.stringify(valueSet.expansion!.contains)).toContain('TESTCLASS');
  });
});

describe('RxNorm, ICD-10', () => {
  it('drugs with relations, the own name for display', async () => {
    const system = 'http://www.nlm.nih.gov/research/umls/rxnorm';
    const { value } = await clinic.get('CodeSystem/$lookup', { system, code: '9001' });
    expect([value('version'), value('display')]).toEqual([
      '01052026',
      'inventol 10 MG Oral Tablet',
    ]);
    expect(await properties(system, '9001')).toEqual(
      expect.arrayContaining([
        'TTY=SCD',
        'has_ingredient=9002',
        'parent=9003',
        'RXN_STRENGTH=10 MG',
      ]),
    );
    expect(await properties(system, '9004')).toContain('inactive=true');
  });

  it('ICD-10-CM: dotted, by the order file, the longest beginning above', async () => {
    const system = 'http://hl7.org/fhir/sid/icd-10-cm';
    expect(await expand(`${system}?fhir_vs`)).toEqual([
      'X99',
      'X99.0',
      'X99.01',
      'X99.02',
      'X99.1',
    ]);
    expect(await properties(system, 'X99.01')).toEqual(
      expect.arrayContaining(['billable=true', 'parent=X99.0']),
    );
    expect(await properties(system, 'X99.1')).toContain('parent=X99');
  });

  it('ClaML: chapters are abstract, entities of its own are not followed, comments are none', async () => {
    const system = 'http://hl7.org/fhir/sid/icd-10';
    const { valueSet, codes } = await clinic.get('ValueSet/$expand', { url: `${system}?fhir_vs` });
    expect(codes).toEqual(['XX', 'X90-X99', 'X99']);
    expect(valueSet.expansion!.contains).toMatchObject([
      { abstract: true, version: '2026', display: 'Invented & other sorrows' },
      { display: 'Sorrows &bomb;' },
      { display: 'Sorrow of the heart' },
    ]);
    expect(await expand(`${system}?fhir_vs`, { filter: 'heartache' })).toEqual(['X99']);
  });
});
