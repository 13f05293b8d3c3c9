/** The role matrix: every role on every resource type, held against a golden file, and the rules it must obey. */
import { resourceClass, resourceTypes, searchParams } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor, roles, staffRoles, type Role } from './caller.ts';
import { allowed, hasContentRule, may, requireCaller } from './may.ts';
import { policy } from './policy.ts';
import { parseScopes } from './scopes.ts';
import { verbs } from './verbs.ts';
import type { FastifyRequest } from 'fastify';

const short: Record<string, string> = {
  create: 'c',
  read: 'r',
  vread: 'v',
  update: 'u',
  patch: 'p',
  delete: 'd',
  history: 'h',
  search: 's',
};

/** `crvuphds` of what `may` says, in the order of `verbs`; `-` where it says no. */
const letters = (role: Role, type: string): string =>
  verbs.map((verb) => (may(callerFor(role), verb, type) ? short[verb] : '-')).join('');

describe('the role matrix', () => {
  it('is the golden one', async () => {
    const head = `# Role matrix

What each role may do to each resource type, before rows are looked at. Letters: create, read, vread,
update, patch, delete, history, search. Changed on purpose only: \`vitest -u\`, and the change is reviewed.

| type | class | ${roles.join(' | ')} |
|---|---|${roles.map(() => '---').join('|')}|
`;
    const lines = resourceTypes.map(
      (type) =>
        `| ${type} | ${resourceClass[type]} | ${roles.map((role) => letters(role, type)).join(' | ')} |`,
    );
    const within = roles.flatMap((role) =>
      Object.entries(policy[role].within ?? {}).map(
        ([type, content]) =>
          `| ${role} | ${type} | ${content.map((one) => one.join('=')).join(' and ')} |`,
      ),
    );
    const contents = `
# What of a type a role reaches

Where a role reaches a type at all, of these types only what has such content; the rest is not there for it.

| role | type | content |
|---|---|---|
${within.join('\n')}
`;
    await expect(head + lines.join('\n') + '\n' + contents).toMatchFileSnapshot(
      './matrix.golden.txt',
    );
  });

  it('covers every type of R4', () => expect(resourceTypes).toHaveLength(146));

  const clinical = resourceTypes.filter((type) => resourceClass[type] === 'patient');

  it.each(['administrator', 'auditor'] as const)('gives an %s nothing of any chart', (role) => {
    expect(clinical.length).toBeGreaterThan(60);
    expect(clinical.filter((type) => allowed(role, type).length > 0)).toEqual([]);
    expect(may(callerFor(role), 'search', 'Task')).toBe(false);
  });

  it('gives an auditor the trail and nothing else', () => {
    const open = resourceTypes.filter((type) => allowed('auditor', type).length > 0);
    expect(open).toEqual(['AuditEvent']);
    expect(may(callerFor('auditor'), 'search', 'AuditEvent')).toBe(true);
    expect(may(callerFor('auditor'), 'create', 'AuditEvent')).toBe(false);
  });

  it('lets nobody write or delete the trail', () => {
    for (const role of roles)
      for (const verb of ['create', 'update', 'patch', 'delete'] as const)
        expect(may(callerFor(role), verb, 'AuditEvent')).toBe(false);
  });

  it('lets no nurse change medication orders', () => {
    for (const type of [
      'MedicationRequest',
      'MedicationAdministration',
      'Condition',
      'Composition',
    ])
      for (const verb of ['create', 'update', 'patch', 'delete'] as const)
        expect(may(callerFor('nurse'), verb, type)).toBe(false);
    expect(may(callerFor('nurse'), 'create', 'Observation')).toBe(true);
  });

  it('lets a resident reach images and their reports, and nothing else of a chart', () => {
    const open = clinical.filter((type) => allowed('resident', type).length > 0);
    expect(open).toEqual(['DiagnosticReport', 'ImagingStudy', 'Patient', 'ServiceRequest']);
  });

  it('lets a pharmacist reach prescriptions and what was dispensed, and nothing else of a chart', () => {
    const open = clinical.filter((type) => allowed('pharmacist', type).length > 0);
    expect(open).toEqual(['MedicationDispense', 'MedicationRequest', 'Patient']);
    expect(may(callerFor('pharmacist'), 'create', 'MedicationRequest')).toBe(false);
  });

  it('lets a paramedic read an emergency summary and write nothing', () => {
    const open = clinical.filter((type) => allowed('paramedic', type).length > 0);
    expect(open).toEqual([
      'AllergyIntolerance',
      'Condition',
      'Consent',
      'Device',
      'Immunization',
      'MedicationRequest',
      'MedicationStatement',
      'Patient',
      'RelatedPerson',
    ]);
    for (const role of ['paramedic', 'guest'] as const)
      for (const type of resourceTypes)
        for (const verb of ['create', 'update', 'patch', 'delete'] as const)
          expect(may(callerFor(role), verb, type)).toBe(false);
  });

  it('has a condition on content only where it says so', () => {
    expect(hasContentRule(callerFor('patient'), 'Composition')).toBe(true);
    expect(hasContentRule(callerFor('patient'), 'Observation')).toBe(false);
    expect(hasContentRule(callerFor('patient'))).toBe(true);
    for (const role of ['practitioner', 'nurse', 'trainee', 'system'] as const)
      expect(hasContentRule(callerFor(role))).toBe(false);
    for (const role of roles)
      for (const [type, content] of Object.entries(policy[role].within ?? {})) {
        expect(allowed(role, type)).not.toEqual([]);
        for (const [param] of content) expect(searchParams(type).has(param)).toBe(true);
      }
  });

  it('lets a patient write only what is hers to say', () => {
    const writable = resourceTypes.filter((type) => may(callerFor('patient'), 'create', type));
    expect(writable).toEqual([
      'Appointment',
      'Communication',
      'Consent',
      'Observation',
      'QuestionnaireResponse',
      // A wish to be told, of her own (exchange).
      'Subscription',
    ]);
    for (const type of ['Practitioner', 'CareTeam', 'Patient', 'Condition', 'MedicationRequest'])
      for (const verb of ['create', 'update', 'patch', 'delete'] as const)
        expect(may(callerFor('patient'), verb, type)).toBe(false);
  });

  it('lets nobody but the system delete from a chart', () => {
    for (const role of roles.filter((one) => one !== 'system'))
      for (const type of clinical) expect(may(callerFor(role), 'delete', type)).toBe(false);
  });

  it('knows no type that is not one', () => {
    for (const type of ['constructor', '__proto__', 'toString', 'patient', '', 'Slot ', 'Unknown'])
      for (const role of roles) expect(may(callerFor(role), 'read', type)).toBe(false);
  });
});

