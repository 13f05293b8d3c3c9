/** May this caller use this interaction on this type at all? Rows are decided by `records`, with grants. */
import { Refusal, resourceClass } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { staffRoles, type Caller, type Role } from './caller.ts';
import { policy, type Content } from './policy.ts';
import { scopesFor } from './scopes.ts';
import type { Verb } from './verbs.ts';

/** What a role may do to a type; a type without a class is open to nobody. */
export function allowed(role: Role, type: string): readonly Verb[] {
  const { classes, types } = policy[role];
  if (!Object.hasOwn(resourceClass, type)) return [];
  if (Object.hasOwn(types, type)) return types[type]!;
  return classes[resourceClass[type]!] ?? [];
}

/** What a type's content must be for this caller's role; undefined: anything. */
export function contentFor({ role, wildcard }: Caller, type: string): Content | undefined {
  const within = wildcard ? undefined : policy[role].within;
  return within && Object.hasOwn(within, type) ? within[type] : undefined;
}

/**
 * True where no index alone can say what the caller sees: her role or her token has a condition on the content.
 * @param type absent: of any type
 */
export function hasContentRule(caller: Caller, type?: string): boolean {
  const within = caller.wildcard ? undefined : policy[caller.role].within;
  if (within && (type === undefined || Object.hasOwn(within, type))) return true;
  return caller.scopes?.some((scope) => scope.params.length > 0) ?? false;
}

/** False until everything that is asked of the account was shown. */
export function isStrong(caller: Pick<Caller, 'role' | 'mfa' | 'pending'>): boolean {
  return !caller.pending && (caller.mfa || !staffRoles.includes(caller.role));
}

/**
 * Role matrix and scopes. False is answered with 403; whether a row may be seen is another question.
 * A caller without its second factor may nothing.
 */
export function may(caller: Caller, verb: Verb, type: string): boolean {
  if (!isStrong(caller)) return false;
  if (!allowed(caller.role, type).includes(verb)) return false;
  // Nobody has verified her licence yet: no chart is open to her.
  if (caller.licence && !caller.licence.proven && resourceClass[type] === 'patient') return false;
  return caller.scopes === undefined || scopesFor(caller.scopes, verb, type).length > 0;
}

/**
 * The caller of a request that reaches clinical content or the office.
 * @throws Refusal `unauthenticated` (401), `second-factor-required` (403)
 */
export function requireCaller(req: FastifyRequest): Caller {
  const caller = req.caller;
  if (!caller) throw new Refusal('unauthenticated');
  if (!isStrong(caller)) throw new Refusal('second-factor-required', { status: 403 });
  return caller;
}

/**
 * The same, for routes of one or some roles.
 * @throws Refusal `unauthenticated`, `second-factor-required`, `forbidden`
 */
export function requireRole(req: FastifyRequest, ...wanted: Role[]): Caller {
  const caller = requireCaller(req);
  if (!wanted.includes(caller.role)) throw new Refusal('forbidden');
  return caller;
}

/** How long a shown factor counts as fresh for what cannot be taken back, ms. */
const freshMs = 10 * 60_000;

/** @param provenAt when everything that is asked of the account was last shown, ms since epoch */
export const isFresh = (at: number, provenAt = 0): boolean => at - provenAt < freshMs;

/**
 * The caller, who showed all her factors a moment ago: asked before signing, exports and the office's great switches.
 * @throws Refusal `step-up-required` (403), and what `requireCaller` throws
 */
export function requireFresh(req: FastifyRequest): Caller {
  const caller = requireCaller(req);
  requireProof(caller);
  return caller;
}

/** The same, where the caller is at hand and the request is not. Clients have shown their key for the very token. */
export function requireProof({ kind, at, provenAt }: Caller): void {
  if (kind === 'user' && !isFresh(at, provenAt)) throw new Refusal('step-up-required');
}
