/** What the standard says of single parameters: prefixes, units, references, tokens, modifiers, near, lists, filters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemCaller } from '@afar/access';
import type { Bundle, Resource } from '@afar/fhir';
import type { Terminology } from '../types.ts';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let store: TestStore;
const caller = () => systemCaller(1, store.clock, 'test');
const search = (type: string, query: string): Promise<Bundle> =>
  store.records.search(caller(), type, [...new URLSearchParams(query)] as [string, string][]);
/** id of a resource by the name a test gave it, and back. */
const ids = new Map<string, string>();
const names = new Map<string, string>();
const put = async (name: string, resource: Resource) => {
  const { id } = await store.records.create(caller(), resource);
  ids.set(name, id);
  names.set(id, name);
};
const ref = (type: string, name: string) => ({ reference: `${type}/${ids.get(name)}` });
/** Names of the matches, sorted. Asks with `+` meaning a plus. */
async function found(type: string, query: string): Promise<string[]> {
  const filled = query.replace(/\$(\w+)/g, (whole, name: string) => ids.get(name) ?? whole);
  const bundle = await search(type, filled.replaceAll('+', '%2B'));
  return (bundle.entry ?? [])
    .filter((one) => one.search?.mode === 'match')
    .map((one) => names.get(one.resource!.id!)!)
    .sort();
}
const ucum = 'http://unitsofmeasure.org';
const loinc = 'http://loinc.org';

beforeAll(async () => {
  store = await testStore();
  await put('ada', {
    resourceType: 'Patient',
    name: [{ family: 'A,b|c\\d$e', given: ['Ada'] }],
    birthDate: '1990-05-17',
    gender: 'female',
    identifier: [
      {
        system: 'urn:mrn',
        value: 'x,1',
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
      },
      { value: 'bare' },
    ],
  });
  await put('bob', { resourceType: 'Patient', birthDate: '1991', name: [{ family: 'Bell' }] });
  for (const [name, effective] of [
    ['instant', { effectiveInstant: '2020-02-03T10:11:12Z' }],
    ['time', { effectiveDateTime: '2020-02-03T10:11:12Z' }],
    ['day', { effectiveDateTime: '2020-02-03' }],
    ['month', { effectiveDateTime: '2020-02' }],
    ['year', { effectiveDateTime: '2020' }],
    ['from', { effectivePeriod: { start: '2020-02-04' } }],
    ['never', {}],
  ] as const) {
    await put(name, {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: loinc, code: '8867-4' }] },
      subject: ref('Patient', 'ada'),
      ...effective,
    });
  }
  await put('stay', {
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'IMP' },
    subject: ref('Patient', 'ada'),
    period: { start: '2020-02-03', end: '2020-02-05' },
  });
});
afterAll(() => store?.close());

describe('dates [FHIR R4 search.html#prefix]', () => {
  it('a day holds its instants, a year is the year, a period is looked into', async () => {
    expect(await found('Observation', 'date=2020-02-03')).toEqual(['day', 'instant', 'time']);
    expect(await found('Patient', 'birthdate=1990')).toEqual(['ada']);
    expect(await found('Patient', 'birthdate=1991-01')).toEqual([]);
    expect(await found('Encounter', 'date=ge2020-02-04')).toEqual(['stay']);
    expect(await found('Encounter', 'date=2020-02-04')).toEqual([]);
  });

  const day = ['day', 'instant', 'time'];
  it.each([
    ['eq2020-02', [...day, 'month']],
    ['ne2020-02', ['from', 'year']],
    ['gt2020-02-03', ['from', 'month', 'year']],
    ['lt2020-02-03', ['month', 'year']],
    ['ge2020-02-03', [...day, 'from', 'month', 'year']],
    ['le2020-02-03', [...day, 'month', 'year']],
    ['sa2020-02-03', ['from']],
    ['eb2020-02-04', day],
    ['eb2020-03-01', [...day, 'month']],
    ['lt2020-02-03T10:11:12Z', ['day', 'month', 'year']],
    ['gt2020-02-03T10:11:12Z', ['day', 'from', 'month', 'year']],
    ['2020-02-03T10:11', ['instant', 'time']],
    ['2020-02-03T12:11:12+02:00', ['instant', 'time']],
    ['2020', [...day, 'month', 'year']],
    // A tenth of the time since then: some eight months to either side.
    ['ap2020-02-03', [...day, 'from', 'month', 'year']],
    ['ap2010', []],
    ['ge2020-02-03&date=lt2020-02-04', [...day, 'month', 'year']],
    ['sa2030,eb2019,2020-02-03T10:11:12Z', ['instant', 'time']],
  ])('date=%s', async (query, expected) => {
    expect(await found('Observation', `date=${query}`)).toEqual([...expected].sort());
  });
});

