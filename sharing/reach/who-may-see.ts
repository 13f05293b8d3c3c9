/** Who may see one's record: live grants, with names, in the patient's words. */
import { systemCaller, type Caller } from '@afar/access';
import type { HumanName, Resource } from '@afar/fhir';
import type { Holder } from '@afar/records';
import type { SharingDeps } from '../create-sharing.ts';
import { plainName } from '../break-glass/find-patient.ts';
import type { Reach, ReachReason, ReachRow } from './contract.ts';

/** What a principal may be. */
const kinds = [
  'Practitioner',
  'Organization',
  'CareTeam',
  'PractitionerRole',
  'RelatedPerson',
  'Device',
] as const;

/** 2200-01-01: nobody means a year after it. */
const noEnd = 7_258_118_400_000;

const reasons: Record<string, ReachReason> = {
  Appointment: 'visit',
  Encounter: 'visit',
  CareTeam: 'team',
  Patient: 'registration',
  RelatedPerson: 'family',
  Consent: 'consent',
  BreakGlass: 'emergency',
  Link: 'link',
};

const reasonOf = (source: string): ReachReason => reasons[source.split('/')[0]!] ?? 'other';

interface Named {
  reference: string;
  name: string;
}

function nameOf(resource: Resource & { name?: unknown }): string {
  if (resource.resourceType === 'PractitionerRole')
    return resource.practitioner?.display ?? resource.code?.[0]?.text ?? '';
  if (typeof resource.name === 'string') return resource.name;
  return Array.isArray(resource.name) && resource.resourceType !== 'Device'
    ? plainName(resource.name as HumanName[])
    : '';
}

async function namesOf(
  { records, clock }: SharingDeps,
  tenant: number,
  principals: readonly string[],
): Promise<Map<string, Named>> {
  const house = systemCaller(tenant, clock, 'reach');
  const named = new Map<string, Named>();
  const ids = [...new Set(principals)];
  for (let from = 0; from < ids.length; from += 100) {
    const some = ids.slice(from, from + 100);
    const found = await Promise.all(
      kinds.map((type) =>
        records.search(house, type, [
          ['_id', some.join()],
          ['_count', '100'],
        ]),
      ),
    );
    for (const { resource } of found.flatMap((bundle) => bundle.entry ?? []))
      if (resource?.id && resource.resourceType !== 'OperationOutcome')
        named.set(resource.id, {
          reference: `${resource.resourceType}/${resource.id}`,
          name: nameOf(resource as Resource),
        });
  }
  return named;
}

/** Grants of one principal for one reason are one line: parts together, the longest end. */
function lineOf(holders: Holder[], named: Named | undefined, now: number): ReachRow {
  const { source, purpose } = holders[0]!;
  const reason = reasonOf(source);
  const whole = holders.some((one) => one.class === 'chart');
  const single = holders.filter((one) => one.class.includes('/')).length;
  const types = [...new Set(holders.map((one) => one.class).filter((one) => !one.includes('/')))];
  const ends = Math.max(...holders.map((one) => one.ends));
  const starts = Math.min(...holders.map((one) => one.starts));
  return {
    ...(named && { reference: named.reference }),
    name: named?.name ?? '',
    reason,
    ...(reason === 'consent' && { consent: source.slice('Consent/'.length) }),
    ...(!whole && types.length > 0 && { types }),
    ...(!whole && single > 0 && { single }),
    purpose,
    ...(starts > now && { starts: new Date(starts).toISOString() }),
    ...(ends < noEnd && { ends: new Date(ends).toISOString() }),
  };
}

/**
 * Newest reasons for one person stand for the older of the same kind: ten visits are one line.
 * @throws Refusal `forbidden` for anybody but the patient and who speaks for her
 */
export async function whoMaySee(
  deps: SharingDeps,
  caller: Caller,
  patient: string,
): Promise<Reach> {
  const holders = (await deps.records.holders(caller, patient)).filter(
    // That she sees her own record is no news to her.
    (one) => one.principal !== patient,
  );
  const names = await namesOf(
    deps,
    caller.tenant,
    holders.map((one) => one.principal),
  );
  const lines = new Map<string, Holder[]>();
  for (const one of holders) {
    const reason = reasonOf(one.source);
    // Each consent is withdrawn by itself.
    const key = [one.principal, reason, one.purpose, reason === 'consent' ? one.source : ''].join();
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  return {
    rows: [...lines.values()]
      .map((of) => lineOf(of, names.get(of[0]!.principal), caller.at))
      .toSorted((one, other) => one.name.localeCompare(other.name)),
  };
}
