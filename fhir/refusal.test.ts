/** Refusals as the standard's errors. */
import { describe, expect, it } from 'vitest';
import { outcomeOf, Refusal, refusalCodeOf } from './index.ts';

describe('a refusal [FHIR R4 operationoutcome.html]', () => {
  it('is an OperationOutcome with the code of its reason, and keeps detail to itself', () => {
    const { status, outcome } = outcomeOf(
      new Refusal('slot-taken', { detail: 'slot 7', expression: ['Appointment.slot'] }),
    );
    expect(status).toBe(409);
    expect(outcome.issue[0]).toMatchObject({
      severity: 'error',
      code: 'conflict',
      expression: ['Appointment.slot'],
    });
    expect(refusalCodeOf(outcome)).toBe('slot-taken');
    expect(JSON.stringify(outcome)).not.toContain('slot 7');
  });

  it('carries headers: 401 says how to sign in, 503 when to come back', () => {
    expect(outcomeOf(new Refusal('unauthenticated')).headers['www-authenticate']).toBe('Bearer');
    const { status, headers } = outcomeOf(
      new Refusal('unavailable', { headers: { 'retry-after': '9' } }),
    );
    expect([status, headers['retry-after']]).toEqual([503, '9']);
  });

  it('reports several issues at once', () => {
    const issues = [
      { severity: 'error' as const, code: 'required' as const, expression: ['Patient.a'] },
      { severity: 'error' as const, code: 'value' as const, expression: ['Patient.b'] },
    ];
    expect(outcomeOf(new Refusal('invalid', { issues })).outcome.issue).toEqual(issues);
  });

  it.each([
    [400, 'unreadable-body'],
    [413, 'too-large'],
    [415, 'unsupported-media'],
    [503, 'unavailable'],
  ])('reads the status %i of a library error without its message', (statusCode, code) => {
    const answer = outcomeOf(Object.assign(new Error('Jane Doe'), { statusCode }));
    expect(answer.status).toBe(statusCode);
    expect(refusalCodeOf(answer.outcome)).toBe(code);
    expect(JSON.stringify(answer)).not.toContain('Jane');
  });

  it.each([
    [new Error('Jane Doe')],
    ['Jane Doe'],
    [null],
    [{ statusCode: 599, message: 'Jane Doe' }],
  ])('tells nothing about an unknown error', (error) => {
    const answer = outcomeOf(error);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('Jane');
  });
});
