/** Kinds of data as a patient names them, and the types of resources behind them. */

export const kinds = {
  results: ['Observation', 'DiagnosticReport'],
  conditions: ['Condition'],
  medicines: [
    'MedicationRequest',
    'MedicationStatement',
    'MedicationDispense',
    'MedicationAdministration',
  ],
  allergies: ['AllergyIntolerance'],
  visits: ['Encounter', 'Appointment', 'Composition', 'QuestionnaireResponse'],
  vaccines: ['Immunization'],
  images: ['ImagingStudy', 'Media'],
  documents: ['DocumentReference'],
} as const satisfies Record<string, readonly string[]>;

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as Kind[];

/** The kinds some types stand for, and the types that stand for none. Who she is comes with every part of a record. */
export function kindsOf(types: readonly string[]): { kinds: Kind[]; others: string[] } {
  const found = kindNames.filter((kind) => kinds[kind].some((type) => types.includes(type)));
  const known = new Set<string>(['Patient', ...found.flatMap((kind) => kinds[kind])]);
  return { kinds: found, others: types.filter((type) => !known.has(type)) };
}
