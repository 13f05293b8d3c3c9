/** The search grammar [FHIR R4 search.html]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeValue, parseQuery, Refusal, resourceTypes, searchParams } from './index.ts';
import type { Clause, Criterion, DateValue, NumberValue, SearchValue } from './index.ts';

function query(type: string, text: string, options = {}): ReturnType<typeof parseQuery> {
  return parseQuery(type, [...new URLSearchParams(text)], options);
}
function only(type: string, text: string, options = {}): Criterion {
  const { clauses } = query(type, text, options);
  expect(clauses).toHaveLength(1);
  return clauses[0] as Criterion;
}
const values = (type: string, text: string, options = {}): SearchValue[] =>
  only(type, text, options).values;
function refusal(type: string, text: string, options = {}): string {
  try {
    query(type, text, options);
  } catch (error) {
    if (error instanceof Refusal) return `${error.code} ${error.outcome.issue[0]!.diagnostics}`;
    throw error;
  }
  return 'accepted';
}

describe('AND and OR [FHIR R4 search.html#combining]', () => {
  it('repeats are AND, commas are OR', () => {
    const { clauses } = query('Patient', 'given=a,b&given=c');
    expect(clauses.map((one) => (one as Criterion).values)).toEqual([
      [
        { kind: 'string', value: 'a' },
        { kind: 'string', value: 'b' },
      ],
      [{ kind: 'string', value: 'c' }],
    ]);
  });

  it('parameters without a value are ignored', () => {
    expect(query('Patient', 'name=&gender=').clauses).toEqual([]);
  });

  it('lists what the type does not have, refuses it when strict, never repeats what is no name', () => {
    expect(query('Patient', 'colour=x&name=a').unknown).toEqual(['colour']);
    expect(refusal('Patient', 'colour=x', { strict: true })).toBe('unknown-parameter colour');
    expect(refusal('Patient', 'Jane Doe=x', { strict: true })).not.toContain('Jane');
  });

  it('never repeats a value in a refusal', () => {
    for (const text of [
      'birthdate=SECRET',
      'gender:missing=SECRET',
      '_count=SECRET',
      '_sort=SECRET',
      '_include=SECRET:SECRET',
    ])
      expect(refusal('Patient', text)).toMatch(/^(invalid|not-supported) (?!.*SECRET)/);
  });
});

describe('token [FHIR R4 search.html#token]', () => {
  it.each([
    ['a', { code: 'a' }],
    ['s|a', { system: 's', code: 'a' }],
    ['|a', { system: '', code: 'a' }],
    ['s|', { system: 's' }],
    [String.raw`s|a\|b`, { system: 's', code: 'a|b' }],
    [String.raw`a\,b`, { code: 'a,b' }],
  ])('%s', (text, parts) => {
    expect(values('Patient', `identifier=${encodeURIComponent(text)}`)).toEqual([
      { kind: 'token', ...parts },
    ]);
  });

  it('refuses bars alone and too many', () => {
    expect(refusal('Patient', 'identifier=|')).toContain('invalid identifier');
    expect(refusal('Patient', 'identifier=a|b|c')).toContain('invalid identifier');
  });

  it('takes :of-type, :text, :not, :in, :missing', () => {
    expect(values('Patient', 'identifier:of-type=http://s|MR|1')).toEqual([
      { kind: 'token', system: 'http://s', code: 'MR', value: '1' },
    ]);
    expect(values('Condition', 'code:text=head')).toEqual([{ kind: 'string', value: 'head' }]);
    expect(only('Condition', 'code:not=a').modifier).toBe('not');
    expect(values('Condition', 'code:in=http://vs')).toEqual([{ kind: 'uri', value: 'http://vs' }]);
    expect(only('Patient', 'gender:missing=true')).toMatchObject({ missing: true, values: [] });
  });

  it('refuses modifiers it does not have', () => {
    expect(refusal('Patient', 'gender:exact=male')).toContain('not-supported gender');
    expect(refusal('Patient', 'birthdate:contains=2020')).toContain('not-supported birthdate');
    expect(refusal('Patient', 'name:exact:contains=a')).toContain('invalid');
  });
});

describe('date [FHIR R4 search.html#date]', () => {
  it('reads prefix and precision', () => {
    expect(values('Patient', 'birthdate=ge2020-02')).toEqual([
      {
        kind: 'date',
        prefix: 'ge',
        start: Date.UTC(2020, 1),
        end: Date.UTC(2020, 2),
        text: '2020-02',
      },
    ]);
    expect(values('Observation', 'date=2020-01-01T10:00')[0]).toMatchObject({ prefix: 'eq' });
  });

  it('widens ap by a tenth of the distance from now', () => {
    const now = Date.UTC(2026, 0, 1);
    const [{ start, end }] = values('Patient', 'birthdate=ap2025-01-01', { now }) as [DateValue];
    const slack = Date.UTC(2025, 0, 1) - start;
    expect(slack).toBe(end - Date.UTC(2025, 0, 2));
    expect(slack / 86_400_000).toBeCloseTo(36.45, 1);
  });

  it.each(['20', 'xx2020', 'ge', '2020-02-30'])('refuses %s', (text) => {
    expect(refusal('Patient', `birthdate=${text}`)).toContain('invalid birthdate');
  });
});

describe('number and quantity [FHIR R4 search.html#number]', () => {
  it.each([
    ['100', 99.5, 100.5],
    ['100.00', 99.995, 100.005],
    ['1e2', 95, 105],
    ['1.00e2', 99.5, 100.5],
    ['-5', -5.5, -4.5],
    ['0.010', 0.0095, 0.0105],
  ])('%s is [%d, %d)', (text, low, high) => {
    const [value] = values('RiskAssessment', `probability=${encodeURIComponent(text)}`) as [
      NumberValue,
    ];
    expect(value.low).toBeCloseTo(low, 10);
    expect(value.high).toBeCloseTo(high, 10);
  });

  it('takes units', () => {
    expect(values('Observation', 'value-quantity=gt61|http://unitsofmeasure.org|kg')).toEqual([
      {
        kind: 'quantity',
        prefix: 'gt',
        value: 61,
        low: 60.5,
        high: 61.5,
        system: 'http://unitsofmeasure.org',
        code: 'kg',
      },
    ]);
    expect(values('Observation', 'value-quantity=5||mg')[0]).toMatchObject({ code: 'mg' });
    expect(refusal('Observation', 'value-quantity=heavy')).toContain('invalid value-quantity');
  });
});

describe('reference [FHIR R4 search.html#reference]', () => {
  it.each([
    ['patient=1', { type: 'Patient', id: '1' }],
    ['subject=1', { id: '1' }],
    ['subject=Patient/1', { type: 'Patient', id: '1' }],
    ['subject=Patient/1/_history/3', { type: 'Patient', id: '1' }],
    ['subject:Patient=1', { type: 'Patient', id: '1' }],
    ['subject=https://afar.example/fhir/R4/Patient/1', { type: 'Patient', id: '1' }],
    ['subject=https://other.example/Patient/1', { url: 'https://other.example/Patient/1' }],
    ['subject=urn:uuid:1', { url: 'urn:uuid:1' }],
    ['subject:identifier=s|1', { system: 's', code: '1' }],
  ])('%s', (text, parts) => {
    expect(values('Observation', text, { baseUrl: 'https://afar.example/fhir/R4' })).toEqual([
      { kind: 'reference', ...parts },
    ]);
  });

  it('refuses another type than the modifier says', () => {
    expect(refusal('Observation', 'subject:Patient=Group/1')).toContain('invalid subject');
    expect(refusal('Observation', 'subject:Encounter=1')).toContain('not-supported subject');
  });
});

describe('composite [FHIR R4 search.html#combining]', () => {
  it('has one value for each component', () => {
    expect(
      values('Observation', 'code-value-quantity=http://loinc.org|8480-6$gt140')[0],
    ).toMatchObject({
      kind: 'composite',
      parts: [
        { kind: 'token', code: '8480-6' },
        { kind: 'quantity', prefix: 'gt', value: 140 },
      ],
    });
    expect(refusal('Observation', 'code-value-quantity=a')).toContain(
      'invalid code-value-quantity',
    );
    expect(refusal('Observation', 'code-value-quantity=a$1$2')).toContain('invalid');
  });
});

describe('chains [FHIR R4 search.html#chaining]', () => {
  it('become a tree with the types that know the parameter', () => {
    const [chain] = query(
      'Observation',
      'patient.general-practitioner:Practitioner.family=x',
    ).clauses;
    expect(chain).toMatchObject({
      kind: 'chain',
      param: 'patient',
      targets: ['Patient'],
      match: {
        kind: 'chain',
        param: 'general-practitioner',
        targets: ['Practitioner'],
        match: { param: 'family' },
      },
    });
    const [any] = query('Observation', 'subject.name=x').clauses as [
      Clause & { targets: string[] },
    ];
    expect(any.targets).toContain('Patient');
    expect(any.targets).not.toContain('Group');
  });

  it('name an unknown end as unknown, and refuse what leads nowhere', () => {
    expect(query('Observation', 'patient.colour=x').unknown).toEqual(['patient.colour']);
    expect(refusal('Observation', 'code.name=x')).toContain('invalid code');
    expect(refusal('Observation', 'subject:Practitioner.name=x')).toContain('invalid subject');
  });

  it('end after eight links', () => {
    const deep = `${'part-of.'.repeat(9)}status=x`;
    expect(refusal('Encounter', deep)).toContain('too-costly');
    expect(refusal('Encounter', `${'part-of.'.repeat(8)}status=finished`)).toBe('accepted');
  });

  it('_has turns them round [FHIR R4 search.html#has]', () => {
    expect(query('Patient', '_has:Observation:patient:code=1234').clauses).toMatchObject([
      { kind: 'has', type: 'Observation', param: 'patient', match: { param: 'code' } },
    ]);
    expect(refusal('Patient', '_has:Observation:code:code=1')).toContain('invalid _has');
    expect(
      query('Patient', '_has:Encounter:patient:_has:Observation:encounter:code=1').clauses,
    ).toMatchObject([{ match: { kind: 'has', match: { param: 'code' } } }]);
  });
});

describe('the shape of the answer [FHIR R4 search.html#return]', () => {
  it('has limits on _count', () => {
    expect(query('Patient', '').count).toBe(20);
    expect(query('Patient', '_count=0').count).toBe(0);
    expect(query('Patient', '_count=5000').count).toBe(1000);
    for (const bad of ['-1', 'x', '1.5', '99999999999'])
      expect(refusal('Patient', `_count=${bad}`)).toContain('invalid _count');
  });

  it('reads _sort, _include, _revinclude, _total, _elements, _summary, _cursor', () => {
    const read = query(
      'Observation',
      '_sort=-date,_id&_include=Observation:subject:Patient&_include:iterate=Patient:organization&_revinclude=Provenance:*&_total=accurate&_elements=code,subject&_summary=data&_cursor=abc&_format=json',
    );
    expect(read).toMatchObject({
      sort: [
        { param: 'date', type: 'date', descending: true },
        { param: '_id', descending: false },
      ],
      include: [
        { source: 'Observation', param: 'subject', target: 'Patient', iterate: false },
        { source: 'Patient', param: 'organization', iterate: true },
      ],
      revinclude: [{ source: 'Provenance', param: '*', iterate: false }],
      total: 'accurate',
      elements: ['code', 'subject'],
      summary: 'data',
      cursor: 'abc',
      unknown: [],
    });
  });

  it('refuses what it cannot do', () => {
    expect(refusal('Patient', '_sort=colour')).toContain('not-supported _sort');
    expect(refusal('Patient', '_include=Patient:name')).toContain('invalid _include');
    expect(refusal('Patient', '_include=Foo:bar')).toContain('invalid _include');
    expect(refusal('Patient', '_total=some')).toContain('invalid _total');
    expect(refusal('Foo', 'a=b')).toContain('not-found');
  });

  it('refuses too many criteria and too many values', () => {
    expect(refusal('Patient', 'given=a&'.repeat(65))).toContain('too-costly');
    expect(refusal('Patient', `given=${'a,'.repeat(200)}a`)).toContain('too-costly');
    const wide = `${'a,'.repeat(199)}a`;
    expect(() => query('Patient', `given=${wide}&given=${wide}`)).not.toThrow();
    expect(refusal('Patient', `given=${wide}&given=${wide}&given=b`)).toContain('too-costly');
    const chain = 'general-practitioner:Practitioner.name=a';
    expect(refusal('Patient', Array(17).fill(chain).join('&'))).toContain('too-costly');
    const has = '_has:Observation:patient:code=a';
    expect(refusal('Patient', Array(17).fill(has).join('&'))).toContain('too-costly');
  });
});

it('the bounds of a number are exact where its digits are [FHIR R4 search.html#number]', () => {
  for (const [text, low, high] of [
    ['0.9', 0.85, 0.95],
    ['0.3', 0.25, 0.35],
    ['1.10', 1.095, 1.105],
    ['60.7', 60.65, 60.75],
    ['5e-1', 0.45, 0.55],
  ] as const)
    expect(values('RiskAssessment', `probability=${text}`)).toMatchObject([{ low, high }]);
});

describe('properties', () => {
  it('escaping keeps every text whole', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const [clause] = parseQuery('Patient', [['name', escapeValue(text)]]).clauses;
        expect((clause as Criterion).values).toEqual([{ kind: 'string', value: text }]);
      }),
    );
  });

  it('system and code survive together', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (system, code) => {
        const [clause] = parseQuery('Patient', [
          ['identifier', `${escapeValue(system)}|${escapeValue(code)}`],
        ]).clauses;
        expect((clause as Criterion).values).toEqual([{ kind: 'token', system, code }]);
      }),
    );
  });

  it('any text whatever is parsed or refused, never a crash', () => {
    const names = fc.oneof(
      fc
        .constantFrom(...resourceTypes)
        .chain((type) => fc.constantFrom(...searchParams(type).keys())),
      fc.constantFrom(
        '_sort',
        '_include',
        '_has:a',
        '_count',
        'subject.name',
        'a:b',
        'patient.',
        '.',
        ':',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...resourceTypes),
        fc.array(fc.tuple(names, fc.string())),
        (type, params) => {
          let thrown: unknown;
          try {
            parseQuery(type, params);
          } catch (error) {
            thrown = error;
          }
          expect(thrown === undefined || thrown instanceof Refusal).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
