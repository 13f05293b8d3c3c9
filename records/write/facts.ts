/** From a resource to its index rows: tokens, edges and dates. What can be found is decided here. */
import type { KeyObject } from 'node:crypto';
import type { Coding, Indexed, Resource } from '@afar/fhir';
import type { DataKey } from '@afar/platform';
import { directoryTypes } from '../directory/index.ts';
import {
  anyToken,
  exactToken,
  externalToken,
  labelToken,
  logicalToken,
  presenceToken,
  unindexed,
  unique,
  uriToken,
} from '../tokens.ts';
import { clinicalDates } from './clinical-date.ts';
import type { ClinicalDates } from './clinical-date.ts';

export interface Edge {
  targetType: string;
  target: string;
  params: string[];
}

export interface Facts extends ClinicalDates {
  tokens: string[];
  edges: Edge[];
  labels: string[];
}

export interface IndexKeys {
  tenant: KeyObject;
  /** The owner's, or the tenant's again when nobody owns the resource. */
  owner: KeyObject;
  /**
   * For security labels: the owner's first index key, whatever came after. Labels are under the seal of every version, and
   * denials are compared with them: they do not turn with the index.
   */
  labels: KeyObject;
}

/** @param key the owner's, or the tenant's again */
export function indexKeysOf(tenant: DataKey, key: DataKey): IndexKeys {
  return { tenant: tenant.index, owner: key.index, labels: key.first };
}

/**
 * @param ridOf the rid of an id of a type; undefined for one the store has never heard of
 * @param updated ms since epoch
 */
export function factsOf(
  resource: Resource,
  indexed: Indexed,
  keys: IndexKeys,
  ridOf: (type: string, id: string) => string | undefined,
  updated: number,
): Facts {
  const type = resource.resourceType;
  return {
    ...clinicalDates(type, indexed.dates, updated),
    tokens: tokensOf(type, indexed, keys),
    edges: edgesOf(indexed, ridOf),
    labels: labelsOf(resource.meta?.security, keys.labels),
  };
}

/** Sorted, so that the seal over them does not depend on the order they were written in. */
export function labelsOf(security: readonly Coding[] | undefined, key: KeyObject): string[] {
  if (!security?.length) return [];
  return [
    ...new Set(security.map((one) => String(labelToken(key, one.system ?? '', one.code ?? '')))),
  ].sort();
}

function tokensOf(type: string, indexed: Indexed, keys: IndexKeys): string[] {
  const tokens = new Set<bigint>([presenceToken(keys.owner, type)]);
  // People and places: their demographic tokens are answered by the directory.
  const listed = directoryTypes.has(type);
  for (const { param, system, code } of indexed.tokens) {
    if (code === undefined || unindexed.has(param)) continue;
    if (listed && demographic.has(param)) continue;
    const key = unique.has(param) ? keys.tenant : keys.owner;
    tokens.add(anyToken(key, type, param, code));
    if (system) tokens.add(exactToken(key, type, param, system, code));
  }
  for (const { param, type: target, url, identifier } of indexed.references) {
    if (!target && url) tokens.add(externalToken(keys.tenant, type, param, url));
    if (identifier)
      tokens.add(logicalToken(keys.tenant, type, param, identifier.system ?? '', identifier.value));
  }
  for (const { param, value } of indexed.uris) {
    if (!unindexed.has(param)) tokens.add(uriToken(keys.owner, type, param, value));
  }
  return [...tokens].map(String);
}

const demographic: ReadonlySet<string> = new Set([
  'gender',
  'active',
  'deceased',
  'language',
  'address-use',
]);

function edgesOf(
  indexed: Indexed,
  ridOf: (type: string, id: string) => string | undefined,
): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { param, type, id } of indexed.references) {
    if (!type || !id) continue;
    const target = ridOf(type, id);
    if (!target) continue;
    const key = `${type}/${target}`;
    const known = edges.get(key);
    if (!known) edges.set(key, { targetType: type, target, params: [param] });
    else if (!known.params.includes(param)) known.params.push(param);
  }
  return [...edges.values()];
}
