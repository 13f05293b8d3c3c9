/** Structural validation, clause by clause. */
import { describe, expect, it } from 'vitest';
import { patient } from './fixtures/patient.ts';
import { validate } from './index.ts';

/** `expression code` of every issue. */
function faults(resource: unknown): string[] {
  return validate(resource).map((issue) => `${issue.expression?.[0]} ${issue.code}`);
}
const with_ = (more: object): unknown => ({ ...patient, ...more });

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/1' },
};

describe('a valid resource', () => {
  it('has no faults', () => {
    expect(faults(patient)).toEqual([]);
    expect(faults(observation)).toEqual([]);
  });
});

describe('JSON shape [FHIR R4 json.html]', () => {
  it.each([null, undefined, 'Patient', 3, [], true])('refuses %j as a resource', (value) => {
    expect(validate(value)).toHaveLength(1);
  });

  it.each([
    'Foo',
    'Element',
    'HumanName',
    'DomainResource',
    'Resource',
    'SubscriptionStatus',
    '__proto__',
    7,
  ])('refuses resourceType %j', (resourceType) => {
    expect(faults({ resourceType })).toEqual(['resourceType structure']);
  });

  it('reports all faults at once, each with its expression', () => {
    expect(
      faults(
        with_({
          foo: 1,
          name: [{ given: ['a', 3], use: 'unofficial' }, []],
          birthDate: '2021-02-30',
          contact: [],
          maritalStatus: {},
        }),
      ),
    ).toEqual([
      'Patient.name[0].given[1] value',
      'Patient.name[0].use code-invalid',
      'Patient.name[1] structure',
      'Patient.birthDate value',
      'Patient.foo structure',
      'Patient.contact structure',
      'Patient.maritalStatus structure',
    ]);
  });

  it('stops at 50 faults', () => {
    expect(validate(with_({ name: Array.from({ length: 500 }, () => ({ x: 1 })) }))).toHaveLength(
      50,
    );
  });

  it('refuses single for repeated, repeated for single, null, empty text', () => {
    expect(faults(with_({ name: { family: 'X' } }))).toEqual(['Patient.name structure']);
    expect(faults(with_({ maritalStatus: [{ text: 'x' }] }))).toEqual([
      'Patient.maritalStatus structure',
    ]);
    expect(faults(with_({ birthDate: ['2020'] }))).toEqual(['Patient.birthDate value']);
    expect(faults(with_({ active: null }))).toEqual(['Patient.active value']);
    expect(faults(with_({ language: '' }))).toEqual(['Patient.language value']);
  });

  it('refuses unknown elements without repeating what is no name', () => {
    const [issue] = validate(with_({ 'Jane Doe 1980': true }));
    expect(issue?.expression).toEqual(['Patient']);
    expect(JSON.stringify(issue)).not.toContain('Jane');
    expect(faults(with_(JSON.parse('{"__proto__":1,"constructor":2}') as object))).toHaveLength(2);
  });

  it('never repeats a value', () => {
    const text = JSON.stringify(
      validate(with_({ birthDate: 'SECRET', gender: 'SECRET', id: 'SECRET!' })),
    );
    expect(text).not.toContain('SECRET');
  });
});

describe('primitive extensions [FHIR R4 json.html#primitive]', () => {
  const absent = [{ url: 'https://x.example/absent', valueCode: 'masked' }];

  it('stand beside a value, or alone', () => {
    expect(faults(with_({ _birthDate: { extension: absent } }))).toEqual([]);
    const rest = { ...patient };
    delete rest.birthDate;
    expect(faults({ ...rest, _birthDate: { extension: absent } })).toEqual([]);
  });

  it('satisfy a required element', () => {
    const { code, subject } = observation;
    const rest = { resourceType: 'Observation', code, subject };
    expect(faults(rest)).toEqual(['Observation.status required']);
    expect(faults({ ...rest, _status: { extension: absent } })).toEqual([]);
  });

  it('align with nulls in arrays', () => {
    const name = (given: unknown, _given: unknown): unknown => with_({ name: [{ given, _given }] });
    expect(faults(name(['a', null], [null, { extension: absent }]))).toEqual([]);
    expect(faults(name(['a', null], [{ extension: absent }, null])).length).toBeGreaterThan(0);
    expect(faults(name([null], undefined))).toContain('Patient.name[0].given[0] value');
    expect(faults(name(['a'], [{}]))).toEqual(['Patient.name[0]._given[0] structure']);
    expect(faults(name(['a'], {}))).toEqual(['Patient.name[0]._given structure']);
  });

  it('are refused on complex elements', () => {
    expect(faults(with_({ _name: [{ id: 'a' }] }))).toEqual(['Patient._name structure']);
  });
});

