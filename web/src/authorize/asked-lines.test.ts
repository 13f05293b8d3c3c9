/** Scopes become lines, and ticked lines become scopes again. */
import { describe, expect, it } from 'vitest';
import { linesOf, plainOf, scopesOf } from './asked-lines.ts';

const all = (asked: string[]): Set<string> => new Set(linesOf(asked).map((one) => one.id));

describe('lines of a request', () => {
  it('say the kind, what is done with it, and what narrows it', () => {
    const asked = [
      'patient/Observation.rs?category=http://x.example|vital-signs',
      'patient/MedicationRequest.read',
      'patient/Immunization.rs',
      'user/Basic.cruds',
    ];
    expect(linesOf(asked)).toMatchObject([
      { reach: 'patient', kind: 'measurements', act: 'see', only: ['vital-signs'] },
      { reach: 'patient', kind: 'medicines', act: 'see', scopes: asked.slice(1, 3) },
      { reach: 'user', kind: 'other', act: 'change', type: 'Basic' },
    ]);
    expect(scopesOf(linesOf(asked), all(asked))).toEqual(asked);
  });

  it('take everything apart, and put it together again when nothing was left out', () => {
    const asked = ['patient/*.rs'];
    const lines = linesOf(asked);
    expect(lines.length).toBeGreaterThan(8);
    expect(scopesOf(lines, all(asked))).toEqual(['patient/*.rs']);
    const some = all(asked);
    some.delete(lines.find((one) => one.kind === 'messages')!.id);
    const granted = scopesOf(lines, some);
    expect(granted).toContain('patient/Condition.rs');
    expect(granted).not.toContain('patient/Communication.rs');
    expect(granted).not.toContain('patient/*.rs');
    expect(scopesOf(lines, new Set())).toEqual([]);
  });

  it('leave out what is no data', () => {
    const asked = ['openid', 'launch/patient', 'offline_access', 'patient/Goal.rs'];
    expect(linesOf(asked)).toHaveLength(1);
    expect(plainOf(asked)).toEqual(asked.slice(0, 3));
  });
});
