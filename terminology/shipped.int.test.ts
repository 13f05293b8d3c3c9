/** The operations over what ships with FHIR R4, by GET and POST, as the standard's own examples ask. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClinic, parameters, valueOf } from './testing/world.ts';
import type { Clinic } from './testing/world.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const genders = 'http://hl7.org/fhir/administrative-gender';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

describe('$expand [valueset-operation-expand.html]', () => {
  it('lists a value set, with where and when it was made', async () => {
    const { status, codes, valueSet } = await clinic.get('ValueSet/$expand', { url: gender });
    expect([status, codes]).toEqual([200, ['male', 'female', 'other', 'unknown']]);
    expect(valueSet).toMatchObject({
      resourceType: 'ValueSet',
      url: gender,
      version: '4.0.1',
      status: 'active',
      expansion: {
        total: 4,
        contains: [{ system: genders, code: 'male', display: 'Male' }, {}, {}, {}],
      },
    });
    expect(valueSet.expansion!.identifier).toMatch(/^urn:uuid:/);
    expect(Date.parse(valueSet.expansion!.timestamp!)).not.toBeNaN();
    expect(valueSet.compose).toBeUndefined();
  });

  it('by POST is the same', async () => {
    const posted = await clinic.post(
      'ValueSet/$expand',
      parameters({ name: 'url', valueUri: gender }, { name: 'filter', valueString: 'ma' }),
    );
    expect(posted.codes).toEqual(['male']);
    const asked = await clinic.get('ValueSet/$expand', { url: gender, filter: 'ma' });
    expect(asked.valueSet.expansion!.contains).toEqual(posted.valueSet.expansion!.contains);
  });

  it('gives pages that join without gap', async () => {
    const url = 'http://terminology.hl7.org/ValueSet/v3-ActCode';
    const whole = await clinic.get('ValueSet/$expand', { url });
    const pages: string[] = [];
    for (let offset = 0; ; offset += 500) {
      const page = await clinic.get('ValueSet/$expand', { url, offset: `${offset}`, count: '500' });
      expect(page.valueSet.expansion).toMatchObject({ total: whole.codes.length, offset });
      if (page.codes.length === 0) break;
      pages.push(...page.codes);
    }
    expect(pages).toEqual(whole.codes);
    expect(new Set(pages).size).toBeGreaterThan(1_000);
  });

  it('count=0 tells how many there are [valueset-operation-expand.html count]', async () => {
    const { valueSet } = await clinic.get('ValueSet/$expand', { url: gender, count: '0' });
    expect(valueSet.expansion).toMatchObject({ total: 4 });
    expect(valueSet.expansion!.contains).toBeUndefined();
  });

  it('nests by the hierarchy when excludeNested is false, marks what is abstract', async () => {
    const url = 'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode';
    const flat = await clinic.get('ValueSet/$expand', { url, excludeNotForUI: 'true' });
    expect(flat.codes).toEqual(expect.arrayContaining(['AMB', 'IMP', 'ACUTE', 'VR']));
    expect(flat.codes).not.toContain('_ActEncounterCode');
    const nested = await clinic.get('ValueSet/$expand', { url, excludeNested: 'false' });
    const inpatient = nested.valueSet.expansion!.contains!.flatMap((one) => [
      one,
      ...(one.contains ?? []),
    ]);
    const under = inpatient.find((one) => one.code === 'IMP')!.contains!.map((one) => one.code);
    expect(new Set(under)).toEqual(new Set(['ACUTE', 'NONAC']));
  });

  it.each([
    ['languages', 'http://hl7.org/fhir/ValueSet/all-languages'],
    ['units', 'http://hl7.org/fhir/ValueSet/ucum-units'],
  ])('refuses to list all %s: 422 too-costly', async (_, url) => {
    const { status, outcome } = await clinic.get('ValueSet/$expand', { url });
    expect([status, outcome.issue[0]!.code]).toEqual([422, 'too-costly']);
  });

  it('a value set of codes of others is named, not shipped', async () => {
    const url = 'http://hl7.org/fhir/ValueSet/observation-vitalsignresult';
    const { status, outcome } = await clinic.get('ValueSet/$expand', { url });
    expect([status, outcome.issue[0]!.code]).toEqual([404, 'not-found']);
    expect(outcome.issue[0]!.diagnostics).toContain('http://loinc.org');
  });

  it('what is unknown is not found; what is not asked right is invalid', async () => {
    const unknown = await clinic.get('ValueSet/$expand', { url: 'http://example.org/none' });
    expect([unknown.status, unknown.outcome.issue[0]!.code]).toEqual([404, 'not-found']);
    expect((await clinic.get('ValueSet/$expand')).status).toBe(400);
    expect((await clinic.get('ValueSet/$expand', { url: gender, count: '-1' })).status).toBe(400);
    expect((await clinic.get('ValueSet/$expand', { url: gender, activeOnly: 'x' })).status).toBe(
      400,
    );
    expect((await clinic.get('ValueSet/none/$expand')).status).toBe(404);
  });
});

describe('$validate-code', () => {
  const inSet = (query: Record<string, string>) =>
    clinic.get('ValueSet/$validate-code', { url: gender, system: genders, ...query });

  it('says yes with the display, and nothing besides [valueset-operation-validate-code.html]', async () => {
    expect((await inSet({ code: 'male' })).body).toEqual(
      parameters({ name: 'result', valueBoolean: true }, { name: 'display', valueString: 'Male' }),
    );
  });

  it('says no with a message; to a wrong display with the right one', async () => {
    const no = await inSet({ code: 'zzz' });
    expect([no.status, no.value('result')]).toEqual([200, false]);
    expect(no.value('message')).toContain('not in the value set');
    const wrong = await inSet({ code: 'male', display: 'test' });
    expect(wrong.body).toEqual(
      parameters(
        { name: 'result', valueBoolean: false },
        { name: 'message', valueString: 'The display "test" is incorrect' },
        { name: 'display', valueString: 'Male' },
      ),
    );
    expect((await inSet({ code: 'male', display: ' MALE ' })).value('result')).toBe(true);
  });

  it('takes coding and codeableConcept; one coding that fits is enough', async () => {
    const url = { name: 'url', valueUri: gender };
    const coding = { system: genders, code: 'other' };
    const foreign = { system: 'http://example.org/none', code: 'x' };
    const ask = (...more: Parameters<typeof parameters>) =>
      clinic.post('ValueSet/$validate-code', parameters(url, ...more));
    expect((await ask({ name: 'coding', valueCoding: coding })).value('result')).toBe(true);
    const both = { coding: [foreign, coding] };
    expect(
      (await ask({ name: 'codeableConcept', valueCodeableConcept: both })).value('result'),
    ).toBe(true);
    const none = { coding: [foreign] };
    expect(
      (await ask({ name: 'codeableConcept', valueCodeableConcept: none })).value('result'),
    ).toBe(false);
    expect((await ask({ name: 'code', valueCode: 'male' })).status).toBe(400);
  });

  it('on a CodeSystem [codesystem-operation-validate-code.html]', async () => {
    const ask = (query: Record<string, string>) => clinic.get('CodeSystem/$validate-code', query);
    expect((await ask({ url: genders, code: 'male' })).value('result')).toBe(true);
    expect((await ask({ url: genders, code: 'MALE' })).value('result')).toBe(false);
    expect((await ask({ coding: `${genders}|female` })).value('display')).toBe('Female');
    expect((await ask({ url: genders, code: 'male', version: '9' })).status).toBe(404);
    const unknown = await ask({ url: 'http://snomed.info/sct', code: '73211009' });
    expect([unknown.status, unknown.outcome.issue[0]!.code]).toEqual([404, 'not-found']);
  });

  it('abstract=false says no to what is not to be chosen', async () => {
    const ask = (query: object) =>
      clinic.get('CodeSystem/$validate-code', {
        url: actCode,
        code: '_ActEncounterCode',
        ...query,
      });
    expect((await ask({})).value('result')).toBe(true);
    expect((await ask({ abstract: 'true' })).value('result')).toBe(true);
    expect((await ask({ abstract: 'false' })).value('result')).toBe(false);
  });

  it.each([
    ['urn:ietf:bcp:47', 'de-CH', 'xx-bogus-tag-'],
    ['urn:ietf:bcp:13', 'application/fhir+json; charset=utf-8', 'nonsense'],
    ['urn:iso:std:iso:4217', 'EUR', 'QQQ'],
    ['urn:iso:std:iso:3166', 'CH', 'UK'],
    ['http://unitsofmeasure.org', 'mg/dL', 'mgdl'],
  ])('knows %s by its grammar', async (url, right, wrong) => {
    const ask = (code: string) => clinic.get('CodeSystem/$validate-code', { url, code });
    expect((await ask(right)).value('result')).toBe(true);
    expect((await ask(wrong)).value('result')).toBe(false);
  });
});

describe('$lookup [codesystem-operation-lookup.html]', () => {
  it('tells name, version, display, definition, parents and children', async () => {
    const {
      status,
      parameters: told,
      value,
    } = await clinic.get('CodeSystem/$lookup', {
      system: actCode,
      code: 'IMP',
    });
    expect([status, value('name'), value('display')]).toEqual([
      200,
      'v3 Code System ActCode',
      'inpatient encounter',
    ]);
    expect(value('version')).toBeDefined();
    const properties = told
      .filter((one) => one.name === 'property')
      .map(({ part }) => [valueOf(part![0]), valueOf(part![1])]);
    expect(properties).toEqual(
      expect.arrayContaining([
        ['parent', '_ActEncounterCode'],
        ['child', 'ACUTE'],
        ['child', 'NONAC'],
      ]),
    );
    expect(properties.find(([code]) => code === 'definition')![1]).toMatch(/patient encounter/);
  });

  it('tells only the properties that are asked for', async () => {
    const { parameters: told } = await clinic.post(
      'CodeSystem/$lookup',
      parameters(
        { name: 'coding', valueCoding: { system: actCode, code: 'IMP' } },
        { name: 'property', valueCode: 'parent' },
      ),
    );
    const codes = told
      .filter((one) => one.name === 'property')
      .map(({ part }) => valueOf(part![0]));
    expect(codes).toEqual(['parent']);
  });

  it('refuses an unknown code or system as not found, no code as invalid', async () => {
    const ask = (query: Record<string, string>) => clinic.get('CodeSystem/$lookup', query);
    for (const query of [
      { system: actCode, code: 'none' },
      { system: 'http://none.example', code: 'x' },
    ]) {
      const { status, outcome } = await ask(query);
      expect([status, outcome.issue[0]!.code]).toEqual([404, 'not-found']);
    }
    expect((await ask({ system: actCode })).status).toBe(400);
    expect((await ask({ code: 'IMP' })).status).toBe(400);
  });
});

describe('$subsumes [codesystem-operation-subsumes.html]', () => {
  it.each([
    ['IMP', 'IMP', 'equivalent'],
    ['IMP', 'ACUTE', 'subsumes'],
    ['ACUTE', '_ActEncounterCode', 'subsumed-by'],
    ['ACUTE', 'AMB', 'not-subsumed'],
  ])('%s and %s: %s', async (codeA, codeB, outcome) => {
    const { body } = await clinic.get('CodeSystem/$subsumes', { system: actCode, codeA, codeB });
    expect(body).toEqual(parameters({ name: 'outcome', valueCode: outcome }));
  });

  it('takes codings, of one system only, of known codes', async () => {
    const coding = (name: string, system: string, code: string) => ({
      name,
      valueCoding: { system, code },
    });
    const ask = (...codings: ReturnType<typeof coding>[]) =>
      clinic.post('CodeSystem/$subsumes', parameters(...codings));
    const right = await ask(coding('codingA', actCode, 'IMP'), coding('codingB', actCode, 'ACUTE'));
    expect(right.value('outcome')).toBe('subsumes');
    const mixed = await ask(coding('codingA', actCode, 'IMP'), coding('codingB', genders, 'male'));
    expect(mixed.status).toBe(400);
    const unknown = await ask(
      coding('codingA', actCode, 'IMP'),
      coding('codingB', actCode, 'none'),
    );
    expect(unknown.status).toBe(404);
  });
});

describe('$translate [conceptmap-operation-translate.html]', () => {
  const url = 'http://hl7.org/fhir/ConceptMap/101';
  const addressUse = 'http://hl7.org/fhir/address-use';
  const v3 = 'http://terminology.hl7.org/CodeSystem/v3-AddressUse';

  it('answers the example of the standard', async () => {
    const { body } = await clinic.get('ConceptMap/$translate', {
      url,
      system: addressUse,
      code: 'home',
      source: 'http://hl7.org/fhir/ValueSet/address-use',
      target: 'http://terminology.hl7.org/ValueSet/v3-AddressUse',
    });
    expect(body).toEqual(
      parameters(
        { name: 'result', valueBoolean: true },
        {
          name: 'match',
          part: [
            { name: 'equivalence', valueCode: 'equivalent' },
            { name: 'concept', valueCoding: { system: v3, code: 'H', display: 'home' } },
            { name: 'source', valueUri: url },
          ],
        },
      ),
    );
  });

  it('goes backwards, and finds maps by the value sets they join', async () => {
    const back = await clinic.get('ConceptMap/$translate', {
      url,
      system: v3,
      code: 'H',
      reverse: 'true',
    });
    const [match] = back.parameters.filter((one) => one.name === 'match');
    expect(match!.part![1]!.valueCoding).toMatchObject({ system: addressUse, code: 'home' });
    const found = await clinic.get('ConceptMap/$translate', {
      source: 'http://hl7.org/fhir/ValueSet/name-use',
      target: 'http://terminology.hl7.org/ValueSet/v3-EntityNameUseR2',
      system: 'http://hl7.org/fhir/name-use',
      code: 'usual',
    });
    expect(found.value('result')).toBe(true);
  });

  it('gives the fixed code for what the map leaves out; says when there is none', async () => {
    const fixed = await clinic.get('ConceptMap/$translate', {
      url,
      system: addressUse,
      code: 'zzz',
    });
    const [match] = fixed.parameters.filter((one) => one.name === 'match');
    expect(match!.part![1]!.valueCoding).toMatchObject({ system: v3, code: 'temp' });
    const none = await clinic.get('ConceptMap/$translate', {
      url: 'http://hl7.org/fhir/ConceptMap/cm-name-use-v2',
      system: 'http://hl7.org/fhir/name-use',
      code: 'zzz',
    });
    expect([none.value('result'), none.value('message')]).toEqual([
      false,
      'No translation was found',
    ]);
    const unknown = await clinic.get('ConceptMap/$translate', {
      url: 'http://none',
      system: 'x',
      code: 'y',
    });
    expect(unknown.status).toBe(404);
  });
});

describe('roles', () => {
  it('who may not read a ValueSet is told nothing by its operations', async () => {
    const auditor = clinic.caller('auditor');
    for (const [path, query] of [
      ['ValueSet/$expand', { url: gender }],
      ['ValueSet/$validate-code', { url: gender, system: genders, code: 'male' }],
      ['CodeSystem/$validate-code', { url: genders, code: 'male' }],
      ['CodeSystem/$lookup', { system: genders, code: 'male' }],
      ['CodeSystem/$subsumes', { system: genders, codeA: 'male', codeB: 'male' }],
      ['ConceptMap/$translate', { url: 'x', system: 'x', code: 'x' }],
    ] as const)
      expect((await clinic.get(path, query, auditor)).status).toBe(403);
    const patient = (await clinic.patient()).caller;
    expect((await clinic.get('ValueSet/$expand', { url: gender }, patient)).status).toBe(200);
  });
});