describe('quantities [FHIR R4 search.html#quantity]', () => {
  beforeAll(async () => {
    const weigh = (name: string, value: number, code: string, more: object = {}) =>
      put(name, {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: loinc, code: '29463-7' }] },
        subject: ref('Patient', 'bob'),
        valueQuantity: { value, code, unit: code, system: ucum, ...more },
      });
    await weigh('61000 g', 61_000, 'g');
    await weigh('60.7 kg', 60.7, 'kg');
    await weigh('61.6 kg', 61.6, 'kg');
    await weigh('61 g', 61, 'g');
    await weigh('over 100 kg', 100, 'kg', { comparator: '>' });
    await weigh('61 kg elsewhere', 61, 'kg', { system: 'urn:other' });
    await weigh('37 Cel', 37, 'Cel');
    await weigh('98.6 F', 98.6, '[degF]');
    await weigh('hostile', 1, `${'m.'.repeat(40)}m`);
  });
  const of = (value: string) => found('Observation', `value-quantity=${value}`);

  it.each([
    [`61|${ucum}|kg`, ['60.7 kg', '61000 g']],
    [`61000|${ucum}|g`, ['61000 g']],
    [`61.60|${ucum}|kg`, ['61.6 kg']],
    [`134|${ucum}|[lb_av]`, ['60.7 kg', '61000 g']],
    [`37|${ucum}|Cel`, ['37 Cel', '98.6 F']],
    [`98.6|${ucum}|[degF]`, ['37 Cel', '98.6 F']],
    [`gt61|${ucum}|kg`, ['61.6 kg', 'over 100 kg']],
    [`lt60.7|${ucum}|kg`, ['61 g']],
    [`le60700|${ucum}|g`, ['60.7 kg', '61 g']],
    [`sa61|${ucum}|kg`, ['61.6 kg', 'over 100 kg']],
    [`eb61|${ucum}|kg`, ['60.7 kg', '61 g']],
    [`ap58|${ucum}|kg`, ['60.7 kg', '61.6 kg', '61000 g']],
    [`ge100|${ucum}|kg`, ['over 100 kg']],
    // Without a system the code or the unit as it is written [FHIR R4 search.html#quantity].
    ['61||kg', ['60.7 kg', '61 kg elsewhere']],
    ['61', ['60.7 kg', '61 g', '61 kg elsewhere']],
    ['61|urn:other|kg', ['61 kg elsewhere']],
    [`1|${ucum}|${'m.'.repeat(40)}m`, ['hostile']],
    [`1|${ucum}|parsnip`, []],
  ])('value-quantity=%s', async (value, expected) => {
    expect(await of(value)).toEqual(expected);
  });

  it('composites match within one observation, and within one component', async () => {
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: loinc, code }] },
      valueQuantity: { value, system: ucum, code: 'mm[Hg]' },
    });
    await put('pressure', {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: loinc, code: '85354-9' }] },
      subject: ref('Patient', 'bob'),
      component: [part('8480-6', 142), part('8462-4', 88)],
    });
    const composite = (name: string, value: string) => found('Observation', `${name}=${value}`);
    expect(await composite('code-value-quantity', `29463-7$61|${ucum}|kg`)).toEqual([
      '60.7 kg',
      '61000 g',
    ]);
    expect(await composite('code-value-quantity', `8867-4$61|${ucum}|kg`)).toEqual([]);
    const systolic = 'component-code-value-quantity';
    expect(await composite(systolic, `8480-6$gt140|${ucum}|mm[Hg]`)).toEqual(['pressure']);
    expect(await composite(systolic, `8480-6$gt18|${ucum}|kPa`)).toEqual(['pressure']);
    expect(await composite(systolic, `8462-4$gt140|${ucum}|mm[Hg]`)).toEqual([]);
    expect(await composite(systolic, `8480-6$lt100`)).toEqual([]);
    expect(await composite(`${systolic}:missing`, 'false')).toEqual(['pressure']);
  });
});

