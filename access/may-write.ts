/** What a write may say: rules on content that a role's verb alone does not settle, and granular scopes. */
import { isDeepStrictEqual } from 'node:util';
import { index, Refusal, type Appointment, type Reference, type Resource } from '@afar/fhir';
import type { Caller } from './caller.ts';
import { contentFor } from './may.ts';
import type { Content } from './policy.ts';
import { scopesFor } from './scopes.ts';
import { unsignedFault } from './unsigned.ts';
import type { Verb } from './verbs.ts';

function matches(resource: Resource, params: Content): boolean {
  if (params.length === 0) return true;
  const { tokens } = index(resource);
  return params.every(([param, wanted]) =>
    // `code`, `system|code`, `system|`; a comma means any of them [FHIR R4 search.html#token].
    wanted.split(',').some((one) => {
      const bar = one.indexOf('|');
      const system = bar < 0 ? undefined : one.slice(0, bar);
      const code = bar < 0 ? one : one.slice(bar + 1);
      return tokens.some(
        (token) =>
          token.param === param &&
          (system === undefined || (token.system ?? '') === system) &&
          (code === '' ? system !== undefined && system !== '' : token.code === code),
      );
    }),
  );
}

/**
 * What the role's rules and the token's granular scopes say of the content, asked after decryption on every way out
 * (read, vread, history, search, include) and on both sides of a write.
 */
export function scopeAllows(caller: Caller, verb: Verb, resource: Resource): boolean {
  const type = resource.resourceType;
  const content = contentFor(caller, type);
  if (content && !matches(resource, content)) return false;
  if (caller.scopes === undefined) return true;
  return scopesFor(caller.scopes, verb, type).some(({ params }) => matches(resource, params));
}

const refuse = (diagnostics: string, expression?: string): Refusal =>
  new Refusal('forbidden', { diagnostics, ...(expression && { expression: [expression] }) });

const labels = (resource: Resource | undefined): string[] =>
  (resource?.meta?.security ?? []).map((one) => `${one.system ?? ''}|${one.code ?? ''}`);

const tags = (resource: Resource | undefined): string =>
  JSON.stringify([resource?.meta?.security ?? [], resource?.meta?.tag ?? []]);

const is = (reference: Reference | undefined, literal: string): boolean =>
  reference?.reference === literal;

/** Who wrote it must be the patient herself; undefined lists are hers by default. */
function foreignAuthor(resource: Resource, selves: readonly string[]): string | undefined {
  const own = (reference: Reference | undefined) => selves.some((self) => is(reference, self));
  switch (resource.resourceType) {
    case 'Observation':
      return resource.performer?.some((one) => !own(one)) ? 'performer' : undefined;
    case 'QuestionnaireResponse':
      if (resource.author && !own(resource.author)) return 'author';
      return resource.source && !own(resource.source) ? 'source' : undefined;
    case 'Communication':
      return own(resource.sender) ? undefined : 'sender';
    case 'Consent':
      return resource.performer?.some((one) => !own(one)) ? 'performer' : undefined;
    default:
      return undefined;
  }
}

/** Whose record a resource says it is; the types a patient may write, no others. */
function subjects(resource: Resource): (Reference | undefined)[] {
  switch (resource.resourceType) {
    case 'Observation':
    case 'QuestionnaireResponse':
    case 'Communication':
      return [resource.subject];
    case 'Consent':
      return [resource.patient];
    case 'Appointment':
      return resource.participant
        .map((one) => one.actor)
        .filter((actor) => actor?.reference?.startsWith('Patient/'));
    default:
      return [];
  }
}

/**
 * Whatever takes the clinic's time, or tells what became of it. A patient proposes and cancels; her bookings are made by the
 * house, of times that are offered.
 */
const clinicSays: ReadonlySet<string | undefined> = new Set([
  'pending',
  'booked',
  'arrived',
  'checked-in',
  'fulfilled',
  'noshow',
]);

/** What of an appointment must stay as it is while the clinic counts on it. */
function planOf({ status, start, end, slot, participant }: Appointment): string {
  return JSON.stringify([status, start, end, slot, participant.map((one) => one.actor?.reference)]);
}

function byPatient(
  caller: Caller,
  before: Resource | undefined,
  after: Resource,
): Refusal | undefined {
  const { fhirUser } = caller;
  if (!fhirUser) return refuse('this account has no record of its own');
  const self = `${fhirUser.type}/${fhirUser.id}`;
  // Whoever acts for a dependant writes as herself, or as the RelatedPerson she is to that patient.
  const proxies = caller.proxies ?? [];
  const selves = [self, ...proxies.map(({ related }) => `RelatedPerson/${related}`)];
  const charts = [self, ...proxies.map(({ patient }) => `Patient/${patient}`)];
  const type = after.resourceType;
  if (tags(before) !== tags(after)) return refuse('labels are not set by patients', `${type}.meta`);
  const named = subjects(after);
  if (named.length === 0) return refuse('say whose record it is', type);
  // A proxy's own reach is a matter of grants, which `records` asks for each named patient.
  if (fhirUser.type === 'Patient' && named.some((one) => !charts.some((own) => is(one, own))))
    return refuse('only in your own record', type);
  const author = foreignAuthor(after, selves);
  if (author) return refuse('only in your own name', `${type}.${author}`);
  if (before && foreignAuthor(before, selves)) return refuse('another wrote this');
  if (type === 'Appointment' && clinicSays.has(after.status))
    if (before?.resourceType !== 'Appointment' || planOf(before) !== planOf(after))
      return refuse('the clinic says so, not the patient', 'Appointment.status');
  return undefined;
}

// What is measured at the bedside; results of others' procedures are not a nurse's to write.
const notByNurses = ['laboratory', 'imaging', 'procedure', 'therapy'];

