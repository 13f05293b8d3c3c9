/** What a template's fields stand for in one chart, as its reader may see it: read when asked, kept nowhere. */
import type { Caller } from '@afar/access';
import type {
  AllergyIntolerance,
  Appointment,
  Condition,
  MedicationRequest,
  Observation,
  Patient,
} from '@afar/fhir';
import { reasonOf } from '../appointment-view.ts';
import type { ChartFields } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { valuesIn, words } from '../results/values.ts';
import type { VisitRow } from '../visit-row.ts';

/** LOINC codes of what is measured at the bedside [FHIR R4 observation-vitalsigns.html]. */
const vitalCodes = {
  'blood-pressure': ['85354-9', '55284-4'],
  pulse: ['8867-4'],
  weight: ['29463-7'],
  temperature: ['8310-5'],
  oxygen: ['2708-6', '59408-5'],
} as const;

type Listed = AllergyIntolerance | Condition | MedicationRequest;

async function listed<T extends Listed>(
  house: House,
  caller: Caller,
  type: T['resourceType'],
  patient: string,
  more: [string, string][] = [],
): Promise<T[]> {
  const { entry = [] } = await house.records.search(caller, type, [
    ['patient', `Patient/${patient}`],
    ...more,
    ['_count', '50'],
  ]);
  return entry.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as T] : []));
}

/** Full years at an instant; nothing where the birth date is not known to the day. */
export function ageAt(birthDate: string | undefined, at: number): string | undefined {
  if (!birthDate || !/^\d{4}-\d\d-\d\d$/.test(birthDate)) return undefined;
  const [year, month, day] = birthDate.split('-').map(Number) as [number, number, number];
  const now = new Date(at);
  const had = now.getUTCMonth() + 1 - month || now.getUTCDate() - day;
  return String(now.getUTCFullYear() - year - (had < 0 ? 1 : 0));
}

const isActive = (it: AllergyIntolerance | Condition): boolean => {
  const code = it.clinicalStatus?.coding?.[0]?.code;
  const wrong = it.verificationStatus?.coding?.[0]?.code;
  return (
    wrong !== 'entered-in-error' &&
    wrong !== 'refuted' &&
    code !== 'inactive' &&
    code !== 'resolved'
  );
};

const one = (it: Observation): string => {
  const parts = valuesIn([it]);
  if (parts.length === 2 && parts.every((part) => part.number !== undefined)) {
    // Systolic (8480-6) before diastolic, whatever order they were written in.
    const [high, low] = parts.toSorted((a) => (a.code === '8480-6' ? -1 : 1));
    return `${high!.number}/${low!.number} ${high!.unit ?? ''}`.trim();
  }
  return parts.map((part) => part.value).join(', ');
};

/** A part that the reader may not see, or that is not there, is left out: the field stays to be filled by hand. */
export async function chartFieldsOf(
  house: House,
  caller: Caller,
  row: VisitRow,
  appointment: Appointment,
): Promise<ChartFields> {
  const { patient } = row;
  const [person, allergies, conditions, medicines, vitals] = await Promise.all([
    readIfSeen<Patient>(house, caller, 'Patient', patient),
    listed<AllergyIntolerance>(house, caller, 'AllergyIntolerance', patient),
    listed<Condition>(house, caller, 'Condition', patient),
    listed<MedicationRequest>(house, caller, 'MedicationRequest', patient, [['status', 'active']]),
    house.records.search(caller, 'Observation', [
      ['patient', `Patient/${patient}`],
      ['code', Object.values(vitalCodes).flat().join(',')],
      ['_sort', '-date'],
      ['_count', '30'],
    ]),
  ]);
  const measured = (vitals.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Observation' && resource.status !== 'entered-in-error'
      ? [resource as Observation]
      : [],
  );
  const latest = (codes: readonly string[]): string | undefined => {
    const found = measured.find((it) => it.code.coding?.some((c) => codes.includes(c.code ?? '')));
    return found && one(found);
  };
  const all = Object.values(vitalCodes).map(latest).filter(Boolean);
  const names = (list: (string | undefined)[]): string =>
    [...new Set(list.filter(Boolean))].join(', ');
  const fields: Record<keyof ChartFields & string, string | undefined> = {
    age: ageAt(person?.birthDate, house.clock.now()),
    sex: person?.gender,
    allergies: names(allergies.filter(isActive).map((it) => words(it.code))),
    medicines: names(medicines.map((it) => words(it.medicationCodeableConcept))),
    conditions: names(conditions.filter(isActive).map((it) => words(it.code))),
    vitals: all.join(', '),
    'blood-pressure': latest(vitalCodes['blood-pressure']),
    pulse: latest(vitalCodes.pulse),
    weight: latest(vitalCodes.weight),
    reason: reasonOf(appointment),
    date: iso(house.clock.now()).slice(0, 10),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
}