describe('references and tokens', () => {
  it('an id, a relative reference and an absolute address of ours are the same', async () => {
    const all = await found('Observation', 'patient=$ada');
    expect(all).toHaveLength(7);
    expect(await found('Observation', 'patient=Patient/$ada')).toEqual(all);
    expect(
      await found('Observation', 'patient=http://localhost:8150/fhir/R4/Patient/$ada'),
    ).toEqual(all);
    expect(await found('Observation', 'subject:Patient=$ada')).toEqual(all);
    expect(await found('Observation', 'patient=https://elsewhere.example/Patient/$ada')).toEqual(
      [],
    );
  });

  it('|code is one without a system; a,b is either; escapes stand for themselves', async () => {
    expect(await found('Patient', 'identifier=|bare')).toEqual(['ada']);
    expect(await found('Patient', 'identifier=|x\\,1')).toEqual([]);
    expect(await found('Patient', 'identifier=urn:mrn|x\\,1')).toEqual(['ada']);
    expect(await found('Patient', 'identifier=urn:mrn|x,1')).toEqual([]);
    expect(await found('Patient', 'identifier=urn:mrn|')).toEqual(['ada']);
    expect(await found('Observation', 'status=amended,final&code=8867-4')).toHaveLength(7);
    expect(await found('Patient', 'family:exact=A\\,b\\|c\\\\d\\$e')).toEqual(['ada']);
    expect(await found('Patient', 'family:exact=A,b|c')).toEqual([]);
    expect(await found('Patient', 'family=a\\,b\\|c')).toEqual(['ada']);
    expect(await found('Patient', 'gender=&identifier=bare&identifier=x\\,1')).toEqual(['ada']);
    expect(await found('Patient', 'identifier=bare&birthdate=1991')).toEqual([]);
  });

  it(':of-type asks for kind and value of one identifier', async () => {
    const kind = 'http://terminology.hl7.org/CodeSystem/v2-0203';
    expect(await found('Patient', `identifier:of-type=${kind}|MR|x\\,1`)).toEqual(['ada']);
    expect(await found('Patient', `identifier:of-type=${kind}|DL|x\\,1`)).toEqual([]);
    expect(await found('Patient', `identifier:of-type=${kind}|MR|bare`)).toEqual([]);
  });

  it(':missing and :not say what a resource has not', async () => {
    expect(await found('Observation', 'date:missing=true&code=8867-4')).toEqual(['never']);
    expect(await found('Patient', 'gender:missing=true')).toEqual(['bob']);
    expect(await found('Patient', 'gender:not=female')).toEqual(['bob']);
    expect(await found('Patient', '_id:not=$ada')).toEqual(['bob']);
    expect(await found('Patient', 'birthdate:missing=true')).toEqual([]);
    expect(await found('Encounter', 'location:missing=true')).toEqual(['stay']);
  });
});

