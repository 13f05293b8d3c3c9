/** A FHIR Consent as rules of the house: grants and denials, compiled without I/O [FHIR R4 consent.html]. */
import {
  Refusal,
  type Consent,
  type ConsentProvision,
  type OperationOutcomeIssue,
} from '@afar/fhir';
import type { Caller } from '../caller.ts';
import type { GrantRow } from '../grants.ts';
import { localTarget } from '../period.ts';
import { isFirm, type Label } from './labels.ts';
import { anything, termsOf, type Actor, type Fault, type Terms } from './provision.ts';

/** A row of records.deny before its label is a token. */
export interface Denial {
  /** undefined: everybody but the patient herself. */
  principal?: string;
  patient: string;
  label?: Label;
  type?: string;
  rid?: string;
  purpose?: string;
  /** ms since epoch, end exclusive. */
  starts: number;
  ends: number;
  /** Rows of one rule belong together. */
  rule: number;
  /** An exception: what the other rows of its rule do not shut. */
  spares: boolean;
  /** Stands in an emergency too. */
  firm: boolean;
}

export interface Compiled {
  grants: GrantRow[];
  denials: Denial[];
}

/** Rules of one Consent, exceptions included: every look at a chart may have to pass them all. */
const mostRows = 500;
/** Exceptions of exceptions. */
const deepest = 6;

const privacy = 'patient-privacy';
const scopeSystem = 'http://terminology.hl7.org/CodeSystem/consentscope';

/** True for a Consent that says who may see a record, and is in force. Others are kept and decide nothing. */
export function decides({ status, scope }: Consent): boolean {
  return (
    status === 'active' &&
    (scope?.coding ?? []).some(
      ({ system, code }) => code === privacy && (system === undefined || system === scopeSystem),
    )
  );
}

/** The RelatedPersons by whose names this caller may speak for a patient. */
export function speakersOf({ role, fhirUser, proxies = [] }: Caller, patient: string): string[] {
  if (role !== 'patient') return [];
  const own = fhirUser?.type === 'RelatedPerson' ? [fhirUser.id] : [];
  return [...own, ...proxies.flatMap((one) => (one.patient === patient ? one.related : []))];
}

/**
 * Whose word counts: the patient's, that of somebody who speaks for her, and the house's.
 * @param speaks whether one of the author's RelatedPersons holds the patient's chart by being her proxy
 */
export function consents(author: Caller, patient: string, speaks: boolean): boolean {
  if (author.wildcard) return true;
  const { type, id } = author.fhirUser ?? {};
  const self = author.role === 'patient' && type === 'Patient' && id === patient;
  return self || (speaks && speakersOf(author, patient).length > 0);
}

const policySystem = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** [FHIR R4 consent.html 6.2.6] What holds where no provision speaks: OPTOUT shuts, all else leaves things as they are. */
const optsOut = ({ policyRule }: Consent): boolean =>
  (policyRule?.coding ?? []).some(
    ({ system, code }) =>
      (system === undefined || system === policySystem) &&
      ['OPTOUT', 'OPTOUTE'].includes(code ?? ''),
  );

/** One row for each combination of what is named. */
function combined(terms: Terms): Omit<Denial, 'patient' | 'rule' | 'spares'>[] {
  const { actors, purposes, types, rows, labels, starts, ends } = terms;
  const things: { type?: string; rid?: string }[] = rows?.map(({ type, id }) => ({
    type,
    rid: id,
  })) ??
    types?.map((type) => ({ type })) ?? [{}];
  const all: Omit<Denial, 'patient' | 'rule' | 'spares'>[] = [];
  for (const actor of actors ?? [undefined])
    for (const purpose of purposes ?? [undefined])
      for (const label of labels ?? [undefined])
        for (const thing of things)
          all.push({
            ...(actor && { principal: actor.id }),
            ...(purpose && { purpose }),
            ...(label && { label }),
            ...thing,
            starts,
            ends,
            // One thing shut by name, and what is very restricted, stays shut whatever happens.
            firm: thing.rid !== undefined || (label !== undefined && isFirm(label)),
          });
  return all;
}

class Reading {
  readonly grants: GrantRow[] = [];
  readonly denials: Denial[] = [];
  readonly faults: Fault[] = [];
  readonly patient: string;
  readonly source: string;
  readonly author: Caller;
  readonly now: number;
  #rules = 0;

  constructor(patient: string, source: string, author: Caller, now: number) {
    this.patient = patient;
    this.source = source;
    this.author = author;
    this.now = now;
  }

  readonly told = (at: string, why: string): undefined => {
    this.faults.push({ at, why });
  };

  room(): boolean {
    if (this.grants.length + this.denials.length <= mostRows) return true;
    if (this.faults.length === 0)
      this.told('Consent.provision', `comes to more than ${mostRows} rules`);
    return false;
  }

  permit(it: ConsentProvision, at: string, around: Terms, depth: number): void {
    const terms = termsOf(it, at, around, this.told);
    const { actors, labels, rows, types } = terms;
    if (!actors?.length) this.told(`${at}.actor`, 'say who may see it');
    if (labels)
      this.told(`${at}.securityLabel`, 'a permit by label is not understood: deny the others');
    if (rows && types) this.told(`${at}.class`, 'name rows or types, not both');
    const classes = rows?.map(({ type, id }) => `${type}/${id}`) ?? types ?? ['chart'];
    for (const actor of actors ?? [])
      for (const cls of classes)
        for (const purpose of terms.purposes ?? [usualPurpose(actor)])
          if (this.room()) this.grant(actor, cls, purpose, terms);
    this.exceptions(it, at, terms, 'deny', depth);
  }

