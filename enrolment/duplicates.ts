/** Is somebody with this name, birth date and sex known already? Asked as the house, told to the front desk alone. */
import type { Bundle, HumanName, Patient } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { PersonInput } from './contract.ts';

/** More of the same name and birth date than this are no help to anybody. */
const most = 10;

/** Letters alone, without accents and case: `Núñez-Óscar` is `nunezoscar`. */
export const foldName = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** One family name, and one given name in common: middle names come and go. */
export function sameName(
  person: Pick<PersonInput, 'given' | 'family'>,
  names: readonly HumanName[],
): boolean {
  const family = foldName(person.family);
  const given = person.given.split(' ').map(foldName);
  return names.some(
    (name) =>
      foldName(name.family ?? '') === family &&
      (name.given ?? [])
        .flatMap((one) => one.split(' '))
        .some((one) => given.includes(foldName(one))),
  );
}

/** Charts that may be the same person's, none of `but`. @param tx of the house */
export async function chartsLike(
  tx: Pick<RecordTx, 'search'>,
  person: PersonInput,
  but: readonly string[],
): Promise<string[]> {
  const bundle: Bundle = await tx.search('Patient', [
    ['birthdate', person.birthDate],
    ['family', person.family],
    ['_count', '50'],
  ]);
  return (
    (bundle.entry ?? [])
      .map(({ resource }) => resource)
      .filter((one): one is Patient => one?.resourceType === 'Patient' && one.active !== false)
      .filter((one) => !but.includes(one.id!) && sameName(person, one.name ?? []))
      // Who did not say may be either.
      .filter(
        ({ gender }) =>
          !gender || person.sex === 'unknown' || gender === 'unknown' || gender === person.sex,
      )
      .map((one) => one.id!)
      .slice(0, most)
  );
}
