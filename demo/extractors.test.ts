/**
 * What search finds in a resource is what HL7's expressions say it is: every search parameter over the demo clinic,
 * Synthea's bundles where they are at hand, and filled-in resources of every type.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resourceTypes } from '@afar/fhir';
import type { Bundle, Resource } from '@afar/fhir';
import { disagreements, parametersOf, sampleResource } from '@afar/fhir/testing';
import { describe, expect, it } from 'vitest';
import { demoClinic } from './index.ts';

const differing = (resources: readonly Resource[]): string[] => [
  ...new Set(resources.flatMap(disagreements)),
];
const inBundle = ({ entry = [] }: Bundle): Resource[] =>
  entry.flatMap(({ resource }) => resource ?? []);

const synthea = join(import.meta.dirname, '../../shared/data/synthea');

describe('compiled extractors find what FHIRPath finds', () => {
  it('for nearly all parameters of the standard', () => {
    const count = resourceTypes.reduce((sum, type) => sum + parametersOf(type).length, 0);
    expect(count).toBeGreaterThan(2_000);
  });

  it('in the demo clinic', () => {
    const { bundles } = demoClinic(Date.parse('2026-11-21T18:00:00Z'));
    expect(differing(bundles.flatMap(inBundle))).toEqual([]);
  });

  it.each(resourceTypes)('in filled-in resources: %s', (type) => {
    const some = Array.from({ length: 6 }, (_, seed) => sampleResource(type, seed + 1));
    expect(differing(some)).toEqual([]);
  });

  it.runIf(existsSync(synthea))('in Synthea', { timeout: 120_000 }, () => {
    const resources = globSync('*.json', { cwd: synthea }).flatMap((file) =>
      inBundle(JSON.parse(readFileSync(join(synthea, file), 'utf8')) as Bundle),
    );
    expect(resources.length).toBeGreaterThan(0);
    expect(differing(resources)).toEqual([]);
  });
});
