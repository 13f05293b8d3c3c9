/** People as a visit shows them: names read through records as the caller, never kept. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { HumanName, Patient, Practitioner, Resource } from '@afar/fhir';
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
  house: House,
  caller: Caller,
  type: T['resourceType'],
  id: string,
): Promise<T | undefined> {
  try {
    return (await house.records.read<T>(caller, type, id)).resource;
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

/** What a practitioner does, as the directory says: the words of the first qualification, else nothing. */
export function specialtyOf(practitioner: Practitioner | undefined): string {
  const code = practitioner?.qualification?.[0]?.code;
  return code?.text ?? code?.coding?.[0]?.display ?? '';
}

export async function clinicianBrief(
  house: House,
  caller: Caller,
  id: string,
): Promise<ClinicianBrief> {
  const found = await readIfSeen<Practitioner>(house, caller, 'Practitioner', id);
  return { id, name: nameOf(found?.name), specialty: specialtyOf(found) };
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
