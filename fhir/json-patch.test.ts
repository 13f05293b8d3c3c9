/** JSON Patch [RFC 6902] on resources. */
import { describe, expect, it } from 'vitest';
import { patient } from './fixtures/patient.ts';
import { parseExact } from './exact.ts';
import { applyJsonPatch, Refusal } from './index.ts';
import type { Resource } from './index.ts';

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

  it('does not double what it copied until memory ends', () => {
    const bomb = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/name', path: '/name/-' }));
    expect(refusal(bomb)[0]).toBe('too-costly');
  });

  it('keeps decimals as they were written, those it leaves and those it brings [datatypes.html#decimal]', () => {
    const before = parseExact(
      '{"resourceType":"Observation","valueQuantity":{"value":1.50},"component":[{"valueQuantity":{"value":2.0}}]}',
    ) as Resource;
    const operations = parseExact(
      `[{"op":"test","path":"/valueQuantity/value","value":1.5},
        {"op":"copy","from":"/valueQuantity/value","path":"/component/0/valueQuantity/value"},
        {"op":"replace","path":"/valueQuantity/value","value":3.00},
        {"op":"add","path":"/component/-","value":{"valueQuantity":{"value":4.10}}}]`,
    );
    expect(JSON.stringify(applyJsonPatch(before, operations))).toBe(
      '{"resourceType":"Observation","valueQuantity":{"value":3.00},' +
        '"component":[{"valueQuantity":{"value":1.50}},{"valueQuantity":{"value":4.10}}]}',
    );
  });
});
