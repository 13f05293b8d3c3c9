/** What a person chooses to share, as classes of grants. */
import { isUuid } from '@afar/access';
import type { SharedKind } from './contract.ts';

/** The types behind each kind; `record` is all that a guest's role may see. */
export const typesOf: Record<Exclude<SharedKind, 'record'>, readonly string[]> = {
  problems: ['Condition'],
  allergies: ['AllergyIntolerance'],
  medications: ['MedicationRequest', 'MedicationStatement', 'MedicationDispense'],
  results: ['Observation', 'DiagnosticReport'],
  immunizations: ['Immunization'],
  documents: ['DocumentReference', 'Composition', 'Binary'],
  visits: ['Encounter'],
};

export const sharedKinds: readonly SharedKind[] = [
  'record',
  ...(Object.keys(typesOf) as (keyof typeof typesOf)[]),
];

/** What may be shared one at a time. */
export const sharedItems: readonly string[] = [
  'MedicationRequest',
  'DocumentReference',
  'Composition',
  'DiagnosticReport',
  'Immunization',
];

/** Type and id of `MedicationRequest/<uuid>`, when that is shared alone. */
export function itemOf(text: string): { type: string; rid: string } | undefined {
  const [type = '', rid = '', ...more] = text.split('/');
  return sharedItems.includes(type) && isUuid(rid) && more.length === 0 ? { type, rid } : undefined;
}

/** The grant classes of some kinds; who the patient is always belongs to it. */
export function classesOf(kinds: readonly SharedKind[], patient: string): string[] {
  if (kinds.includes('record')) return ['chart'];
  const types = kinds.flatMap((kind) => (kind === 'record' ? [] : typesOf[kind]));
  return [...new Set([`Patient/${patient}`, ...types])];
}

/** The kinds that made these classes, or the one thing. */
export function choiceOf(classes: readonly string[]): { kinds?: SharedKind[]; item?: string } {
  if (classes.includes('chart')) return { kinds: ['record'] };
  const item = classes.find((one) => itemOf(one));
  if (item) return { item };
  const kinds = (Object.keys(typesOf) as (keyof typeof typesOf)[]).filter((kind) =>
    typesOf[kind].every((type) => classes.includes(type)),
  );
  return { kinds };
}
