/** SMART scopes: the grammar, what a client is granted of it, and what it then reaches. */
import { describe, expect, it } from 'vitest';
import { formatScope, grantScopes, parseScope, parseScopes, scopesFor } from './scopes.ts';

describe('the grammar [SMART App Launch 2.2 scopes]', () => {
  it.each([
    ['system/*.cruds', 'system', '*', 'cruds'],
    ['system/Observation.rs', 'system', 'Observation', 'rs'],
    ['patient/Patient.r', 'patient', 'Patient', 'r'],
    ['user/Encounter.c', 'user', 'Encounter', 'c'],
    ['system/Patient.read', 'system', 'Patient', 'rs'],
    ['system/Patient.write', 'system', 'Patient', 'cud'],
    ['system/*.*', 'system', '*', 'cruds'],
  ])('reads %s', (text, context, type, verbs) => {
    expect(parseScope(text)).toEqual({ context, type, verbs, params: [] });
  });

  it.each([
    'openid',
    'system/*',
    'system/*.',
    'system/*.sr',
    'system/*.rr',
    'system/observation.r',
    'system/Observation.rs?',
    'system/Observation.rs?category',
    'system/Observation.rs?category=',
    'system/*.rs?category=x',
    'launch/patient',
    'admin/*.cruds',
    'system/Observation.rs#x',
    ' system/*.r',
    '__proto__/*.r',
  ])('drops %s', (text) => expect(parseScope(text)).toBeUndefined());

  it('keeps a granular condition through text and back', () => {
    const text =
      'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const scope = parseScope(text)!;
    expect(scope.params).toEqual([
      ['category', 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'],
    ]);
    expect(formatScope(scope)).toBe(text);
    expect(parseScope(formatScope(scope))).toEqual(scope);
  });
});

const granted = (asked: string, allowed: string) =>
  grantScopes(parseScopes(asked), parseScopes(allowed)).map(formatScope).join(' ');

describe('what a client is granted', () => {
  it.each([
    ['system/Patient.rs', 'system/*.cruds', 'system/Patient.rs'],
    ['system/*.cruds', 'system/*.rs', 'system/*.rs'],
    ['system/*.rs', 'system/Patient.rs', ''],
    ['user/Patient.r', 'system/*.cruds', ''],
    ['patient/Patient.r', 'system/*.cruds', ''],
    ['system/Observation.rs', 'system/Observation.rs?category=laboratory', ''],
    [
      'system/Observation.rs?category=laboratory',
      'system/Observation.rs?category=laboratory',
      'system/Observation.rs?category=laboratory',
    ],
    ['system/Observation.rs?category=vital-signs', 'system/Observation.rs?category=laboratory', ''],
    ['system/Patient.cruds', 'system/Patient.r system/Patient.s', 'system/Patient.rs'],
  ])('of %s when allowed %s: %s', (asked, allowed, expected) => {
    expect(granted(asked, allowed)).toBe(expected);
  });
});

it('finds the scopes of an interaction', () => {
  const scopes = parseScopes('system/Patient.r system/Observation.cs');
  expect(scopesFor(scopes, 'read', 'Patient')).toHaveLength(1);
  expect(scopesFor(scopes, 'vread', 'Patient')).toHaveLength(1);
  expect(scopesFor(scopes, 'search', 'Patient')).toHaveLength(0);
  expect(scopesFor(scopes, 'create', 'Observation')).toHaveLength(1);
  expect(scopesFor(scopes, 'patch', 'Observation')).toHaveLength(0);
  expect(scopesFor(scopes, 'delete', 'Observation')).toHaveLength(0);
});