  grant(actor: Actor, cls: string, purpose: string, { starts, ends }: Terms): void {
    // What she may see of herself is not hers to give to herself.
    if (actor.id === this.patient || ends <= this.now) return;
    const { patient, source } = this;
    const row = { principal: actor.id, patient, class: cls, purpose, source, starts, ends };
    if (row.starts < row.ends) this.grants.push(row);
  }

  deny(it: ConsentProvision, at: string, around: Terms, depth: number): void {
    const terms = termsOf(it, at, around, this.told);
    if (terms.actors?.some(({ id }) => id === this.patient))
      this.told(`${at}.actor`, 'nobody is shut out of her own record');
    if (terms.actors?.length === 0) this.told(`${at}.actor`, 'names nobody');
    this.shut(terms, this.#nextRule(), it, at, depth);
  }

  shut(terms: Terms, rule: number, it: ConsentProvision, at: string, depth: number): void {
    this.rows(terms, rule, false);
    // Somebody who speaks for the patient does not shut out herself by shutting out everybody.
    const speakers = speakersOf(this.author, this.patient).map((id) => ({
      type: 'RelatedPerson',
      id,
    }));
    if (!terms.actors && speakers.length > 0)
      this.rows({ ...anything, actors: speakers }, rule, true);
    this.exceptions(it, at, terms, 'permit', depth, rule);
  }

  rows(terms: Terms, rule: number, spares: boolean): void {
    if (terms.ends <= this.now) return;
    const { patient } = this;
    for (const one of combined(terms))
      if (this.room()) this.denials.push({ ...one, patient, rule, spares });
  }

  #nextRule(): number {
    return ++this.#rules;
  }

  /** [FHIR R4 consent.html] Nested provisions are exceptions: they say the opposite of what they stand in. */
  exceptions(
    it: ConsentProvision,
    at: string,
    around: Terms,
    kind: 'permit' | 'deny',
    depth: number,
    rule = 0,
  ): void {
    for (const [n, one] of (it.provision ?? []).entries()) {
      const where = `${at}.provision[${n}]`;
      if (!this.room()) return;
      if (depth >= deepest) return this.told(where, 'too many exceptions of exceptions');
      if (one.type !== kind) this.told(`${where}.type`, `an exception to this says ${kind}`);
      else if (kind === 'deny') this.deny(one, where, around, depth + 1);
      else {
        // It takes nothing away by itself and gives nothing: who is spared needs a grant as before.
        const terms = termsOf(one, where, anything, this.told);
        this.rows(terms, rule, true);
        this.exceptions(one, where, terms, 'deny', depth + 1);
      }
    }
  }

  root(consent: Consent): void {
    const { provision } = consent;
    const at = 'Consent.provision';
    const out = optsOut(consent);
    if (!provision) {
      if (out) this.shut(anything, this.#nextRule(), {}, at, 0);
      return;
    }
    if (provision.type === 'permit') return this.permit(provision, at, anything, 0);
    if (provision.type === 'deny') return this.deny(provision, at, anything, 0);
    // [FHIR R4 consent.html] The root rule has no type of its own: the policy behind it has.
    const around = termsOf(provision, at, anything, this.told);
    if (out) return this.shut(around, this.#nextRule(), provision, at, 0);
    if (!provision.provision?.length) this.told(`${at}.type`, 'permit or deny');
    for (const [n, one] of (provision.provision ?? []).entries()) {
      const where = `${at}.provision[${n}]`;
      if (!this.room()) return;
      if (one.type === 'permit') this.permit(one, where, around, 1);
      else if (one.type === 'deny') this.deny(one, where, around, 1);
      else this.told(`${where}.type`, 'permit or deny');
    }
  }
}

/** Family sees in the patient's name; everybody else for her care, unless the Consent says what for. */
const usualPurpose = ({ type }: Actor): string =>
  type === 'RelatedPerson' || type === 'Patient' ? 'FAMRQT' : 'TREAT';

/**
 * The rules of this version of a Consent; they replace those of its earlier versions (same source). None when it is not in
 * force, or says nothing of privacy. Of two that differ the denial holds: a permit elsewhere is no exception to it.
 *
 * @param consent with its id, as it will be stored
 * @param author somebody whose word counts: see `consents`
 * @param now ms since epoch
 * @throws Refusal `business-rule` (422) with every element that cannot be followed: a consent is never quietly weaker
 */
export function compileConsent(consent: Consent, author: Caller, now: number): Compiled {
  const patient = localTarget(consent.patient);
  if (!decides(consent) || !consent.id || patient?.type !== 'Patient')
    return { grants: [], denials: [] };
  const reading = new Reading(patient.id, `Consent/${consent.id}`, author, now);
  if (consent.modifierExtension?.length)
    reading.told('Consent.modifierExtension', 'not understood');
  reading.root(consent);
  if (reading.faults.length > 0)
    throw new Refusal('business-rule', { issues: reading.faults.slice(0, 50).map(issueOf) });
  // [FHIR R4 Consent.verification] What was asked back and not confirmed shuts out, and lets nobody in.
  const told = consent.verification ?? [];
  const doubted = told.length > 0 && !told.some((one) => one.verified);
  return { grants: doubted ? [] : reading.grants, denials: reading.denials };
}

const issueOf = ({ at, why }: Fault): OperationOutcomeIssue => ({
  severity: 'error',
  code: 'business-rule',
  details: {
    coding: [{ system: 'urn:afar:refusal', code: 'business-rule' }],
    text: 'This consent cannot be followed as it is written',
  },
  diagnostics: `${at}: ${why}`,
  expression: [at],
});
