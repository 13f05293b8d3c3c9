/** Validation of any JSON at all: it answers, never crashes, and what it lets pass can be indexed. */
import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patient } from './fixtures/patient.ts';
import { index, patientsOf, references, resourceTypes, validate } from './index.ts';
import { typeModel } from './model.ts';

const json = fc.jsonValue({ maxDepth: 6 });
const type = fc.constantFrom(...resourceTypes);

/** Names that exist: random ones never get past the first check. */
function elementsOf(name: string): string[] {
  return typeModel(name)!.elements.flatMap((element) => [element.name, `_${element.name}`]);
}

/** What stands behind validation must take whatever validation lets pass. */
function passOn(value: unknown): string[] {
  const issues = validate(value);
  if (issues.length === 0) {
    index(value as Resource);
    references(value as Resource);
    patientsOf(value as Resource);
  }
  return issues.map(({ expression }) => expression?.[0] ?? '');
}

describe('any JSON', () => {
  it('as a resource', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(passOn(value)).toHaveLength(1);
      }),
    );
  });

  it('in every element of every type', () => {
    const resource = type.chain((resourceType) =>
      fc
        .dictionary(fc.constantFrom(...elementsOf(resourceType)), json)
        .map((rest) => ({ ...rest, resourceType })),
    );
    fc.assert(
      fc.property(resource, (value) => {
        for (const expression of passOn(value))
          expect(expression.startsWith(value.resourceType)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('in one place of a valid resource', () => {
    const places: string[][] = [];
    const collect = (value: unknown, path: string[]): void => {
      if (path.length) places.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) collect(inner, [...path, key]);
    };
    collect(patient, []);
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.oneof(json, fc.string(), fc.constant(null)),
        (path, value) => {
          const copy = structuredClone(patient) as unknown as Record<string, unknown>;
          let holder = copy;
          for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
          holder[path.at(-1)!] = value;
          expect(Array.isArray(passOn(copy))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
