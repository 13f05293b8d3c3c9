/**
 * What validation costs by type.
 * usage: node bench/validate.ts [folder of FHIR bundles]
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '@afar/fhir';
import type { Bundle, Resource } from '@afar/fhir';

const [folder = join(import.meta.dirname, '../../shared/data/synthea')] = process.argv.slice(2);

const byType = new Map<string, Resource[]>();
function take(resource: Resource | undefined): void {
  if (!resource) return;
  byType.set(resource.resourceType, [...(byType.get(resource.resourceType) ?? []), resource]);
}
if (existsSync(folder))
  for (const file of globSync('*.json', { cwd: folder }))
    for (const { resource } of (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle)
      .entry ?? [])
      take(resource);

console.log('type                          resources  us each');
for (const [type, all] of [...byType].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const sample = all.slice(0, 500);
  sample.forEach(validate);
  const began = performance.now();
  let runs = 0;
  while (performance.now() - began < 200) {
    sample.forEach(validate);
    runs += sample.length;
  }
  const each = ((performance.now() - began) * 1000) / runs;
  console.log(type.padEnd(30), String(all.length).padStart(8), each.toFixed(1).padStart(8));
}
