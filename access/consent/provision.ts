/** What one provision of a Consent says, read strictly: what it cannot mean here is a fault, never passed over. */
import { resourceClass, type ConsentProvision, type Reference } from '@afar/fhir';
import { instant, lastInstant, localTarget, openEnd } from '../period.ts';
import { covered, type Label } from './labels.ts';
import { emergencies, isPurpose } from './purposes.ts';

export interface Actor {
  type: string;
  id: string;
}

/** Each list: undefined = whatever; the provision's own, or what it stands in says. */
export interface Terms {
  actors?: Actor[];
  purposes?: string[];
  types?: string[];
  /** Rows, `Type/rid`. */
  rows?: Actor[];
  labels?: Label[];
  starts: number;
  ends: number;
}

export interface Fault {
  /** FHIRPath of the element. */
  at: string;
  why: string;
}

export const anything: Terms = { starts: 0, ends: openEnd };

const resourceTypes = new Set([
  'http://hl7.org/fhir/resource-types',
  'http://hl7.org/fhir/fhir-types',
  undefined,
]);
const purposeSystems = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://terminology.hl7.org/ValueSet/v3-PurposeOfUse',
  undefined,
]);

/** Who can be named: people, what they act as, and what they belong to. */
const actorTypes = new Set([
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'CareTeam',
  'RelatedPerson',
  'Patient',
  'Device',
]);

/** To see data is the only act a rule here decides; a permit to see lets nobody write. */
const seeing = new Set(['access', 'use', 'disclose', 'collect']);

export type Told = (at: string, why: string) => undefined;

function actorsOf(it: ConsentProvision, at: string, told: Told): Actor[] | undefined {
  return it.actor?.flatMap(({ reference }, n) => {
    const found = localTarget(reference as Reference | undefined);
    const where = `${at}.actor[${n}].reference`;
    if (!found) return told(where, 'names nobody of this clinic') ?? [];
    if (!actorTypes.has(found.type))
      return told(where, `${found.type} cannot be let in or shut out`) ?? [];
    return [found];
  });
}

function purposesOf(it: ConsentProvision, at: string, told: Told): string[] | undefined {
  return it.purpose?.flatMap(({ system, code = '' }, n) => {
    const where = `${at}.purpose[${n}]`;
    if (!purposeSystems.has(system) || !isPurpose(code))
      return told(where, 'not a purpose of use that is known here') ?? [];
    if (emergencies.has(code))
      return (
        told(where, 'an emergency is not settled by consent: what must stay shut is labelled V') ??
        []
      );
    return [code];
  });
}

function typesOf(it: ConsentProvision, at: string, told: Told): string[] | undefined {
  return it.class?.flatMap(({ system, code = '' }, n) => {
    if (resourceTypes.has(system) && resourceClass[code] === 'patient') return [code];
    return told(`${at}.class[${n}]`, 'not a type of resource that is in a chart') ?? [];
  });
}

function rowsOf(it: ConsentProvision, at: string, told: Told): Actor[] | undefined {
  return it.data?.flatMap(({ meaning, reference }, n) => {
    const where = `${at}.data[${n}]`;
    const found = localTarget(reference as Reference | undefined);
    if (meaning !== 'instance')
      return told(`${where}.meaning`, 'only instance is told apart') ?? [];
    if (!found || resourceClass[found.type] !== 'patient')
      return told(`${where}.reference`, 'names nothing in a chart') ?? [];
    return [found];
  });
}

function labelsOf(it: ConsentProvision, at: string, told: Told): Label[] | undefined {
  const named = it.securityLabel?.flatMap(({ system, code }, n): Label[] => {
    if (!code) return told(`${at}.securityLabel[${n}]`, 'a code is needed') ?? [];
    return covered({ system: system ?? '', code });
  });
  const known = new Map(named?.map((one) => [`${one.system}|${one.code}`, one]));
  return named && [...known.values()];
}

/** Elements that narrow a provision in a way no rule here can follow. */
function unreadable(it: ConsentProvision, at: string, told: Told): void {
  if (it.code?.length) told(`${at}.code`, 'kinds of content are told apart by type and label only');
  if (it.dataPeriod) told(`${at}.dataPeriod`, 'data are not told apart by their date');
  if (it.modifierExtension?.length) told(`${at}.modifierExtension`, 'not understood');
  const acts = it.action?.flatMap((one) => one.coding?.map(({ code }) => code ?? '') ?? ['']);
  if (acts && !acts.some((one) => seeing.has(one)))
    told(`${at}.action`, 'only who may see data is decided here');
  if (it.type === 'deny' && acts && !['access', 'use'].some((one) => acts.includes(one)))
    told(`${at}.action`, 'a denial of less than access is not understood');
}

/** What a provision says, filled up with what it stands in. */
export function termsOf(it: ConsentProvision, at: string, around: Terms, told: Told): Terms {
  unreadable(it, at, told);
  const starts = instant(it.period?.start) ?? around.starts;
  const ends = lastInstant(it.period?.end) ?? around.ends;
  if (it.period && starts >= ends) told(`${at}.period`, 'ends before it begins');
  const own = {
    actors: actorsOf(it, at, told) ?? around.actors,
    purposes: purposesOf(it, at, told) ?? around.purposes,
    types: typesOf(it, at, told) ?? around.types,
    rows: rowsOf(it, at, told) ?? around.rows,
    labels: labelsOf(it, at, told) ?? around.labels,
  };
  return {
    ...(Object.fromEntries(Object.entries(own).filter(([, one]) => one)) as Partial<Terms>),
    starts,
    ends,
  };
}
