/** JSON Patch [RFC 6902] on resources. */
import { describe, expect, it } from 'vitest';
import { patient } from './fixtures/patient.ts';
import { applyJsonPatch, Refusal } from './index.ts';

function refusal(operations: unknown): string[] {
  try {
    applyJsonPatch(patient, operations);
  } catch (error) {
    if (error instanceof Refusal)
      return [error.code, ...error.outcome.issue.map((issue) => issue.diagnostics ?? '')];
    throw error;
  }
  return ['accepted'];
}

describe('a patch [FHIR R4 http.html#patch]', () => {
  it('gives a changed copy', () => {
    const patched = applyJsonPatch(patient, [
      { op: 'test', path: '/id', value: 'p1' },
      { op: 'replace', path: '/gender', value: 'other' },
      { op: 'add', path: '/name/0/given/-', value: 'R' },
      { op: 'copy', from: '/name/0/family', path: '/name/0/text' },
      { op: 'move', from: '/telecom/1', path: '/telecom/0' },
      { op: 'remove', path: '/active' },
    ]);
    expect(patched).toMatchObject({
      gender: 'other',
      name: [{ given: ['Zoë', 'Q', 'R'], text: 'Ångström' }],
    });
    expect(patched.telecom?.[0]?.system).toBe('email');
    expect(patched.active).toBeUndefined();
    expect(patient.active).toBe(true);
  });

  it('is refused whole when one operation does not apply', () => {
    expect(refusal([{ op: 'test', path: '/gender', value: 'male' }])).toEqual([
      'unprocessable',
      'A test operation does not hold',
    ]);
    expect(refusal([{ op: 'remove', path: '/photo/0' }])[0]).toBe('unprocessable');
    expect(refusal([{ op: 'replace', path: '/nothing/x', value: 1 }])[0]).toBe('unprocessable');
  });

  it.each([[{}], ['x'], [null]])('is an array, not %j', (operations) => {
    expect(refusal(operations)[0]).toBe('invalid');
  });

  it('reports all malformed operations', () => {
    expect(
      refusal([
        { op: 'set', path: '/a' },
        { op: 'add', path: 'a', value: 1 },
        { op: 'add', path: '/a' },
        { op: 'move', path: '/a' },
        null,
      ]),
    ).toHaveLength(6);
  });

  it.each([
    { op: 'replace', path: '/id', value: 'p2' },
    { op: 'remove', path: '/id' },
    { op: 'replace', path: '/resourceType', value: 'Person' },
    { op: 'replace', path: '', value: {} },
    { op: 'move', from: '/id', path: '/language' },
    { op: 'add', path: '/meta/versionId', value: '9' },
  ])('leaves identity to the server: $op $path', (operation) => {
    expect(refusal([operation])[0]).toBe('invalid');
  });

  it('cannot reach prototypes', () => {
    expect(refusal([{ op: 'add', path: '/__proto__/polluted', value: 1 }])[0]).toBe('invalid');
    expect(refusal([{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }])[0]).toBe(
      'invalid',
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('holds at most 100 operations', () => {
    expect(
      refusal(Array.from({ length: 101 }, () => ({ op: 'test', path: '/id', value: 'p1' })))[0],
    ).toBe('too-large');
  });
});
