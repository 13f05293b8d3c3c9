/** Literal references inside a resource: listing them, and rewriting them in a transaction. */
import type { Resource } from '@medplum/fhirtypes';
import { copyOf } from './exact.ts';
import { typeModel, type ElementModel } from './model.ts';

export interface Held {
  /** `Observation.subject.reference` */
  path: string;
  reference: string;
}

type Json = Record<string, unknown>;
/** Returns what to put in the place of the text; the same text leaves it. */
type Visit = (text: string, path: string) => string;

interface Plan {
  /** Properties that may hold references further down. */
  down: { name: string; plan: () => Plan | undefined }[];
  /** Properties of type uri, url, canonical, oid, uuid. */
  uris: string[];
  reference: boolean;
}

const plans = new Map<string, Plan>();
const addresses = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);

/** Where a type can hold addresses; so that a resource is not searched leaf by leaf. */
function planOf(type: string): Plan | undefined {
  const known = plans.get(type);
  if (known) return known;
  const model = typeModel(type);
  if (!model) return undefined;
  const plan: Plan = { down: [], uris: [], reference: type === 'Reference' };
  plans.set(type, plan);
  for (const element of model.elements) add(plan, element);
  return plan;
}

function add(plan: Plan, { name, type }: ElementModel): void {
  if (addresses.has(type)) plan.uris.push(name);
  else if (type === 'Resource' || typeModel(type))
    plan.down.push({ name, plan: () => (type === 'Resource' ? undefined : planOf(type)) });
}

/** Bundles hold whole resources: references in their entries belong to those. */
const notInside = new Set(['entry']);

function walk(
  value: unknown,
  plan: Plan | undefined,
  path: string,
  visit: Visit,
  uris: boolean,
): void {
  if (Array.isArray(value)) {
    value.forEach((one, i) => walk(one, plan, `${path}[${i}]`, visit, uris));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const held = value as Json;
  const here =
    plan ?? (typeof held.resourceType === 'string' ? planOf(held.resourceType) : undefined);
  if (!here) return;
  if (here.reference) replace(held, 'reference', path, visit);
  if (uris) for (const name of here.uris) replace(held, name, path, visit);
  for (const { name, plan: next } of here.down) {
    const inner = held[name];
    if (inner === undefined || (held.resourceType === 'Bundle' && notInside.has(name))) continue;
    walk(inner, next(), `${path}.${name}`, visit, uris);
  }
}

function replace(held: Json, name: string, path: string, visit: Visit): void {
  const value = held[name];
  if (typeof value === 'string') held[name] = visit(value, `${path}.${name}`);
  else if (Array.isArray(value))
    value.forEach((one, i) => {
      if (typeof one === 'string') value[i] = visit(one, `${path}.${name}[${i}]`);
    });
}

/**
 * Every literal Reference in a resource, those of contained resources included; `#local` ones are left out,
 * conditional ones (`Practitioner?identifier=...`) are listed as written. Entries of a Bundle are not entered.
 */
export function references(resource: Resource): Held[] {
  const out: Held[] = [];
  const note: Visit = (reference, path) => {
    if (!reference.startsWith('#')) out.push({ path, reference });
    return reference;
  };
  walk(resource, undefined, resource.resourceType, note, false);
  return out;
}

/**
 * A copy whose references and URIs are replaced by the map, exactly as a transaction does
 * [FHIR R4 http.html#trules]: keys are `urn:uuid:...`, full URLs, or conditional references as written. URIs
 * (also in attachments and narrative `src`/`href`) are replaced for `urn:` keys only. `#local` stays.
 */
export function rewriteReferences<T extends Resource>(
  resource: T,
  map: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
): T {
  const find = (key: string): string | undefined =>
    map instanceof Map
      ? (map as ReadonlyMap<string, string>).get(key)
      : Object.hasOwn(map, key)
        ? (map as Record<string, string>)[key]
        : undefined;
  const copy = copyOf(resource);
  const put: Visit = (text, path) => {
    if (text.startsWith('#')) return text;
    if (!path.endsWith('.reference') && !text.startsWith('urn:')) return text;
    return find(text) ?? find(withoutVersion(text)) ?? text;
  };
  walk(copy, undefined, copy.resourceType, put, true);
  rewriteNarrative(copy, find);
  return copy;
}

function withoutVersion(reference: string): string {
  return reference.replace(/\/_history\/[A-Za-z0-9\-.]{1,64}$/, '');
}

function rewriteNarrative(resource: Resource, find: (key: string) => string | undefined): void {
  const { text } = resource as { text?: { div?: string } };
  if (!text?.div?.includes('"urn:')) return;
  text.div = text.div.replace(/\b(src|href)="(urn:[^"]+)"/g, (whole, name: string, key: string) => {
    const to = find(key);
    return to === undefined ? whole : `${name}="${to}"`;
  });
}
