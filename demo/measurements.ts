/** Observations: one number, a blood pressure, a report of several, each judged against its range. */
import type {
  DiagnosticReport,
  Encounter,
  Observation,
  Organization,
  Patient,
  Practitioner,
  Quantity,
  Reference,
} from '@afar/fhir';
import {
  fromHl7,
  loinc,
  measures,
  panels,
  system,
  type Measure,
  type MeasureName,
  type PanelName,
} from './codes.ts';

/** Who measured: the patient at home, a member of staff, the laboratory. */
export type Performer = Reference<Patient> | Reference<Practitioner> | Reference<Organization>;

export interface Where {
  id: string;
  subject: Reference<Patient>;
  at: string;
  performer: Performer;
  encounter?: Reference<Encounter>;
}

/** Ranges that differ from the adult ones: a child's, a pregnancy's, a goal set for one patient. */
export type Ranges = Partial<Record<MeasureName, { low?: number; high?: number }>>;

const quantity = (measure: Measure, value: number): Quantity => ({
  value: Number(value.toFixed(measure.digits)),
  ...(measure.unit && { unit: measure.unit }),
  system: system.ucum,
  code: measure.ucum,
});

function judged(measure: Measure, value: number, own?: { low?: number; high?: number }) {
  const { low, high } = own ?? measure;
  if (low === undefined && high === undefined) return {};
  const shown = Number(value.toFixed(measure.digits));
  const [code, display] =
    low !== undefined && shown < low
      ? ['L', 'Low']
      : high !== undefined && shown > high
        ? ['H', 'High']
        : ['N', 'Normal'];
  return {
    interpretation: [fromHl7('v3-ObservationInterpretation', code, display)],
    referenceRange: [
      {
        ...(low !== undefined && { low: quantity(measure, low) }),
        ...(high !== undefined && { high: quantity(measure, high) }),
      },
    ],
  };
}

const categories = {
  'vital-signs': 'Vital Signs',
  laboratory: 'Laboratory',
  survey: 'Survey',
  'social-history': 'Social History',
};
export type Category = keyof typeof categories;

function base(where: Where, category: Category): Omit<Observation, 'code'> {
  return {
    resourceType: 'Observation',
    id: where.id,
    status: 'final',
    category: [fromHl7('observation-category', category, categories[category])],
    subject: where.subject,
    ...(where.encounter && { encounter: where.encounter }),
    effectiveDateTime: where.at,
    issued: where.at,
    performer: [where.performer],
  };
}

export function measurement(
  where: Where,
  name: MeasureName,
  value: number,
  category: Category,
  ranges: Ranges = {},
): Observation {
  const measure: Measure = measures[name];
  return {
    ...base(where, category),
    code: loinc(measure.code, measure.display),
    valueQuantity: quantity(measure, value),
    ...judged(measure, value, ranges[name]),
  };
}

const systolic: Measure = {
  code: '8480-6',
  display: 'Systolic blood pressure',
  unit: 'mmHg',
  ucum: 'mm[Hg]',
  low: 90,
  high: 129,
  digits: 0,
};
const diastolic: Measure = {
  code: '8462-4',
  display: 'Diastolic blood pressure',
  unit: 'mmHg',
  ucum: 'mm[Hg]',
  low: 60,
  high: 79,
  digits: 0,
};

/** Systolic and diastolic as components of one panel [FHIR R4 observation-example-bloodpressure]. */
export function bloodPressure(where: Where, pressure: readonly [number, number]): Observation {
  const component = (measure: Measure, value: number) => ({
    code: loinc(measure.code, measure.display),
    valueQuantity: quantity(measure, value),
    ...judged(measure, value),
  });
  return {
    ...base(where, 'vital-signs'),
    code: loinc('85354-9', 'Blood pressure panel with all children optional', 'Blood pressure'),
    component: [component(systolic, pressure[0]), component(diastolic, pressure[1])],
  };
}

/** A finding in words, such as whether somebody smokes. */
export function finding(
  where: Where,
  code: Observation['code'],
  value: Observation['code'],
): Observation {
  return { ...base(where, 'social-history'), code, valueCodeableConcept: value };
}

export function report(
  where: Where & { performer: Reference<Organization> },
  panel: PanelName,
  results: Observation[],
  conclusion?: string,
): DiagnosticReport {
  return {
    resourceType: 'DiagnosticReport',
    id: where.id,
    status: 'final',
    category: [fromHl7('v2-0074', 'LAB', 'Laboratory')],
    code: panels[panel],
    subject: where.subject,
    ...(where.encounter && { encounter: where.encounter }),
    effectiveDateTime: where.at,
    issued: where.at,
    performer: [where.performer],
    result: results.map((one) => ({
      reference: `Observation/${one.id}`,
      display: one.code.text,
    })),
    ...(conclusion && { conclusion }),
  };
}