describe('codes of value sets and hierarchies [FHIR R4 search.html#modifiers]', () => {
  const vitals = ['8867-4', '29463-7'];
  const port: Terminology = {
    validateCode: async (_caller, { code, valueSet }) =>
      valueSet === 'urn:huge' ? { result: code === '8867-4' } : undefined,
    expand: async (_caller, valueSet) => {
      if (valueSet === 'urn:huge') return { codes: [{ code: 'x' }], complete: false };
      if (valueSet === 'urn:empty') return { codes: [], complete: true };
      if (valueSet !== 'urn:vitals') return undefined;
      return { codes: vitals.map((code) => ({ system: loinc, code })), complete: true };
    },
    below: async (_caller, { code }) =>
      code === 'vital' ? { codes: ['vital', ...vitals], complete: true } : undefined,
    above: async (_caller, { code }) => ({ codes: [code, '85354-9'], complete: true }),
  };
  const count = async (query: string) => (await found('Observation', query)).length;

  it('are refused, never passed over, where nobody knows the codes', async () => {
    for (const modifier of ['in', 'not-in', 'below', 'above']) {
      await expect(search('Observation', `code:${modifier}=urn:x|y`)).rejects.toMatchObject({
        status: 400,
      });
    }
  });

  it('are lists of codes where somebody does', async () => {
    const all = await count('code:missing=false');
    const pressure = await count('code=85354-9');
    store.records.terminology(port);
    expect(await count('code:in=urn:vitals')).toBe(all - pressure);
    expect(await count('code:not-in=urn:vitals')).toBe(pressure);
    expect(await count('code:in=urn:empty')).toBe(0);
    expect(await count('code:not-in=urn:empty')).toBe(all);
    // Too large to write out: each code that comes up is asked about.
    expect(await count('code:in=urn:huge')).toBe(7);
    expect(await count('code:not-in=urn:huge')).toBe(all - 7);
    expect(await count(`code:below=${loinc}|vital`)).toBe(all - pressure);
    expect(await count(`code:above=${loinc}|8867-4`)).toBe(7 + pressure);
    expect(await count(`patient.identifier=bare&code:in=urn:vitals`)).toBe(7);
    await expect(search('Observation', 'code:in=urn:unknown')).rejects.toMatchObject({
      status: 400,
    });
    await expect(search('Observation', 'code:below=8867-4')).rejects.toMatchObject({ status: 400 });
  });

  it(':below and :above of a place are its parts and what it is part of', async () => {
    await put('house', { resourceType: 'Location', name: 'House' });
    await put('ward', { resourceType: 'Location', name: 'Ward', partOf: ref('Location', 'house') });
    await put('bed', { resourceType: 'Location', name: 'Bed', partOf: ref('Location', 'ward') });
    await put('elsewhere', { resourceType: 'Location', name: 'Elsewhere' });
    for (const place of ['house', 'ward', 'bed', 'elsewhere']) {
      await put(`in ${place}`, {
        resourceType: 'Encounter',
        status: 'finished',
        class: { code: 'IMP' },
        location: [{ location: ref('Location', place) }],
      });
    }
    expect(await found('Encounter', 'location:below=$ward')).toEqual(['in bed', 'in ward']);
    expect(await found('Encounter', 'location:below=Location/$house')).toHaveLength(3);
    expect(await found('Encounter', 'location:above=$ward')).toEqual(['in house', 'in ward']);
    await expect(search('Encounter', `patient:below=${ids.get('ada')}`)).rejects.toMatchObject({
      status: 400,
    });
  });

  it(':below and :above of addresses are steps of the path, of canonicals versions', async () => {
    const questionnaire = (name: string, url: string) =>
      put(name, {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: url,
      });
    await questionnaire('v2', 'http://x/q|2');
    await questionnaire('v2.1', 'http://x/q|2.1');
    await questionnaire('v21', 'http://x/q|21');
    await questionnaire('none', 'http://x/q');
    const by = (query: string) => found('QuestionnaireResponse', query);
    expect(await by('questionnaire=http://x/q')).toEqual(['none', 'v2', 'v2.1', 'v21']);
    expect(await by('questionnaire=http://x/q|2')).toEqual(['v2']);
    expect(await by('questionnaire:below=http://x/q|2')).toEqual(['v2', 'v2.1']);
    expect(await by('questionnaire:above=http://x/q|2.1.7')).toEqual(['v2', 'v2.1']);
    await put('set', { resourceType: 'ValueSet', status: 'draft', url: 'http://x/sets/one' });
    expect(await found('ValueSet', 'url=http://x/sets/one')).toEqual(['set']);
    expect(await found('ValueSet', 'url:below=http://x/sets')).toEqual(['set']);
    expect(await found('ValueSet', 'url:below=http://x/set')).toEqual([]);
    expect(await found('ValueSet', 'url:above=http://x/sets/one/more')).toEqual(['set']);
  });
});

