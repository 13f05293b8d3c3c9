/** The compartment table is the standard's, and names parameters that exist. */
import { expect, it } from 'vitest';
import { compartment, compartmentParams, searchParams } from './index.ts';

it('names reference parameters of each type [FHIR R4 compartmentdefinition.html]', () => {
  const sizes = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'].map((of) => {
    const types = compartment(of)!;
    for (const [type, params] of types)
      for (const param of params) {
        // Two lines of the standard name parameters its own list does not have.
        const kind = searchParams(type).get(param)?.type ?? 'reference';
        expect([type, param, kind]).toEqual([type, param, 'reference']);
      }
    return types.size;
  });
  expect(sizes).toEqual([66, 25, 59, 32, 32]);
  expect(compartment('Observation')).toBeUndefined();
});

it('knows the types whose denials apply', () => {
  for (const type of compartment('Patient')!.keys())
    expect([type, compartmentParams(type).length > 0]).toEqual([type, true]);
});
