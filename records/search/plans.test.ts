/** The plans as documented, and the golden list of types whose owner path repeats. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Resource } from '@afar/fhir';
import { ownerOf, ownerPath, resourceTypes, searchParams, validate } from '@afar/fhir';
import { ownerParams, severalOwners } from './owner-params.ts';
import { pagePath, searchParametersPage } from './plans-page.ts';

it('docs/search-parameters.md is what the plans say', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(searchParametersPage());
});

describe('the parameters that name an owner', () => {
  it('are the usual ones', () => {
    expect([...ownerParams('Observation')].sort()).toEqual(['patient', 'subject']);
    expect([...ownerParams('Coverage')]).toContain('beneficiary');
    expect([...ownerParams('Encounter')]).not.toContain('participant');
    expect(ownerParams('Appointment').size).toBe(0);
    expect(ownerParams('Practitioner').size).toBe(0);
  });

  it('say whom ownerOf says, for every type', () => {
    for (const type of resourceTypes) {
      for (const code of ownerParams(type)) {
        // The parameter reads the owner and nothing else: a resource owned by x is found as x's alone.
        const [first = '', ...rest] = ownerPath[type]!.split('.');
        const inner = rest.reduceRight<unknown>((value, step) => ({ [step]: value }), {
          reference: 'Patient/x',
        });
        const resource = { resourceType: type, [first]: inner } as unknown as Resource;
        expect(ownerOf(resource)?.id).toBe('x');
        expect(searchParams(type).get(code)!.extract(resource)).toHaveLength(1);
      }
    }
  });

  it('leave out exactly the types whose owner path repeats', () => {
    for (const [type, path] of Object.entries(ownerPath)) {
      const [first = ''] = path.split('.');
      const resource = { resourceType: type, [first]: [{}, {}] } as unknown as Resource;
      // A list where one element may stand is refused by the structure [FHIR R4 structuredefinition.html].
      const refused = validate(resource).some(
        (issue) =>
          issue.expression?.includes(`${type}.${first}`) &&
          /array|list|repeat|single/i.test(issue.diagnostics ?? issue.details?.text ?? ''),
      );
      expect([type, refused]).toEqual([type, !severalOwners.has(type)]);
    }
  });
});
