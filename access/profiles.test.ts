/** Roles by configuration: never wider than the role they are like, and what is not configured reaches nothing. */
import { resourceTypes, Refusal } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor, clinicalRoles } from './caller.ts';
import { may } from './may.ts';
import { createProfiles, readProfiles } from './profiles.ts';
import { purposesOf } from './purpose.ts';
import { formatScope, intersectScopes, parseScopes } from './scopes.ts';
import { verbs } from './verbs.ts';

const frontDesk = {
  like: 'nurse',
  title: 'Front desk',
  scopes: ['user/Patient.rs', 'user/Appointment.crus', 'user/Slot.rs'],
};
const file = (roles: object) => JSON.stringify(roles);

describe('a role by configuration', () => {
  it('holds a caller to its types and verbs, and to nothing more than its role', () => {
    const profiles = createProfiles(readProfiles(file({ 'front-desk': frontDesk })));
    const whole = callerFor('nurse');
    const desk = profiles.narrow(callerFor('nurse', { profile: 'front-desk' }));
    expect(may(desk, 'create', 'Appointment')).toBe(true);
    expect(may(desk, 'read', 'Observation')).toBe(false);
    expect(may(desk, 'update', 'Patient')).toBe(false);
    const wider = resourceTypes.flatMap((type) =>
      verbs.filter((verb) => may(desk, verb, type) && !may(whole, verb, type)),
    );
    expect(wider).toEqual([]);
  });

  it('cannot do without the second factor of the role it is like', () => {
    const profiles = createProfiles(readProfiles(file({ 'front-desk': frontDesk })));
    const weak = profiles.narrow(callerFor('nurse', { profile: 'front-desk', mfa: false }));
    for (const type of resourceTypes) expect(may(weak, 'read', type)).toBe(false);
  });

  it('that is not configured, or of another role, reaches nothing', () => {
    const profiles = createProfiles(readProfiles(file({ 'front-desk': frontDesk })));
    for (const [role, profile] of [
      ['nurse', 'gone'],
      ['practitioner', 'front-desk'],
    ] as const)
      for (const type of resourceTypes) {
        const caller = profiles.narrow(callerFor(role, { profile }));
        expect(may(caller, 'read', type)).toBe(false);
      }
    expect(() => profiles.requireFit('nurse', 'gone')).toThrow(Refusal);
    expect(() => profiles.requireFit('practitioner', 'front-desk')).toThrow(Refusal);
    expect(profiles.requireFit('nurse', 'front-desk')).toBeUndefined();
  });

  it.each<[string, object]>([
    ['more verbs than its role', { a1: { like: 'nurse', scopes: ['user/MedicationRequest.u'] } }],
    ['more types than its role', { a1: { like: 'administrator', scopes: ['user/Patient.rs'] } }],
    ['every type', { a1: { like: 'nurse', scopes: ['user/*.rs'] } }],
    ['the system', { a1: { like: 'nurse', scopes: ['system/Patient.rs'] } }],
    ['to be like the house', { a1: { like: 'system', scopes: ['user/Patient.rs'] } }],
    ['to be like a patient', { a1: { like: 'patient', scopes: ['user/Patient.rs'] } }],
    ['an unknown type', { a1: { like: 'nurse', scopes: ['user/Secret.rs'] } }],
    ['an unknown parameter', { a1: { like: 'nurse', scopes: ['user/Observation.rs?colour=red'] } }],
    ['nothing', { a1: { like: 'nurse', scopes: [] } }],
    ['an odd name', { 'A B': frontDesk }],
    ['an odd field', { a1: { ...frontDesk, wildcard: true } }],
  ])('is not started with when it asks for %s', (_what, roles) =>
    expect(() => readProfiles(file(roles))).toThrow(/roles file/),
  );

  it('keeps to what an app was given, both ways', () => {
    const profiles = createProfiles(readProfiles(file({ 'front-desk': frontDesk })));
    const scopes = parseScopes('user/*.rs user/Appointment.cruds?status=booked');
    const caller = profiles.narrow(callerFor('nurse', { profile: 'front-desk', scopes }));
    expect(may(caller, 'search', 'Patient')).toBe(true);
    expect(may(caller, 'read', 'Observation')).toBe(false);
    expect(may(caller, 'delete', 'Appointment')).toBe(false);
  });
});

it('two lists of scopes meet in what both let through', () => {
  const meet = (a: string, b: string) =>
    intersectScopes(parseScopes(a), parseScopes(b)).map(formatScope).join(' ');
  expect(meet('user/*.rs', 'user/Patient.cruds')).toBe('user/Patient.rs');
  expect(meet('user/Patient.r', 'user/Patient.s')).toBe('');
  expect(meet('user/Patient.r', 'user/Observation.r')).toBe('');
  expect(meet('user/Observation.rs?category=laboratory', 'user/Observation.r?status=final')).toBe(
    'user/Observation.r?category=laboratory&status=final',
  );
  expect(meet('patient/Patient.rs', 'user/Patient.rs')).toBe('patient/Patient.rs');
});

it('no role declares an emergency: break-glass opens it, with a reason', () => {
  for (const role of clinicalRoles)
    for (const purpose of ['ETREAT', 'BTG', 'ERTREAT'])
      expect(purposesOf(role)).not.toContain(purpose);
});
