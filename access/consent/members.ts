/** Whom a PractitionerRole or a CareTeam makes a member of what, compiled without I/O. */
import type { CareTeam, PractitionerRole, Resource } from '@afar/fhir';
import type { Caller } from '../caller.ts';
import { instant, lastInstant, localTarget, openEnd } from '../period.ts';

export interface MemberRow {
  person: string;
  /** What a grant or a denial may name. */
  principal: string;
  /** ms since epoch, end exclusive. */
  starts: number;
  ends: number;
}

/** Types whose versions make members. */
export const makesMembers = (type: string): boolean =>
  type === 'PractitionerRole' || type === 'CareTeam';

const memberTypes = new Set(['Practitioner', 'PractitionerRole', 'Organization']);

function ofRole(id: string, it: PractitionerRole): MemberRow[] {
  const person = localTarget(it.practitioner);
  if (it.active === false || person?.type !== 'Practitioner') return [];
  const starts = instant(it.period?.start) ?? 0;
  const ends = lastInstant(it.period?.end) ?? openEnd;
  const house = localTarget(it.organization);
  return [id, ...(house?.type === 'Organization' ? [house.id] : [])].map((principal) => ({
    person: person.id,
    principal,
    starts,
    ends,
  }));
}

function ofTeam(id: string, it: CareTeam): MemberRow[] {
  if (it.status !== 'active') return [];
  return (it.participant ?? []).flatMap(({ member, period }) => {
    const one = localTarget(member);
    if (!one || !memberTypes.has(one.type)) return [];
    const starts = instant(period?.start ?? it.period?.start) ?? 0;
    const ends = lastInstant(period?.end) ?? lastInstant(it.period?.end) ?? openEnd;
    return [{ person: one.id, principal: id, starts, ends }];
  });
}

const unique = (rows: MemberRow[]): MemberRow[] => [
  ...new Map(rows.map((row) => [`${row.person} ${row.principal}`, row])).values(),
];

/**
 * The members this version makes. `stay`: its author may not make new ones; who was one before and is named still, stays.
 * A holder of one chart must not enter a team that other patients have let in: only the patient and the house do that.
 *
 * @param resource with its id, as it will be stored
 */
export function compileMembers(
  resource: Resource,
  author: Caller,
): { rows: MemberRow[]; stay: boolean } {
  const { id } = resource;
  if (!id) return { rows: [], stay: false };
  if (resource.resourceType === 'PractitionerRole')
    return { rows: unique(ofRole(id, resource)), stay: false };
  if (resource.resourceType !== 'CareTeam') return { rows: [], stay: false };
  const patient = localTarget(resource.subject);
  const { type, id: self } = author.fhirUser ?? {};
  const free =
    author.wildcard ||
    (author.role === 'patient' &&
      type === 'Patient' &&
      patient !== undefined &&
      self === patient.id);
  return { rows: unique(ofTeam(id, resource)), stay: !free };
}