describe('whole resources', () => {
  it('near measures along the great circle [FHIR R4 location.html#positional]', async () => {
    const place = (name: string, latitude: number, longitude: number) =>
      put(name, { resourceType: 'Location', name, position: { latitude, longitude } });
    await place('Berlin', 52.52, 13.405);
    await place('Potsdam', 52.4, 13.06);
    await place('Fiji', -17, 179.9);
    // Berlin to Potsdam: 26.9 km.
    expect(await found('Location', 'near=52.52|13.405|26|km')).toEqual(['Berlin']);
    expect(await found('Location', 'near=52.52|13.405|28|km')).toEqual(['Berlin', 'Potsdam']);
    expect(await found('Location', 'near=52.52|13.405|17|[mi_us]')).toEqual(['Berlin', 'Potsdam']);
    expect(await found('Location', 'near=52.52|13.405')).toEqual(['Berlin']);
    // Over the line where the day changes.
    expect(await found('Location', 'near=-17|-179.9|30|km')).toEqual(['Fiji']);
    expect(await found('Location', 'near:missing=false&name=Fiji')).toEqual(['Fiji']);
  });

  it('_text looks at the narrative, _content at all of it', async () => {
    await put('note', {
      resourceType: 'Condition',
      subject: ref('Patient', 'ada'),
      code: { text: 'Migraine' },
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Severe <b>headaches</b></p></div>',
      },
    });
    expect(await found('Condition', '_text=headache%20severe')).toEqual(['note']);
    expect(await found('Condition', '_text=migraine')).toEqual([]);
    expect(await found('Condition', '_text=xmlns')).toEqual([]);
    expect(await found('Condition', '_content=migraine')).toEqual(['note']);
    expect(await found('Condition', '_content=severe,nothing')).toEqual(['note']);
  });

  it('_list names its members [FHIR R4 search.html#list]', async () => {
    await put('worklist', {
      resourceType: 'List',
      status: 'current',
      mode: 'working',
      entry: [{ item: ref('Patient', 'bob') }, { item: ref('Observation', 'day') }],
    });
    expect(await found('Patient', '_list=$worklist')).toEqual(['bob']);
    expect(await found('Observation', '_list=$worklist&code=8867-4')).toEqual(['day']);
    expect(await found('Observation', '_list=$worklist&status=amended')).toEqual([]);
    expect(await found('Patient', '_list=nobody')).toEqual([]);
  });

  it('_filter joins comparisons [FHIR R4 search_filter.html]', async () => {
    const by = (type: string, text: string) =>
      found(type, `_filter=${encodeURIComponent(text).replaceAll('%24', '$')}`);
    expect(await by('Patient', 'given eq "ada" and birthdate ge 1990')).toEqual(['ada']);
    expect(await by('Patient', 'given eq "ad"')).toEqual([]);
    expect(await by('Patient', 'given eq ada or family sw "be"')).toEqual(['ada', 'bob']);
    expect(await by('Patient', 'not (gender eq female)')).toEqual(['bob']);
    expect(await by('Patient', 'family ew "LL"')).toEqual(['bob']);
    expect(await by('Patient', 'gender pr true')).toEqual(['ada']);
    expect(await by('Patient', '(given eq ada or family co "el") and birthdate lt 1991')).toEqual([
      'ada',
    ]);
    expect(
      await by('Observation', 'code eq 8867-4 and (date eb 2020-02-04 or date pr false)'),
    ).toEqual(['day', 'instant', 'never', 'time']);
    expect(await by('Encounter', 'date po 2020-02-05')).toEqual(['stay']);
    expect(await by('Encounter', 'date po 2020-02-06')).toEqual([]);
    expect(await by('Observation', 'code eq 8867-4 or patient re Patient/$bob')).toHaveLength(17);
    expect(await by('Condition', 'patient.given eq ada')).toEqual(['note']);
    expect(
      await by('Condition', 'patient.given eq ada and not (patient.gender eq female)'),
    ).toEqual([]);
    expect(await by('Condition', 'code ne http://x|y')).toEqual(['note']);
    expect(await by('Patient', '_has:Condition:patient:_id pr true and given eq ada')).toEqual([
      'ada',
    ]);
  });
});
