/** Claims of profiles: what is looked up, how often, and what strictness changes. */
import { callerFor } from '@afar/access';
import type { Bundle, Resource } from '@afar/fhir';
import { systemClock } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import { describe, expect, it } from 'vitest';
import { createConformance } from './conformance.ts';

const sql = {} as Queryable;
const caller = callerFor('practitioner');
const claiming = (...profile: string[]): Resource => ({
  resourceType: 'Patient',
  meta: { profile },
});

function conformance(unknownProfiles?: 'accept' | 'refuse') {
  const asked: string[] = [];
  const made = createConformance({
    clock: systemClock,
    // A store that holds no definition.
    find: async (_sql, _caller, _type, params) => {
      asked.push(params[0]![1]);
      return { resourceType: 'Bundle', type: 'searchset' } satisfies Bundle;
    },
    terminology: () => undefined,
    ...(unknownProfiles && { unknownProfiles }),
  });
  return { ...made, asked };
}

describe('claims', () => {
  it('are looked up once, together, and again when a definition changes', async () => {
    const { require, forget, asked } = conformance();
    await require(sql, caller, [claiming('https://e.example/a,b', 'https://e.example/c|1')]);
    await require(sql, caller, [claiming('https://e.example/a,b')]);
    expect(asked).toEqual(['https://e.example/a\\,b,https://e.example/c']);
    forget(caller.tenant);
    await require(sql, caller, [claiming('https://e.example/a,b')]);
    expect(asked).toHaveLength(2);
  });

  it('of endless length or number cost nothing', async () => {
    const { require, asked } = conformance();
    await require(sql, caller, [claiming(`https://e.example/${'a'.repeat(5_000)}`)]);
    expect(asked).toEqual([]);
    const many = Array.from({ length: 1_000 }, (_, at) => `https://e.example/${at}`);
    await require(sql, caller, [claiming(...many)]);
    expect(asked.join().split(',')).toHaveLength(20);
  });

  it('of what nobody knows are refused where the house is strict', async () => {
    const one = [claiming('https://e.example/a')];
    await expect(conformance().require(sql, caller, one)).resolves.toBeUndefined();
    await expect(conformance('refuse').require(sql, caller, one)).rejects.toMatchObject({
      code: 'invalid',
      outcome: { issue: [{ severity: 'error', expression: ['Patient.meta.profile[0]'] }] },
    });
  });
});