describe('choices [FHIR R4 formats.html#choice]', () => {
  it('take one type', () => {
    expect(faults({ ...observation, valueString: 'a' })).toEqual([]);
    expect(faults({ ...observation, valueString: 'a', _valueString: { id: 'x' } })).toEqual([]);
    expect(faults({ ...observation, valueString: 'a', valueInteger: 1 })).toEqual([
      'Observation.valueInteger structure',
    ]);
    expect(faults({ ...observation, valueString: 'a', _valueInteger: { id: 'x' } })).toEqual([
      'Observation._valueInteger structure',
    ]);
  });

  it('take their own types only', () => {
    expect(faults({ ...observation, valueDate: '2020-01-01' })).toEqual([
      'Observation.valueDate structure',
    ]);
    expect(faults({ ...observation, value: 'a' })).toEqual(['Observation.value structure']);
  });

  it('may be required', () => {
    const request = {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/1' },
    };
    expect(faults(request)).toEqual(['MedicationRequest.medication required']);
    expect(faults({ ...request, medicationCodeableConcept: { text: 'x' } })).toEqual([]);
  });
});

describe('cardinality', () => {
  it('names what is missing', () => {
    expect(faults({ resourceType: 'Observation' })).toEqual([
      'Observation.status required',
      'Observation.code required',
    ]);
    expect(faults({ resourceType: 'Appointment', status: 'proposed' })).toEqual([
      'Appointment.participant required',
    ]);
    expect(faults(with_({ link: [{ type: 'seealso' }] }))).toEqual([
      'Patient.link[0].other required',
    ]);
  });
});

describe('required bindings', () => {
  it('hold for codes', () => {
    expect(faults({ ...observation, status: 'done' })).toEqual(['Observation.status code-invalid']);
  });

  it('hold for one coding of a concept', () => {
    const condition = (clinicalStatus: object): unknown => ({
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus,
    });
    const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
    expect(faults(condition({ coding: [{ system, code: 'active' }] }))).toEqual([]);
    expect(faults(condition({ coding: [{ code: 'x' }, { system, code: 'active' }] }))).toEqual([]);
    expect(faults(condition({ coding: [{ system, code: 'alive' }] }))).toEqual([
      'Condition.clinicalStatus code-invalid',
    ]);
    expect(faults(condition({ coding: [{ code: 'active' }] }))).toHaveLength(1);
    expect(faults(condition({ text: 'active' }))).toHaveLength(1);
  });

  it('hold by shape for sets of others: media types, currencies, units of time', () => {
    const money = (currency: string): unknown => ({
      resourceType: 'Invoice',
      status: 'issued',
      totalNet: { value: 1, currency },
    });
    expect(faults(money('EUR'))).toEqual([]);
    expect(faults(money('euro'))).toEqual(['Invoice.totalNet.currency code-invalid']);
    expect(faults(with_({ photo: [{ contentType: 'image/png' }] }))).toEqual([]);
    expect(faults(with_({ photo: [{ contentType: 'png' }] }))).toHaveLength(1);
  });
});

describe('extensions [FHIR R4 extensibility.html]', () => {
  const url = 'https://x.example/e';
  it('need a url, and a value or extensions, not both', () => {
    const of = (extension: object): string[] => faults(with_({ extension: [extension] }));
    expect(of({ url, valueString: 'x' })).toEqual([]);
    expect(of({ url, extension: [{ url: 'part', valueBoolean: true }] })).toEqual([]);
    expect(of({ valueString: 'x' })).toEqual(['Patient.extension[0].url required']);
    expect(of({ url })).toEqual(['Patient.extension[0] invariant']);
    expect(of({ url, valueString: 'x', extension: [{ url, valueCode: 'a' }] })).toEqual([
      'Patient.extension[0] invariant',
    ]);
    expect(of({ url, valueString: 'x', valueCode: 'y' })).toEqual([
      'Patient.extension[0].valueCode structure',
    ]);
    expect(of({ url, valueFoo: 'x' })).toContain('Patient.extension[0].valueFoo structure');
  });
});

