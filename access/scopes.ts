/** SMART App Launch 2 scopes: `system/Observation.rs?category=…`, parsed, compared and applied. */
import type { Verb } from './verbs.ts';

export interface Scope {
  context: 'patient' | 'user' | 'system';
  /** A resource type, or `*`. */
  type: string;
  /** Letters of `cruds`, in that order. */
  verbs: string;
  /** Granular part: search parameters that every resource reached through this scope must match. */
  params: [string, string][];
}

const letters: Record<Verb, string> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  // Instance history shows versions of one resource: reading [SMART 2.2 scopes].
  history: 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  search: 's',
};

const v1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

// [SMART App Launch 2.2, "Scopes for requesting FHIR Resources"]: letters in the order c r u d s.
const pattern =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,40})\.(c?r?u?d?s?|read|write|\*)(?:\?([^\s?#]{1,300}))?$/;

/** One scope, or undefined when the text is not a resource scope. */
export function parseScope(text: string): Scope | undefined {
  const match = pattern.exec(text);
  if (!match || !match[3]) return undefined;
  const params: [string, string][] = match[4] ? [...new URLSearchParams(match[4])] : [];
  if (params.some(([name, value]) => !name || !value)) return undefined;
  // A wildcard type has no search parameter of its own to be narrowed by.
  if (params.length > 0 && match[2] === '*') return undefined;
  return {
    context: match[1] as Scope['context'],
    type: match[2]!,
    verbs: v1[match[3]] ?? match[3],
    params,
  };
}

/** All resource scopes of a space-separated text; others are dropped [RFC 6749 3.3]. */
export function parseScopes(text: string): Scope[] {
  return text
    .split(' ')
    .map(parseScope)
    .filter((scope) => scope !== undefined);
}

/** The scope as text; `parseScope(formatScope(s))` equals `s`. */
export function formatScope(scope: Scope): string {
  const query =
    scope.params.length > 0
      ? `?${scope.params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value).replaceAll('%7C', '|').replaceAll('%3A', ':').replaceAll('%2F', '/')}`).join('&')}`
      : '';
  return `${scope.context}/${scope.type}.${scope.verbs}${query}`;
}

const covers = (outer: Scope, inner: Scope, letter: string): boolean =>
  outer.context === inner.context &&
  (outer.type === '*' || outer.type === inner.type) &&
  outer.verbs.includes(letter) &&
  outer.params.every(([name, value]) =>
    inner.params.some((one) => one[0] === name && one[1] === value),
  );

/**
 * What of `asked` a client may have, given what it was `allowed`: each asked scope keeps the letters
 * that an allowed one covers, and is dropped when none is left.
 */
export function grantScopes(asked: Scope[], allowed: Scope[]): Scope[] {
  return asked.flatMap((scope) => {
    const verbs = Array.from(scope.verbs)
      .filter((letter) => allowed.some((outer) => covers(outer, scope, letter)))
      .join('');
    return verbs ? [{ ...scope, verbs }] : [];
  });
}

/**
 * The one patient (rid) whose rows of a type a token reaches, or undefined where it is not held to one. A type that any
 * `patient/` scope names is reached in that one record, whatever other scopes the token has [SMART App Launch 2.2 scopes].
 */
export function onlyOf(
  { only, scopes }: { only?: string; scopes?: Scope[] },
  type: string,
): string | undefined {
  if (only === undefined) return undefined;
  const held = scopes?.some(
    (scope) => scope.context === 'patient' && (scope.type === '*' || scope.type === type),
  );
  return held === false ? undefined : only;
}

/** What both lists let through: of two that meet, the narrower type, the common letters, and the conditions of both. */
export function intersectScopes(a: readonly Scope[], b: readonly Scope[]): Scope[] {
  return a.flatMap((one) =>
    b.flatMap((other): Scope[] => {
      if (one.type !== other.type && one.type !== '*' && other.type !== '*') return [];
      const verbs = Array.from(one.verbs)
        .filter((letter) => other.verbs.includes(letter))
        .join('');
      const type = one.type === '*' ? other.type : one.type;
      return verbs ? [{ ...one, type, verbs, params: [...one.params, ...other.params] }] : [];
    }),
  );
}

/** The scopes that let `verb` reach `type`; each may still carry a granular condition. */
export function scopesFor(scopes: Scope[], verb: Verb, type: string): Scope[] {
  const letter = letters[verb];
  return scopes.filter(
    (scope) => (scope.type === '*' || scope.type === type) && scope.verbs.includes(letter),
  );
}
