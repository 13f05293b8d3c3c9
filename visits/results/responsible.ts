/** Who answers for a result, who could answer instead, and whether somebody can answer at all. */
import { reachOf, systemCaller, type Caller } from '@afar/access';
import type { CareTeam, Encounter, Patient, PractitionerRole, ServiceRequest } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { isUuid } from '../scheduling/rule.ts';
import { idIn, type ResultResource } from './content.ts';

/** Holders looked at for somebody who can answer: a care team is no longer. */
const mostHolders = 40;

const practitionerIn = (reference: string | undefined): string | undefined => {
  const id = idIn(reference, 'Practitioner');
  return isUuid(id) ? id : undefined;
};

/** Who ordered, as a practitioner of ours. */
export async function requesterOf(
  house: House,
  caller: Caller,
  request: ServiceRequest,
): Promise<string | undefined> {
  const reference = request.requester?.reference;
  const role = idIn(reference, 'PractitionerRole');
  if (!isUuid(role)) return practitionerIn(reference);
  const found = await readIfSeen<PractitionerRole>(house, caller, 'PractitionerRole', role);
  return practitionerIn(found?.practitioner?.reference);
}

async function ofEncounter(
  house: House,
  caller: Caller,
  result: Pick<ResultResource, 'encounter'>,
): Promise<string | undefined> {
  const id = idIn(result.encounter?.reference, 'Encounter');
  if (!isUuid(id)) return undefined;
  const found = await readIfSeen<Encounter>(house, caller, 'Encounter', id);
  const people = found?.participant ?? [];
  const first = people.find((one) =>
    one.type?.some((type) => type.coding?.some((coding) => coding.code === 'PPRF')),
  );
  return [first, ...people].map((one) => practitionerIn(one?.individual?.reference)).find(Boolean);
}

async function ofLatestVisit(
  house: House,
  tenant: number,
  patient: string,
): Promise<string | undefined> {
  const { rows } = await house.db.query<{ clinician: string }>({
    name: 'visits.latest-clinician',
    text: `select clinician from visits.visit where tenant = $1 and patient = $2 and encounter is not null
      order by starts desc limit 1`,
    values: [tenant, patient],
  });
  return rows[0]?.clinician;
}

/**
 * The first there is of: whoever held the encounter it belongs to, the patient's own practitioner, the clinician of her latest
 * visit, a practitioner of her care team.
 */
export async function responsibleFor(
  house: House,
  caller: Caller,
  result: Pick<ResultResource, 'encounter'>,
  patient: string,
): Promise<string | undefined> {
  const encounter = await ofEncounter(house, caller, result);
  if (encounter) return encounter;
  const own = await readIfSeen<Patient>(house, caller, 'Patient', patient);
  const general = own?.generalPractitioner?.map((one) => practitionerIn(one.reference));
  const found = general?.find(Boolean) ?? (await ofLatestVisit(house, caller.tenant, patient));
  if (found) return found;
  const { entry = [] } = await house.records.search(caller, 'CareTeam', [
    ['patient', `Patient/${patient}`],
    ['status', 'active'],
    ['_count', '10'],
  ]);
  const teams = entry.flatMap(({ resource }) =>
    resource?.resourceType === 'CareTeam' ? [resource as CareTeam] : [],
  );
  return teams
    .flatMap((team) => team.participant ?? [])
    .map((one) => practitionerIn(one.member?.reference))
    .find(Boolean);
}

/** An account that may answer for results. */
export interface Answering {
  /** Practitioner id. */
  id: string;
  account: string;
  name: string;
}

/**
 * The practitioner's account, when she works here and the chart is open to her now; judged as she would be when she signs in.
 */
export async function canAnswer(
  house: House,
  tenant: number,
  practitioner: string,
  patient: string,
): Promise<Answering | undefined> {
  const { accounts } = house.access;
  const known = await accounts.byFhirUser(tenant, { type: 'Practitioner', id: practitioner });
  const account = known && (await accounts.get(tenant, known.id));
  if (account?.status !== 'active' || account.role !== 'practitioner') return undefined;
  const asShe: Caller = {
    ...systemCaller(tenant, house.clock, 'results'),
    ...reachOf(account, house.clock.now()),
    id: account.id,
    kind: 'user',
    role: account.role,
    ...(account.fhirUser && { fhirUser: account.fhirUser }),
    wildcard: false,
    purpose: 'TREAT',
  };
  const seen = await readIfSeen<Patient>(house, asShe, 'Patient', patient);
  return seen && { id: practitioner, account: account.id, name: account.personal.name };
}

/** Practitioners who hold the chart now and can sign in: whom a result can go to. */
export async function answeringFor(
  house: House,
  tenant: number,
  patient: string,
): Promise<Answering[]> {
  const caller = systemCaller(tenant, house.clock, 'results');
  const holders = await house.records.holders(caller, patient);
  const principals = [...new Set(holders.map((one) => one.principal))].slice(0, mostHolders);
  const found = await Promise.all(
    principals.filter((id) => id !== patient).map((id) => canAnswer(house, tenant, id, patient)),
  );
  return found.filter((one) => one !== undefined);
}

/** Who covers for a clinician at an instant. */
export async function coverOf(
  sql: Queryable,
  tenant: number,
  clinician: string,
  at: number,
): Promise<string | undefined> {
  const { rows } = await sql.query<{ cover: string }>({
    name: 'visits.cover-of',
    text: `select cover from visits.away where tenant = $1 and clinician = $2 and starts <= $3 and ends > $3`,
    values: [tenant, clinician, at],
  });
  return rows[0]?.cover;
}