describe('references [FHIR R4 references.html]', () => {
  const subject = (reference: unknown, more: object = {}): string[] =>
    faults({ ...observation, subject: { reference, ...more } });

  it.each([
    'Patient/1',
    'Patient/1/_history/2',
    'https://other.example/fhir/Patient/1',
    'https://other.example/anything',
    'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a',
    'urn:oid:1.2.3',
    'Patient?identifier=a|b',
  ])('takes %s', (reference) => {
    expect(subject(reference)).toEqual([]);
  });

  it.each(['Patient', 'Foo/1', '1', 'Patient/', 'Patient/a b', '/Patient/1', '', 'urn:uuid:1', 7])(
    'refuses %j',
    (reference) => {
      expect(subject(reference)).toHaveLength(1);
    },
  );

  it('lead to the types the element allows', () => {
    expect(subject('Practitioner/1')).toEqual(['Observation.subject.reference value']);
    expect(subject('Practitioner?identifier=a')).toEqual(['Observation.subject.reference value']);
    expect(subject('Patient/1', { type: 'Group' })).toEqual([
      'Observation.subject.reference value',
    ]);
  });

  it('may be logical or only shown', () => {
    expect(faults({ ...observation, subject: { identifier: { value: '1' } } })).toEqual([]);
    expect(faults({ ...observation, subject: { display: 'someone' } })).toEqual([]);
    expect(faults({ ...observation, subject: {} })).toEqual(['Observation.subject structure']);
  });
});

describe('contained resources [FHIR R4 references.html#contained]', () => {
  const practitioner = { resourceType: 'Practitioner', id: 'dr' };
  const holding = (contained: unknown[], reference = '#dr'): string[] =>
    faults({ ...observation, contained, performer: [{ reference }] });

  it('are validated in place and must be used', () => {
    expect(holding([practitioner])).toEqual([]);
    expect(holding([{ ...practitioner, gender: 'x' }])).toEqual([
      'Observation.contained[0].gender code-invalid',
    ]);
    expect(holding([practitioner, { resourceType: 'Location', id: 'here' }])).toEqual([
      'Observation.contained[1] invariant',
    ]);
    expect(holding([practitioner], '#nobody')).toEqual([
      'Observation.performer[0] invariant',
      'Observation.contained[0] invariant',
    ]);
  });

  it('hold no contained resources and no version', () => {
    expect(
      holding([{ ...practitioner, contained: [{ resourceType: 'Location', id: 'l' }] }]),
    ).toContain('Observation invariant');
    expect(holding([{ ...practitioner, meta: { versionId: '1' } }])).toContain(
      'Observation invariant',
    );
  });
});

describe('bundles and parameters', () => {
  it('validate what they hold', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: patient, request: { method: 'POST', url: 'Patient' } },
        {
          resource: { resourceType: 'Observation', status: 'x' },
          request: { method: 'PUSH', url: 'a' },
        },
        { resource: { resourceType: 'Nothing' }, request: { method: 'GET', url: 'a' } },
      ],
    };
    expect(faults(bundle)).toEqual([
      'Bundle.entry[1].resource.status code-invalid',
      'Bundle.entry[1].resource.code required',
      'Bundle.entry[1].request.method code-invalid',
      'Bundle.entry[2].resource.resourceType structure',
    ]);
  });

  it('keep local references of each entry apart', () => {
    const resource = { ...observation, performer: [{ reference: '#dr' }] };
    const holder = { ...resource, contained: [{ resourceType: 'Practitioner', id: 'dr' }] };
    const entry = (one: object): object => ({ resource: one });
    expect(
      faults({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [entry(holder), entry(resource)],
      }),
    ).toEqual(['Bundle.entry[1].resource.performer[0] invariant']);
  });
});

describe('limits', () => {
  it('refuse nesting deeper than 64 without exhausting the stack', () => {
    let extension: object = { url: 'https://x.example', valueCode: 'a' };
    for (let i = 0; i < 5000; i++) extension = { url: 'https://x.example', extension: [extension] };
    expect(validate(with_({ extension: [extension] }))).toMatchObject([{ code: 'too-long' }]);
  });

  it('refuse text above 1 MB', () => {
    expect(faults(with_({ name: [{ family: 'x'.repeat(1_048_577) }] }))).toEqual([
      'Patient.name[0].family value',
    ]);
  });
});

describe('invariants', () => {
  it('per-1: a period does not end before it starts', () => {
    const period = (start: string, end: string): string[] =>
      faults(with_({ name: [{ period: { start, end } }] }));
    expect(period('2020', '2020-05-01')).toEqual([]);
    expect(period('2020-05', '2020-04-30')).toEqual(['Patient.name[0].period invariant']);
  });

  it('app-2, app-3: an appointment has both ends of its time', () => {
    const appointment = {
      resourceType: 'Appointment',
      status: 'booked',
      participant: [{ actor: { reference: 'Patient/1' }, status: 'accepted' }],
    };
    expect(faults(appointment)).toEqual(['Appointment invariant']);
    expect(faults({ ...appointment, start: '2026-01-01T10:00:00Z' })).toEqual([
      'Appointment invariant',
      'Appointment invariant',
    ]);
    expect(
      faults({ ...appointment, start: '2026-01-01T10:00:00Z', end: '2026-01-01T10:30:00Z' }),
    ).toEqual([]);
  });
});
