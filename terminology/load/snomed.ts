/** SNOMED CT in release format 2: the snapshot of an edition, unpacked [SNOMED CT RF2 guide]. */
import { basename } from 'node:path';
import type { PropertyDefinition } from '../model.ts';
import { filesUnder, LoadFault, named, needed, tabbedRows } from './files.ts';
import type { OnBytes } from './files.ts';
import type { LoadOptions, Release } from './load.ts';
import type { Sink } from './staging.ts';

const url = 'http://snomed.info/sct';
const isA = '116680003';
const fullySpecified = '900000000000003001';
const definition = '900000000000550004';
const defined = '900000000000073002';
const preferred = '900000000000548007';
const inferred = '900000000000011006';

/** Dialects whose preferred names are displays: US English, then British, then any. */
const dialects = new Map([
  ['900000000000509007', 0],
  ['900000000000508004', 1],
]);
const otherDialect = 2;

/** Editions by the part of the file name that says who made it. */
const modules: Readonly<Record<string, string>> = {
  INT: '900000000000207008',
  US1000124: '731000124108',
  GB1000000: '999000031000000106',
  AU1000036: '32506021000036107',
  CA1000087: '20611000087101',
};

const properties: readonly PropertyDefinition[] = [
  { code: 'inactive', type: 'boolean', uri: 'http://snomed.info/field/Concept.active' },
  { code: 'sufficientlyDefined', type: 'boolean' },
  { code: 'moduleId', type: 'code', uri: 'http://snomed.info/field/Concept.moduleId' },
  { code: 'effectiveTime', type: 'string' },
  { code: 'refset', type: 'code', description: 'Simple reference set it is a member of' },
  {
    code: 'refsetMembers',
    type: 'boolean',
    description: 'It is a simple reference set with members',
  },
];

export function openSnomed(path: string, { version }: LoadOptions): Release {
  const all = filesUnder(path);
  const concepts = needed(all, /^x?sct2_Concept_Snapshot_.*\.txt$/i, 'sct2_Concept_Snapshot_….txt');
  const relationships = needed(
    all,
    /^x?sct2_Relationship_Snapshot_.*\.txt$/i,
    'sct2_Relationship_Snapshot_….txt',
  );
  const descriptions = named(all, /^x?sct2_(Description|TextDefinition)_Snapshot.*\.txt$/i);
  if (descriptions.length === 0) throw new LoadFault('sct2_Description_Snapshot….txt is not there');
  const languages = named(all, /^x?der2_cRefset_Language(Snapshot|.*Snapshot).*\.txt$/i);
  const refsets = named(all, /^x?der2_Refset_Simple(Snapshot|.*Snapshot).*\.txt$/i);
  return {
    url,
    version: versionOf(basename(concepts), version),
    name: 'SNOMED CT',
    properties,
    files: [concepts, ...descriptions, relationships, ...languages, ...refsets],
    async read(sink, onBytes) {
      await readConcepts(concepts, sink, onBytes);
      for (const file of descriptions) await readDescriptions(file, sink, onBytes);
      await readRelationships(relationships, sink, onBytes);
      for (const file of languages) await readPreferences(file, sink, onBytes);
      const seen = new Set<string>();
      for (const file of refsets) await readRefset(file, sink, onBytes, seen);
    },
  };
}

/** [SNOMED CT URI standard 2.2] http://snomed.info/sct/<module>/version/<date> */
function versionOf(file: string, given: string | undefined): string {
  if (given?.startsWith(`${url}/`)) return given;
  const found = /_Snapshot_([A-Z]*\d*)_(\d{8})\.txt$/i.exec(file);
  const module = found && modules[found[1]!];
  if (given && /^\d{8}$/.test(given) && module) return `${url}/${module}/version/${given}`;
  if (given) throw new LoadFault(`--version: ${url}/<module>/version/<date> is expected`);
  if (!module)
    throw new LoadFault('the edition cannot be told from the file names: give --version');
  return `${url}/${module}/version/${found[2]!}`;
}

async function readConcepts(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const columns = ['id', 'effectiveTime', 'active', 'moduleId', 'definitionStatusId'];
  for await (const rows of tabbedRows(file, columns, onBytes))
    for (const [id, time, active, module, status] of rows as [
      string,
      string,
      string,
      string,
      string,
    ][]) {
      await sink.concept({ code: id, inactive: active !== '1' });
      await sink.property(id, 'effectiveTime', time);
      await sink.property(id, 'moduleId', module);
      await sink.property(id, 'sufficientlyDefined', String(status === defined));
    }
}

async function readDescriptions(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const columns = ['id', 'active', 'conceptId', 'languageCode', 'typeId', 'term'];
  for await (const rows of tabbedRows(file, columns, onBytes))
    for (const [id, active, code, language, type, value] of rows as [
      string,
      string,
      string,
      string,
      string,
      string,
    ][]) {
      if (active !== '1' || type === definition) continue;
      const isFull = type === fullySpecified;
      await sink.name({
        code,
        value,
        language,
        use: { system: url, code: type, display: isFull ? 'Fully specified name' : 'Synonym' },
        // Without any preference the first synonym serves, English before others, the full name last.
        rank: (isFull ? 20 : 10) + (language === 'en' ? 0 : 1),
        ...(!isFull && { ref: id }),
      });
    }
}

async function readRelationships(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const columns = ['active', 'sourceId', 'destinationId', 'typeId', 'characteristicTypeId'];
  for await (const rows of tabbedRows(file, columns, onBytes))
    for (const [active, from, to, type, character] of rows as [
      string,
      string,
      string,
      string,
      string,
    ][]) {
      if (active !== '1') continue;
      if (type === isA) await sink.link(from, to);
      else if (character === inferred) await sink.property(from, type, to);
    }
}

async function readPreferences(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const columns = ['active', 'refsetId', 'referencedComponentId', 'acceptabilityId'];
  for await (const rows of tabbedRows(file, columns, onBytes))
    for (const [active, dialect, description, acceptability] of rows as [
      string,
      string,
      string,
      string,
    ][])
      if (active === '1' && acceptability === preferred)
        await sink.prefer(description, dialects.get(dialect) ?? otherDialect);
}

async function readRefset(
  file: string,
  sink: Sink,
  onBytes: OnBytes,
  seen: Set<string>,
): Promise<void> {
  const columns = ['active', 'refsetId', 'referencedComponentId'];
  for await (const rows of tabbedRows(file, columns, onBytes))
    for (const [active, refset, member] of rows as [string, string, string][]) {
      if (active !== '1') continue;
      if (!seen.has(refset)) await sink.property(refset, 'refsetMembers', 'true');
      seen.add(refset);
      await sink.property(member, 'refset', refset);
    }
}
