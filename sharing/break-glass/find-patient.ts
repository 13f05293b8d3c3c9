/** Finds the person in front of somebody in an emergency, and tells as little of her as tells two people apart. */
import { randomUUID } from 'node:crypto';
import { systemCaller, type Caller } from '@afar/access';
import { Refusal, type HumanName, type Patient } from '@afar/fhir';
import type { SharingDeps } from '../create-sharing.ts';
import type { EmergencyFind, EmergencyFound } from './contract.ts';
import { countSearch } from './store.ts';

/** A person who is looked for is found within a few tries; a list of patients takes more. */
const mostSearches = 30;
const searchesWithin = 10 * 60_000;
const mostFound = 5;

export function plainName(names: readonly HumanName[] | undefined): string {
  const name = names?.find((one) => one.use === 'official') ?? names?.[0];
  return name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
}

/**
 * By an identifier exactly, or by name together with the whole date of birth: nobody browses.
 * @returns the patients and their rids, for the trail
 * @throws Refusal `invalid`, `throttled`
 */
export async function findPatient(
  { clock, db, records }: SharingDeps,
  caller: Caller,
  { identifier, name, birthDate }: EmergencyFind,
): Promise<EmergencyFound> {
  if (!identifier && !(name && birthDate))
    throw new Refusal('invalid', {
      diagnostics: 'an identifier, or name and date of birth',
      expression: ['identifier'],
    });
  const over = await countSearch(db, caller.tenant, caller.id, {
    id: randomUUID(),
    now: caller.at,
    most: mostSearches,
    within: searchesWithin,
  });
  if (over) throw new Refusal('throttled', { headers: { 'retry-after': '60' } });
  const house = systemCaller(caller.tenant, clock, 'emergency-find');
  // A comma in a value would ask for either side of it [FHIR R4 search.html#escaping].
  const exactly = (value: string): string => value.replace(/[\\,$]/g, '\\$&');
  const bundle = await records.search(house, 'Patient', [
    ...(identifier
      ? ([['identifier', exactly(identifier)]] as [string, string][])
      : ([
          ['name', exactly(name!)],
          ['birthdate', birthDate!],
        ] as [string, string][])),
    ['_count', String(mostFound + 1)],
  ]);
  const found = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Patient' ? [resource as Patient] : [],
  );
  return {
    patients: found.slice(0, mostFound).map((one) => ({
      id: one.id!,
      name: plainName(one.name),
      ...(one.birthDate && { birthYear: Number(one.birthDate.slice(0, 4)) }),
      ...(one.gender && { sex: one.gender }),
    })),
    more: found.length > mostFound,
  };
}
