/** Real-world input: every resource of every Synthea bundle at hand is valid, owned and indexed. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { index, ownerOf, resourceClass, rewriteReferences, validate } from './index.ts';

const folder = join(import.meta.dirname, '../../shared/data/synthea');

describe.runIf(existsSync(folder))('Synthea bundles', () => {
  const files = globSync('*.json', { cwd: folder });

  it('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files.map((file, i) => [i, file] as const))(
    'bundle %i validates whole and piece by piece',
    (_, file) => {
      const bundle = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle;
      expect(validate(bundle)).toEqual([]);
      const map = new Map(
        bundle.entry!.map(({ fullUrl, resource }) => [
          fullUrl!,
          `${resource!.resourceType}/${resource!.id}`,
        ]),
      );
      const owner = bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!
        .resource!.id;
      for (const { resource } of bundle.entry!) {
        const stored = rewriteReferences(resource!, map);
        expect(validate(stored)).toEqual([]);
        expect(index(stored).tokens).toContainEqual({ param: '_id', code: stored.id });
        expect(JSON.stringify(stored)).not.toContain('"urn:uuid:');
        const expected = resourceClass[stored.resourceType] === 'patient' ? owner : undefined;
        expect(ownerOf(stored)?.id).toBe(expected);
      }
    },
  );
});
