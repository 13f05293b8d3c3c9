/** Roles by configuration: front desk, billing, radiologist and the like, each one a built-in role held to some types and verbs. */
import { isResourceType, Refusal, searchParams } from '@afar/fhir';
import type { Caller } from './caller.ts';
import type { SignInRole } from './contract.ts';
import { allowed } from './may.ts';
import { intersectScopes, parseScope, type Scope } from './scopes.ts';
import { verbs } from './verbs.ts';

export interface Profile {
  name: string;
  /** What people read. */
  title: string;
  like: SignInRole;
  scopes: Scope[];
}

/** Letters of a scope and the verbs they stand for. */
const letters: Record<string, readonly (typeof verbs)[number][]> = {
  c: ['create'],
  r: ['read', 'vread', 'history'],
  u: ['update', 'patch'],
  d: ['delete'],
  s: ['search'],
};

// A role by configuration is held by people of the clinic: patients and auditors are what they are.
const bases: readonly string[] = [
  'administrator',
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
];

export interface Profiles {
  list(): readonly Profile[];
  /** @throws Refusal `invalid` when there is no such profile of this role */
  requireFit(role: SignInRole, name: string | undefined): void;
  /** The caller, held to her profile. A profile that is no longer configured reaches nothing. */
  narrow(caller: Caller): Caller;
}

function faultsOf(name: string, given: unknown): { faults: string[]; profile?: Profile } {
  const faults: string[] = [];
  const where = `role "${name}"`;
  if (!/^[a-z][a-z0-9-]{1,40}$/.test(name)) faults.push(`${where}: a name is of a-z, 0-9 and -`);
  const { like, title, scopes, ...others } = (given ?? {}) as Record<string, unknown>;
  for (const odd of Object.keys(others)) faults.push(`${where}: "${odd}" is not known`);
  if (typeof like !== 'string' || !bases.includes(like))
    return { faults: [...faults, `${where}: "like" is one of ${bases.join(', ')}`] };
  if (title !== undefined && typeof title !== 'string') faults.push(`${where}: "title" is a text`);
  if (!Array.isArray(scopes) || scopes.length === 0)
    return { faults: [...faults, `${where}: "scopes" is a list of user/Type.cruds`] };
  const read = scopes.flatMap((text: unknown): Scope[] => {
    const scope = typeof text === 'string' ? parseScope(text) : undefined;
    if (!scope || scope.context !== 'user') {
      faults.push(`${where}: ${JSON.stringify(text)} is no user/Type.cruds`);
      return [];
    }
    const { type, params } = scope;
    if (type === '*' || !isResourceType(type)) {
      faults.push(`${where}: ${type} is no resource type (name each)`);
      return [];
    }
    const may = allowed(like as SignInRole, type);
    for (const letter of scope.verbs)
      if (!letters[letter]!.some((verb) => may.includes(verb)))
        faults.push(`${where}: a ${like} has no "${letter}" on ${type}, nor can who is like one`);
    for (const [param] of params)
      if (searchParams(type).get(param)?.type !== 'token')
        faults.push(`${where}: ${type} has no token parameter ${param}`);
    return [scope];
  });
  const profile = {
    name,
    title: typeof title === 'string' ? title : name,
    like: like as SignInRole,
    scopes: read,
  };
  return faults.length > 0 ? { faults } : { faults, profile };
}

/**
 * Reads the file of AFAR_ROLES_FILE: `{ "front-desk": { "like": "nurse", "title": "Front desk", "scopes": ["user/Patient.rs"] } }`.
 * @throws Error naming every fault: a role that would reach further than the one it is like, above all
 */
export function readProfiles(text: string): Profile[] {
  const given: unknown = JSON.parse(text);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error('roles file: an object of roles is expected');
  const read = Object.entries(given).map(([name, one]) => faultsOf(name, one));
  const faults = read.flatMap((one) => one.faults);
  if (faults.length > 0) throw new Error(`roles file:\n  ${faults.join('\n  ')}`);
  return read.map((one) => one.profile!);
}

export function createProfiles(known: readonly Profile[] = []): Profiles {
  const byName = new Map(known.map((one) => [one.name, one]));
  return {
    list: () => known,
    requireFit(role, name) {
      if (name !== undefined && byName.get(name)?.like !== role)
        throw new Refusal('invalid', {
          diagnostics: 'no such role by configuration for this role',
          expression: ['profile'],
        });
    },
    narrow(caller) {
      if (caller.profile === undefined) return caller;
      const profile = byName.get(caller.profile);
      // What is no longer configured, or of another role than the account now has, reaches nothing.
      const scopes = profile?.like === caller.role ? profile.scopes : [];
      caller.scopes = caller.scopes ? intersectScopes(caller.scopes, scopes) : scopes;
      return caller;
    },
  };
}
