/** LOINC: Loinc.csv, and whatever else of a release lies beside it: parts, hierarchy, answer lists, other languages. */
import { basename } from 'node:path';
import type { PropertyDefinition } from '../model.ts';
import { csvRows } from './csv.ts';
import { filesUnder, LoadFault, named, needed } from './files.ts';
import type { OnBytes } from './files.ts';
import type { LoadOptions, Release } from './load.ts';
import type { Sink } from './staging.ts';

const url = 'http://loinc.org';

/** Columns that are properties of the terms, under the names that [FHIR R4 loinc.html] filters by. */
const terms = [
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'CLASSTYPE',
  'STATUS',
  'ORDER_OBS',
  'CONSUMER_NAME',
  'EXAMPLE_UCUM_UNITS',
  'VersionLastChanged',
  'EXTERNAL_COPYRIGHT_NOTICE',
];

const properties: readonly PropertyDefinition[] = [
  ...terms.map((code): PropertyDefinition => ({ code, type: 'string' })),
  { code: 'PART_TYPE', type: 'string', description: 'Of a part: what it is a part of' },
  { code: 'answer-list', type: 'code', description: 'Answer list bound to the term' },
];

/** [loinc.org knowledge base] what is no longer to be used. */
const inactive = new Set(['DEPRECATED', 'DISCOURAGED', 'INACTIVE']);

export function openLoinc(path: string, { version }: LoadOptions): Release {
  const all = filesUnder(path);
  const main = needed(all, /^loinc\.csv$/i, 'Loinc.csv');
  const told = version ?? /(?:^|[/\\])loinc_(\d+\.\d+)(?:[/\\]|$)/i.exec(main)?.[1];
  if (!told) throw new LoadFault('the release cannot be told from the folder: give --version');
  const parts = named(all, /^part\.csv$/i).slice(0, 1);
  const hierarchy = named(all, /^componenthierarchybysystem\.csv$/i).slice(0, 1);
  const answers = named(all, /^answerlist\.csv$/i).slice(0, 1);
  const bindings = named(all, /^loincanswerlistlink\.csv$/i).slice(0, 1);
  const variants = named(all, /^[a-z]{2}[A-Z]{2}\d*LinguisticVariant\.csv$/);
  return {
    url,
    version: told,
    name: 'LOINC',
    properties,
    files: [main, ...parts, ...hierarchy, ...answers, ...bindings, ...variants],
    async read(sink, onBytes) {
      await readTerms(main, sink, onBytes);
      for (const file of parts) await readParts(file, sink, onBytes);
      for (const file of hierarchy) await readHierarchy(file, sink, onBytes);
      for (const file of answers) await readAnswers(file, sink, onBytes);
      for (const file of bindings)
        for await (const row of csvRows(file, ['LoincNumber', 'AnswerListId'], onBytes))
          await sink.property(row.LoincNumber!, 'answer-list', row.AnswerListId!);
      for (const file of variants) await readVariant(file, sink, onBytes);
    },
  };
}

const useOf = (code: string) => ({ system: url, code });

async function readTerms(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  for await (const row of csvRows(file, ['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'], onBytes)) {
    const code = row.LOINC_NUM!;
    await sink.concept({
      code,
      display: row.LONG_COMMON_NAME || row.COMPONENT,
      inactive: inactive.has(row.STATUS ?? ''),
      ...(row.DefinitionDescription && { definition: row.DefinitionDescription }),
    });
    for (const name of terms) if (row[name]) await sink.property(code, name, row[name]);
    for (const name of ['SHORTNAME', 'CONSUMER_NAME', 'DisplayName'])
      if (row[name]) await sink.name({ code, value: row[name], language: 'en', use: useOf(name) });
  }
}

async function readParts(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  for await (const row of csvRows(file, ['PartNumber', 'PartTypeName', 'PartName'], onBytes)) {
    await sink.concept({
      code: row.PartNumber!,
      display: row.PartDisplayName || row.PartName,
      inactive: inactive.has(row.Status ?? ''),
    });
    await sink.property(row.PartNumber!, 'PART_TYPE', row.PartTypeName!);
  }
}

/** Nodes of the multiaxial hierarchy are parts and terms; of some parts only it tells the name. */
async function readHierarchy(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  for await (const row of csvRows(file, ['IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'], onBytes)) {
    // A code that came already keeps its first name.
    await sink.concept({ code: row.CODE!, display: row.CODE_TEXT });
    if (row.IMMEDIATE_PARENT) await sink.link(row.CODE!, row.IMMEDIATE_PARENT);
  }
}

async function readAnswers(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const columns = [
    'AnswerListId',
    'AnswerListName',
    'AnswerStringId',
    'SequenceNumber',
    'DisplayText',
  ];
  let at = 0;
  for await (const row of csvRows(file, columns, onBytes)) {
    // Answers of other systems stand in a list by name only.
    const code = row.AnswerStringId!;
    if (!code.startsWith('LA')) continue;
    await sink.concept({ code, display: row.DisplayText });
    const set = { url: `${url}/vs/${row.AnswerListId}`, title: row.AnswerListName! };
    await sink.member(set, code, Number(row.SequenceNumber) || ++at);
  }
}

/** `deDE15LinguisticVariant.csv` */
async function readVariant(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  const [, language, region] = /^([a-z]{2})([A-Z]{2})/.exec(basename(file))!;
  for await (const row of csvRows(file, ['LOINC_NUM'], onBytes)) {
    const value = row.LinguisticVariantDisplayName || row.LONG_COMMON_NAME;
    if (value)
      await sink.name({
        code: row.LOINC_NUM!,
        value,
        language: `${language}-${region}`,
        use: useOf('LONG_COMMON_NAME'),
      });
  }
}