function byNurse(before: Resource | undefined, after: Resource): Refusal | undefined {
  const foreign = [before, after].some(
    (one) =>
      one?.resourceType === 'Observation' &&
      one.category?.some((category) =>
        category.coding?.some((coding) => notByNurses.includes(coding.code ?? '')),
      ),
  );
  return foreign ? refuse('not an observation of nursing', 'Observation.category') : undefined;
}

/** What somebody has signed is not rewritten, not even by her: an addendum stands beside it [FHIR R4 composition.html, attester]. */
function isSigned(resource: Resource | undefined): boolean {
  return (
    resource?.resourceType === 'Composition' &&
    resource.status === 'final' &&
    Boolean(resource.attester?.length)
  );
}

/** A signature in another's name: nobody attests but for herself; what others attested before may stay. */
function isForged(caller: Caller, before: Resource | undefined, after: Resource): boolean {
  if (after.resourceType !== 'Composition') return false;
  const { type, id } = caller.fhirUser ?? {};
  const kept = before?.resourceType === 'Composition' ? (before.attester ?? []) : [];
  const known = new Set(kept.map((one) => JSON.stringify(one)));
  return (after.attester ?? []).some(
    (one) => !is(one.party, `${type}/${id}`) && !known.has(JSON.stringify(one)),
  );
}

/** Orders and signed papers: worth what the licence of whoever writes them is worth. */
const licensedTypes: ReadonlySet<string> = new Set([
  'MedicationRequest',
  'ServiceRequest',
  'DeviceRequest',
  'NutritionOrder',
  'VisionPrescription',
  'Composition',
  'DiagnosticReport',
]);

/** Taking back what one ordered needs no licence. */
const over: ReadonlySet<string | undefined> = new Set([
  'cancelled',
  'completed',
  'entered-in-error',
  'on-hold',
  'revoked',
  'stopped',
]);

/** [FHIR R4 valueset-appointmentstatus, valueset-encounter-status] */
const toBeHeld: ReadonlySet<string | undefined> = new Set([
  'pending',
  'booked',
  'arrived',
  'checked-in',
  'planned',
  'triaged',
  'in-progress',
]);

/** What may stand beside a status that takes something back. */
const besideStatus = new Set(['meta', 'note', 'status', 'statusReason', 'text']);

/** Nothing of it is said anew: an order that ends is the order that was given. */
function isTakenBack(before: Resource | undefined, after: Resource): boolean {
  if (!before || !over.has((after as { status?: string }).status)) return false;
  const [was, is] = [before, after].map(
    (one) => new Map(Object.entries(one).filter(([name]) => !besideStatus.has(name))),
  );
  return (
    was!.size === is!.size &&
    [...is!].every(([name, value]) => isDeepStrictEqual(value, was!.get(name)))
  );
}

/** A visit of hers that is still to be held, or under way: when, and how far it has come. */
function visitOf({ fhirUser }: Caller, it: Resource | undefined): string | undefined {
  const self = `${fhirUser?.type}/${fhirUser?.id}`;
  if (it?.resourceType === 'Appointment' && toBeHeld.has(it.status))
    return it.participant.some(({ actor }) => is(actor, self)) ? planOf(it) : undefined;
  if (it?.resourceType === 'Encounter' && toBeHeld.has(it.status))
    return it.participant?.some(({ individual }) => is(individual, self)) ? it.status : undefined;
  return undefined;
}

function isUnlicensed(caller: Caller, before: Resource | undefined, after: Resource): boolean {
  const { licence, at } = caller;
  if (!licence || licence.until > at) return false;
  if (licensedTypes.has(after.resourceType)) return !isTakenBack(before, after);
  const visit = visitOf(caller, after);
  return visit !== undefined && visit !== visitOf(caller, before);
}

/** Who keeps what in the directory: verified licences stand there by the word of the house. */
const licenceSystem = 'urn:afar:licence';

const licencesIn = (resource: Resource | undefined): string =>
  resource?.resourceType === 'Practitioner'
    ? JSON.stringify(
        (resource.qualification ?? []).filter((one) =>
          one.identifier?.some(({ system }) => system === licenceSystem),
        ),
      )
    : '[]';

/**
 * Asked by `records` before every create and update (patch included), after `may`.
 * @param before the stored version; undefined on create
 * @param after the version to be written
 * @returns the refusal to throw, or undefined when the write may go on
 */
export function mayWrite(
  caller: Caller,
  before: Resource | undefined,
  after: Resource,
): Refusal | undefined {
  const verb = before ? 'update' : 'create';
  if (!scopeAllows(caller, verb, after) || (before && !scopeAllows(caller, verb, before)))
    return refuse('outside what this role or token reaches');
  if (caller.wildcard) return undefined;
  if (isUnlicensed(caller, before, after))
    return new Refusal('licence-required', { diagnostics: 'no verified licence in force' });
  if (licencesIn(before) !== licencesIn(after))
    return refuse('the house writes verified licences', 'Practitioner.qualification');
  if (isSigned(before)) return refuse('a signed note is not changed', 'Composition');
  if (isForged(caller, before, after))
    return refuse('only in your own name', 'Composition.attester');
  // Taking a label off would show a sensitive resource to those it was hidden from.
  const kept = labels(after);
  if (before && labels(before).some((one) => !kept.includes(one)))
    return refuse('a security label is not taken off', `${after.resourceType}.meta.security`);
  if (caller.role === 'patient') return byPatient(caller, before, after);
  if (caller.role === 'nurse') return byNurse(before, after);
  const faulty =
    caller.role === 'trainee' || caller.role === 'resident'
      ? unsignedFault(caller, before, after)
      : undefined;
  return faulty && refuse(...faulty);
}
