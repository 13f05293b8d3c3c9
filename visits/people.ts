/** People as a visit shows them: names read through records as the caller, never kept. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { HumanName, Patient, Resource } from '@afar/fhir';
import type { PatientBrief } from './contract.ts';
import type { House } from './house.ts';

/** One line for a person's name [FHIR R4 datatypes.html#HumanName]: the text, or prefix given family suffix. */
export function nameOf(names: readonly HumanName[] | undefined): string {
  const name = names?.find((one) => one.use === 'official') ?? names?.[0];
  if (!name) return '';
  const parts = [
    ...(name.prefix ?? []),
    ...(name.given ?? []),
    name.family,
    ...(name.suffix ?? []),
  ];
  return name.text ?? parts.filter(Boolean).join(' ');
}

/** The resource, or undefined when it is hidden from this caller or not there. Other failures pass on. */
export async function readIfSeen<T extends Resource>(
  { records }: Pick<House, 'records'>,
  caller: Caller,
  type: T['resourceType'],
  id: string,
): Promise<T | undefined> {
  try {
    return (await records.read<T>(caller, type, id)).resource;
  } catch (error) {
    const code = error instanceof Refusal ? error.code : undefined;
    if (code === 'not-found' || code === 'gone' || code === 'forbidden') return undefined;
    throw error;
  }
}

export interface ClinicianBrief {
  id: string;
  name: string;
  specialty: string;
}

export async function clinicianBrief(
  house: House,
  { tenant }: Caller,
  id: string,
): Promise<ClinicianBrief> {
  const { name, specialty } = await house.directory.clinician(tenant, id);
  return { id, name, specialty };
}

export async function patientBrief(
  house: House,
  caller: Caller,
  id: string,
): Promise<PatientBrief | undefined> {
  const found = await readIfSeen<Patient>(house, caller, 'Patient', id);
  if (!found) return undefined;
  return {
    id,
    name: nameOf(found.name),
    ...(found.birthDate && { birthDate: found.birthDate }),
    ...(found.gender && { gender: found.gender }),
  };
}