describe('the second factor', () => {
  it.each(staffRoles)('an %s without it may nothing at all', (role) => {
    const weak = callerFor(role, { mfa: false });
    for (const type of resourceTypes)
      for (const verb of verbs) expect(may(weak, verb, type)).toBe(false);
    expect(() => requireCaller({ caller: weak } as FastifyRequest)).toThrowError(
      expect.objectContaining({ code: 'second-factor-required', status: 403 }),
    );
  });

  it('a patient whose code is still to come may nothing either', () => {
    const pending = callerFor('patient', { pending: true, mfa: false });
    expect(may(pending, 'read', 'Patient')).toBe(false);
    expect(may(callerFor('patient', { mfa: false }), 'read', 'Patient')).toBe(true);
  });

  it('no caller at all is told to sign in', () => {
    expect(() => requireCaller({} as FastifyRequest)).toThrowError(
      expect.objectContaining({ code: 'unauthenticated', status: 401 }),
    );
  });
});

describe('scopes narrow a role, never widen it', () => {
  it('a system client has only what its token says', () => {
    const client = callerFor('system', { scopes: parseScopes('system/Observation.rs') });
    expect(may(client, 'search', 'Observation')).toBe(true);
    expect(may(client, 'create', 'Observation')).toBe(false);
    expect(may(client, 'read', 'Patient')).toBe(false);
    expect(may(callerFor('system', { scopes: [] }), 'read', 'Observation')).toBe(false);
  });

  it('a scope gives a nurse no prescriptions', () => {
    const nurse = callerFor('nurse', { scopes: parseScopes('user/*.cruds') });
    expect(may(nurse, 'create', 'MedicationRequest')).toBe(false);
    expect(may(nurse, 'create', 'Observation')).toBe(true);
  });
});
