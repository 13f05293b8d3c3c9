/** Care relation: the grants a resource gives to the people it names, compiled without I/O. */
import type {
  Appointment,
  CareTeam,
  Encounter,
  Reference,
  RelatedPerson,
  Resource,
} from '@afar/fhir';
import type { Caller } from './caller.ts';
import { instant, localTarget, openEnd } from './period.ts';

export interface GrantRow {
  /** Uuid of a practitioner, role, organisation, team, patient or related person. */
  principal: string;
  patient: string;
  class: string;
  /** HL7 v3 PurposeOfUse. */
  purpose: string;
  /** `Appointment/<uuid>`: withdrawing one source does not drop another. */
  source: string;
  /** ms since epoch, end exclusive. */
  starts: number;
  ends: number;
  /**
   * Given by a holder's word, not by the patient or the house: as far as this one's own word reaches in turn, ms since
   * epoch. Handed down unchanged, so that no chain of holders reaches further than its first.
   */
  ceiling?: number;
}

export interface GrantOptions {
  /** How far the author's word reaches for a patient, ms since epoch; by default a month past what she holds. */
  reachOf?: HeldUntil;
  /** The resource is new to the house (no earlier version, no deleted one). */
  created?: boolean;
  /** How long care reaches on after an appointment or encounter, ms. */
  afterMs?: number;
}

/** When the author's longest live grant for a patient ends, ms since epoch; 0: she holds none. */
export type HeldUntil = (patient: string) => number;

const day = 86_400_000;
/** Follow-up questions, late results and the letter fall within a month of a visit. */
export const afterCare = 30 * day;
/** A holder's word is good for a year at most: then somebody who still has the patient's or the house's says it again. */
const longestWord = 365 * day;

interface Beneficiary {
  principal: string;
  starts?: number;
  ends?: number;
}

interface Relation {
  patients: string[];
  beneficiaries: Beneficiary[];
  ends: number;
}

const carers = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam']);

function idsOf(references: (Reference | undefined)[], of: (type: string) => boolean): string[] {
  const ids = references.map(localTarget).filter((one) => one !== undefined && of(one.type));
  return [...new Set(ids.map((one) => one!.id))];
}

const isCarer = (type: string): boolean => carers.has(type);
const isPatient = (type: string): boolean => type === 'Patient';

/** End of a grant's period: a date without a time lasts until its day is over, a bare month or year for its first day only. */
function lastInstant(value: string | undefined): number | undefined {
  const at = instant(value);
  return at === undefined || value!.includes('T') ? at : at + day;
}

function ofAppointment(it: Appointment, now: number, after: number): Relation | undefined {
  // [FHIR R4 valueset-appointmentstatus]: a proposal is not a relation yet, a cancellation ends it.
  if (!['booked', 'pending', 'arrived', 'checked-in', 'fulfilled'].includes(it.status ?? ''))
    return undefined;
  const actors = it.participant.filter((one) => one.status !== 'declined').map((one) => one.actor);
  return {
    patients: idsOf(actors, isPatient),
    beneficiaries: idsOf(actors, isCarer).map((principal) => ({ principal })),
    ends: (instant(it.end) ?? instant(it.start) ?? now) + after,
  };
}

const encounterOpen = ['planned', 'arrived', 'triaged', 'in-progress', 'onleave'];

function ofEncounter(it: Encounter, now: number, after: number): Relation | undefined {
  const open = encounterOpen.includes(it.status ?? '');
  if (!open && it.status !== 'finished') return undefined;
  const people = (it.participant ?? []).map((one) => one.individual);
  const end = instant(it.period?.end);
  return {
    patients: idsOf([it.subject], isPatient),
    beneficiaries: idsOf(people, isCarer).map((principal) => ({ principal })),
    // An encounter left open does not open a chart for ever: it reaches a month past its start or last change.
    ends: (end ?? Math.max(now, instant(it.period?.start) ?? now)) + after,
  };
}

function ofCareTeam(it: CareTeam): Relation | undefined {
  if (it.status !== 'active') return undefined;
  const beneficiaries = (it.participant ?? []).flatMap((one): Beneficiary[] => {
    const member = localTarget(one.member);
    if (!member || !isCarer(member.type)) return [];
    return [
      {
        principal: member.id,
        starts: instant(one.period?.start),
        ends: lastInstant(one.period?.end),
      },
    ];
  });
  return {
    patients: idsOf([it.subject], isPatient),
    beneficiaries,
    ends: lastInstant(it.period?.end) ?? openEnd,
  };
}

/**
 * What the author's word is worth for this patient: everything, everything but more time for herself, or nothing.
 * The patient and the house speak freely; a holder may share for a while, and may name herself for as long as she holds
 * the chart anyway. Nobody lets another in by role alone: whoever books for strangers could book them with an id of hers.
 */
function standing(author: Caller, holds: boolean, patient: string): 'free' | 'holder' | undefined {
  if (author.wildcard) return 'free';
  if (author.role === 'patient') {
    const { type: kind, id } = author.fhirUser ?? {};
    // A proxy speaks for a patient while she holds that patient's grant.
    const proxy =
      kind === 'RelatedPerson' || author.proxies?.some((one) => one.patient === patient) === true;
    return (kind === 'Patient' && id === patient) || (proxy && holds) ? 'free' : undefined;
  }
  return holds ? 'holder' : undefined;
}

