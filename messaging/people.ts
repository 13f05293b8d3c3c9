/** Names as a thread shows them: of staff to everybody, of patients to whoever may read them; never kept. */
import { systemCaller, type Caller } from '@afar/access';
import type { HumanName, Patient, Practitioner, RelatedPerson } from '@afar/fhir';
import type { House } from './house.ts';

/** [FHIR R4 datatypes.html#HumanName] */
function nameOf(names: readonly HumanName[] | undefined): string {
  const name = names?.find((one) => one.use === 'official') ?? names?.[0];
  const parts = [...(name?.prefix ?? []), ...(name?.given ?? []), name?.family];
  return name?.text ?? parts.filter(Boolean).join(' ');
}

type Named = Patient | Practitioner | RelatedPerson;

async function search(
  house: House,
  caller: Caller,
  type: Named['resourceType'],
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const found = await house.records.search(caller, type, [
    ['_id', ids.join(',')],
    ['_count', String(ids.length)],
  ]);
  return new Map(
    (found.entry ?? []).flatMap(({ resource }): [string, string][] => {
      const one = resource as Named | undefined;
      return one?.id ? [[one.id, nameOf(one.name)]] : [];
    }),
  );
}

/** Names by `Type/id` of what a caller may see; a clinician's also by her directory, which everybody in care may. */
export async function namesOf(
  house: House,
  caller: Caller,
  references: Iterable<string | undefined>,
): Promise<Map<string, string>> {
  const all = [...new Set(references)].filter((one) => one !== undefined);
  const of = (type: string): string[] =>
    all.filter((one) => one.startsWith(`${type}/`)).map((one) => one.slice(type.length + 1));
  const directory = systemCaller(caller.tenant, house.clock, 'messages');
  const found = await Promise.all([
    search(house, caller, 'Patient', of('Patient')),
    search(house, directory, 'Practitioner', of('Practitioner')),
    search(house, caller, 'RelatedPerson', of('RelatedPerson')),
  ]);
  const types = ['Patient', 'Practitioner', 'RelatedPerson'];
  return new Map(
    found.flatMap((names, at) => [...names].map(([id, name]) => [`${types[at]}/${id}`, name])),
  );
}

/** Names of members of staff, by account. */
export async function staffNames(
  house: House,
  tenant: number,
  accounts: readonly string[],
): Promise<Map<string, string>> {
  const found = await house.access.accounts.names(tenant, [...new Set(accounts)]);
  return new Map(
    found.flatMap(({ id, role, personal }): [string, string][] =>
      role === 'patient' ? [] : [[id, personal.name]],
    ),
  );
}
