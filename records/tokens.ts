/** The recipes of the blind index: what is hashed, under whose key. Writing and searching both follow this page. */
import type { KeyObject } from 'node:crypto';
import { token } from '@afar/platform';

/*
 * T tokens are made with the tenant's index key, P tokens with the owner's. Which one:
 *   - `identifier`, contact points and external references: always T, whoever owns the resource;
 *   - every other token parameter: P when the resource has an owner, else T.
 * A Patient owns itself. Demographic tokens of people (gender, active, deceased...) are in the directory, not here.
 */

/** Token parameters found under the tenant's key even on what a patient owns: they name one thing, not a kind. */
export const unique: ReadonlySet<string> = new Set(['identifier', 'email', 'phone', 'telecom']);

/**
 * Token parameters that get no token: combinations of others, found through the others or by scanning one chart.
 * Keeps an Observation at eight index rows.
 */
export const unindexed: ReadonlySet<string> = new Set([
  'combo-code',
  'combo-value-concept',
  '_id',
  '_tag',
  '_profile',
]);

/** `system|code`: one system, one code. */
export function exactToken(
  key: KeyObject,
  type: string,
  param: string,
  system: string,
  code: string,
): bigint {
  return token(key, 'exact', type, param, system, code);
}

/** `code`: whatever the system. Every coded value has this one; `|code` (no system) is this one and a look at the body. */
export function anyToken(key: KeyObject, type: string, param: string, code: string): bigint {
  return token(key, 'any', type, param, code);
}

/** Every resource of the type that the key's patient (or, with the tenant's key, nobody) owns, by clinical date. */
export function presenceToken(key: KeyObject, type: string): bigint {
  let known = presences.get(key);
  if (!known) presences.set(key, (known = new Map()));
  let found = known.get(type);
  if (found === undefined) known.set(type, (found = token(key, 'presence', type)));
  return found;
}

/** Every page of a chart begins with one of them. For as long as the key is in memory; a key has as many as there are types. */
const presences = new WeakMap<KeyObject, Map<string, bigint>>();

/** A reference to something outside (absolute address, urn) or a canonical: always under the tenant's key. */
export function externalToken(key: KeyObject, type: string, param: string, url: string): bigint {
  return token(key, 'external', type, param, url);
}

/** Reference.identifier: always under the tenant's key; `''` when there is no system. */
export function logicalToken(
  key: KeyObject,
  type: string,
  param: string,
  system: string,
  value: string,
): bigint {
  return token(key, 'logical', type, param, system, value);
}

/** uri parameters (`ValueSet?url=`): tenant's key when nobody owns the resource, else the owner's. */
export function uriToken(key: KeyObject, type: string, param: string, uri: string): bigint {
  return token(key, 'uri', type, param, uri);
}

/** A security label of `meta.security`, under the owner's key: matched against records.deny. */
export function labelToken(key: KeyObject, system: string, code: string): bigint {
  return token(key, 'label', system, code);
}

/** A client-given id that is no UUID, under the tenant's key. */
export function aliasToken(key: KeyObject, type: string, id: string): bigint {
  return token(key, 'alias', type, id);
}

/** An idempotency key, which a client may have made of anything. */
export function idempotencyToken(key: KeyObject, value: string): bigint {
  return token(key, 'idempotency', value);
}
