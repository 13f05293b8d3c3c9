/** `_filter`, and the parameters of a kind of their own: `near`, `_text`, `_content`, `_list`. */
import { describe, expect, it } from 'vitest';
import { parseQuery, Refusal } from './index.ts';
import type { Criterion } from './index.ts';

function query(type: string, text: string): ReturnType<typeof parseQuery> {
  return parseQuery(type, [...new URLSearchParams(text)]);
}
function refusal(type: string, text: string): string {
  try {
    query(type, text);
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.outcome.issue[0]!.diagnostics}`;
    throw error;
  }
  return 'accepted';
}

describe('near [FHIR R4 location.html#positional]', () => {
  const near = (value: string) =>
    (query('Location', `near=${value}`).clauses[0] as Criterion).values;
  it('is a point, a distance and its unit', () => {
    expect(near('52.5|13.4|5|km')).toEqual([
      { kind: 'near', latitude: 52.5, longitude: 13.4, km: 5 },
    ]);
    expect(near('-1|2.5|1|[mi_us]')).toMatchObject([{ latitude: -1, km: 1.609347219 }]);
    expect(near('1|2|300|m')).toMatchObject([{ km: 0.3 }]);
    expect(near('1|2')).toMatchObject([{ km: 10 }]);
  });
  it.each(['91|0', '0|181', '1', 'a|b', '1|2|-3|km', '1|2|3|parsec', '1|2|3|km|4', '1|2|1e9|km'])(
    'is not %s',
    (value) => expect(refusal('Location', `near=${value}`)).toContain('invalid near'),
  );
});

describe('_filter [FHIR R4 search_filter.html]', () => {
  const parsed = (type: string, text: string) => parseQuery(type, [['_filter', text]]).clauses;
  const faulty = (type: string, text: string) =>
    refusal(type, `_filter=${encodeURIComponent(text)}`);

  it('reads comparisons of every kind', () => {
    expect(parsed('Patient', 'name co "pet"')).toMatchObject([
      { param: 'name', modifier: 'contains', values: [{ value: 'pet' }] },
    ]);
    expect(parsed('Patient', 'given eq peter and birthdate ge 2014-10-10')).toMatchObject([
      { param: 'given', modifier: 'equals', values: [{ value: 'peter' }] },
      { param: 'birthdate', values: [{ prefix: 'ge', text: '2014-10-10' }] },
    ]);
    expect(parsed('Observation', 'code eq http://loinc.org|1234-5')).toMatchObject([
      { param: 'code', values: [{ system: 'http://loinc.org', code: '1234-5' }] },
    ]);
    expect(parsed('Observation', 'subject:Patient.name co "pet"')).toMatchObject([
      { kind: 'chain', match: { modifier: 'contains' } },
    ]);
    expect(parsed('Patient', 'family ew "a, (b) | c$"')).toMatchObject([
      { modifier: 'ends-with', values: [{ value: 'a, (b) | c$' }] },
    ]);
    expect(parsed('Patient', 'death-date pr true')).toMatchObject([{ missing: false }]);
    expect(parsed('Encounter', 'date po 2020')).toMatchObject([{ modifier: 'overlaps' }]);
    expect(parsed('Observation', 'code ss http://x|a')).toMatchObject([{ modifier: 'below' }]);
    expect(parsed('Observation', 'code ni http://x')).toMatchObject([{ modifier: 'not-in' }]);
    expect(parsed('Observation', 'patient re Patient/4')).toMatchObject([
      { values: [{ id: '4' }] },
    ]);
  });

  it('joins them from left to right', () => {
    expect(
      parsed('Patient', 'gender eq male or gender eq female and active eq true'),
    ).toMatchObject([
      { kind: 'any', of: [{ param: 'gender' }, { param: 'gender' }] },
      { param: 'active' },
    ]);
    expect(parsed('Patient', 'not (name eq "a") or (gender ne male)')).toMatchObject([
      {
        kind: 'any',
        of: [
          { kind: 'none', of: [{ param: 'name' }] },
          { kind: 'none', of: [{ param: 'gender' }] },
        ],
      },
    ]);
  });

  it.each([
    ['name', 'invalid _filter'],
    ['name co', 'invalid _filter'],
    ['name xx "a"', 'invalid _filter'],
    ['name co "a', 'invalid _filter'],
    ['(name co "a"', 'invalid _filter'],
    ['name co "a" name co "b"', 'invalid _filter'],
    ['name gt 4', 'not-supported _filter'],
    ['gender co "a"', 'not-supported _filter'],
    ['colour eq red', 'not-supported _filter'],
    ['link[type eq x].other pr true', 'not-supported _filter'],
    ['_filter eq "name eq a"', 'invalid _filter'],
    ['birthdate eq tomorrow', 'invalid birthdate'],
    [`${'('.repeat(100)}name eq a`, 'too-costly _filter'],
    [`${'not ('.repeat(100)}name eq a`, 'too-costly _filter'],
    ['name eq a and '.repeat(300), 'too-costly _filter'],
    [`name eq a${' and name eq a'.repeat(70)}`, 'too-costly More than 64 criteria'],
  ])('refuses %.40s', (text, why) => expect(faulty('Patient', text)).toContain(why));
});

it('`_text`, `_content`, `_list` are known to every type, `_contained` only as false', () => {
  expect(query('Observation', '_text=heart+rate&_content=x&_list=12').clauses).toMatchObject([
    { param: '_text', values: [{ kind: 'words', words: ['heart', 'rate'] }] },
    { param: '_content' },
    { param: '_list', values: [{ kind: 'list', id: '12' }] },
  ]);
  expect(refusal('Patient', '_list:missing=true')).toContain('not-supported _list');
  expect(refusal('Patient', '_list=$current-allergies')).toContain('invalid _list');
  expect(query('Patient', '_contained=false').unknown).toEqual([]);
  expect(refusal('Patient', '_contained=true')).toContain('not-supported _contained');
  expect(refusal('Patient', '_query=x')).toContain('not-supported _query');
});

it('a canonical keeps the version asked for', () => {
  expect(query('QuestionnaireResponse', 'questionnaire=http://x/q|2.0').clauses).toMatchObject([
    { values: [{ url: 'http://x/q', version: '2.0' }] },
  ]);
});

it('a value too long is refused before it is looked at', () => {
  expect(refusal('Patient', `name=${'a'.repeat(50_000)}`)).toContain('too-costly name');
});