function related(
  relation: Relation,
  source: string,
  author: Caller,
  heldUntil: HeldUntil,
  reachOf: HeldUntil,
  now: number,
): GrantRow[] {
  return relation.patients.flatMap((patient) => {
    const held = heldUntil(patient);
    const worth = standing(author, held > now, patient);
    if (!worth) return [];
    const reach = Math.min(reachOf(patient), now + longestWord);
    return relation.beneficiaries.flatMap((one): GrantRow[] => {
      const self = author.principals.includes(one.principal);
      const starts = Math.max(one.starts ?? now, now);
      const told = Math.min(one.ends ?? openEnd, relation.ends);
      // Nobody renews her own access: it ends when what let her in ends, whatever she writes; and what she holds
      // without end must not live on under her own name once it is withdrawn. Nor do two renew each other's: what one
      // passes on reaches a month past what the patient or the house gave, however often it is passed on.
      const own = self ? Math.min(held, now + afterCare) : openEnd;
      const ends = worth === 'holder' ? Math.min(told, reach, own) : told;
      if (ends <= starts) return [];
      return [
        {
          principal: one.principal,
          patient,
          class: 'chart',
          purpose: 'TREAT',
          source,
          starts,
          ends,
          ...(worth === 'holder' && { ceiling: reach }),
        },
      ];
    });
  });
}

function ofPatient(id: string, author: Caller, now: number, created: boolean): GrantRow[] {
  const source = `Patient/${id}`;
  const row = { patient: id, class: 'chart', source, starts: now };
  const own = { ...row, principal: id, purpose: 'PATRQT', ends: openEnd };
  // Whoever registers a new patient may see what she has just written, for the length of the first care.
  const registrar =
    created && author.role === 'practitioner' && author.fhirUser?.type === 'Practitioner'
      ? [{ ...row, principal: author.fhirUser.id, purpose: 'TREAT', ends: now + afterCare }]
      : [];
  return [own, ...registrar];
}

/** The patient whose proxy this makes by this author's word: the patient's own or the house's, not a clinician's. */
function proxied(resource: RelatedPerson, author: Caller): string | undefined {
  const patient = localTarget(resource.patient);
  return patient && standing(author, false, patient.id) === 'free' ? patient.id : undefined;
}

function ofRelatedPerson(it: RelatedPerson, now: number): Omit<GrantRow, 'source'>[] {
  const patient = localTarget(it.patient);
  if (!patient || !it.id || it.active === false) return [];
  const starts = Math.max(instant(it.period?.start) ?? now, now);
  const ends = lastInstant(it.period?.end) ?? openEnd;
  const row = { principal: it.id, patient: patient.id, class: 'chart', purpose: 'FAMRQT' };
  return ends > starts ? [{ ...row, starts, ends }] : [];
}

/**
 * True when an update leaves the grants of its source as they are: somebody who could not have made this person a
 * proxy corrects her telephone number. One who says that the relation is over, or moves it to another patient, ends them.
 */
export function keepsGrants(
  before: Resource | undefined,
  after: Resource,
  author: Caller,
  now: number,
): boolean {
  if (before?.resourceType !== 'RelatedPerson' || after.resourceType !== 'RelatedPerson')
    return false;
  const patient = localTarget(after.patient)?.id;
  return (
    patient !== undefined &&
    localTarget(before.patient)?.id === patient &&
    proxied(after, author) === undefined &&
    ofRelatedPerson(after, now).length > 0
  );
}

/**
 * The grants this version of a resource gives; they replace what its earlier version gave (same source).
 *
 * A source grants only if its author is the patient, the house (wildcard), or already holds a grant, and then
 * never more time to herself, and to others no more than a month past what the patient or the house gave: a clinician
 * cannot write herself into a chart, nor stay in one, alone or with others. `Patient` rows must
 * survive updates: with `created` false the registrar's row is not compiled again, so keep rows of the
 * source `Patient/<id>` on update.
 *
 * @param resource with its id, as it will be stored
 * @param heldUntil until when the author held a live grant for the patient before this write
 * @param now ms since epoch
 */
export function compileGrants(
  resource: Resource,
  author: Caller,
  heldUntil: HeldUntil,
  now: number,
  {
    created = false,
    afterMs = afterCare,
    reachOf = (patient) => heldUntil(patient) + afterCare,
  }: GrantOptions = {},
): GrantRow[] {
  const id = resource.id;
  if (!id) return [];
  const source = `${resource.resourceType}/${id}`;
  const grants = (relation: Relation | undefined): GrantRow[] =>
    relation ? related(relation, source, author, heldUntil, reachOf, now) : [];
  switch (resource.resourceType) {
    case 'Patient':
      return ofPatient(id, author, now, created);
    case 'Appointment':
      return grants(ofAppointment(resource, now, afterMs));
    case 'Encounter':
      return grants(ofEncounter(resource, now, afterMs));
    case 'CareTeam':
      return grants(ofCareTeam(resource));
    case 'RelatedPerson':
      return proxied(resource, author) === undefined
        ? []
        : ofRelatedPerson(resource, now).map((row) => ({ ...row, source }));
    default:
      return [];
  }
}
