/** A code system of one's own: a CSV with a header, or a CodeSystem resource in JSON. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { CodeSystem, CodeSystemConcept } from '@afar/fhir';
import { validate } from '@afar/fhir';
import { definitionsOf, systemOf } from '../memory/from-resource.ts';
import { textOf } from '../memory/choose.ts';
import type { PropertyDefinition } from '../model.ts';
import { csvRows } from './csv.ts';
import { filesUnder, LoadFault, needed, linesOf } from './files.ts';
import type { LoadOptions, Release } from './load.ts';

/** Columns with a meaning; any other is a property. */
const meant = new Set([
  'code',
  'display',
  'definition',
  'parent',
  'inactive',
  'abstract',
  'synonym',
]);

const isTrue = (text: string | undefined): boolean => /^(true|1|yes|y)$/i.test(text ?? '');
const several = (text: string | undefined): string[] =>
  (text ?? '').split(/[;|]/).flatMap((one) => one.trim() || []);

/** `display:de` is the name in German. */
const otherLanguage = /^display:([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)$/;

export async function openCsv(path: string, { url, version, name }: LoadOptions): Promise<Release> {
  const file = needed(filesUnder(path), /\.csv$/i, 'a .csv file');
  if (!url || !version)
    throw new LoadFault(
      'a CSV says neither whose codes nor which version: give --url and --version',
    );
  const head = await headOf(file);
  const extra = head.filter((one) => !meant.has(one) && !otherLanguage.test(one));
  return {
    url,
    version,
    name: name ?? basename(file).replace(/\.csv$/i, ''),
    properties: extra.map((code): PropertyDefinition => ({ code, type: 'string' })),
    files: [file],
    async read(sink, onBytes) {
      for await (const row of csvRows(file, ['code', 'display'], onBytes)) {
        const code = row.code!.trim();
        if (!code) continue;
        await sink.concept({
          code,
          display: row.display,
          inactive: isTrue(row.inactive),
          abstract: isTrue(row.abstract),
          ...(row.definition && { definition: row.definition }),
        });
        for (const parent of several(row.parent)) await sink.link(code, parent);
        for (const value of several(row.synonym)) await sink.name({ code, value });
        for (const [column, value] of Object.entries(row)) {
          const language = otherLanguage.exec(column)?.[1];
          if (language && value)
            await sink.name({ code, value, language, use: { code: 'display' } });
        }
        for (const column of extra)
          for (const value of several(row[column])) await sink.property(code, column, value);
      }
    },
  };
}

async function headOf(file: string): Promise<string[]> {
  for await (const lines of linesOf(file, () => undefined))
    return (lines[0] ?? '').split(',').map((one) => one.trim().replace(/^"|"$/g, ''));
  return [];
}

/** It is read whole: a JSON that is larger than this comes as something else. */
const mostJson = 512 * 1024 * 1024;

export function openResource(path: string, options: LoadOptions): Release {
  const file = needed(filesUnder(path), /\.json$/i, 'a .json file');
  if (statSync(file).size > mostJson)
    throw new LoadFault(`${basename(file)} is larger than 512 MB`);
  const resource = read(file);
  const url = options.url ?? resource.url;
  const version = options.version ?? resource.version;
  if (!url || !version)
    throw new LoadFault('the CodeSystem has no url or no version: give --url or --version');
  const system = systemOf(resource);
  return {
    url,
    version,
    name: options.name ?? resource.title ?? resource.name ?? url,
    ...(resource.language !== undefined && { language: resource.language }),
    properties: [...definitionsOf(resource).values()],
    files: [file],
    async read(sink, onBytes) {
      for (const code of system.codes) {
        const { properties, designations, ...concept } = system.concept(code)!;
        await sink.concept(concept);
        for (const parent of system.parentsOf(code)) await sink.link(code, parent);
        for (const one of designations) await sink.name({ code, ...one });
        for (const [name, values] of Object.entries(properties))
          for (const value of values) await sink.property(code, name, textOf(value));
      }
      onBytes(statSync(file).size);
    },
  };
}

function read(file: string): CodeSystem {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new LoadFault(`${basename(file)} is no JSON`);
  }
  if ((parsed as CodeSystem | null)?.resourceType !== 'CodeSystem')
    throw new LoadFault(`${basename(file)} is no CodeSystem`);
  const [fault] = validate(parsed).filter(
    ({ severity }) => severity === 'error' || severity === 'fatal',
  );
  if (fault)
    throw new LoadFault(
      `${basename(file)} is not valid: ${fault.expression?.[0] ?? ''} ${fault.diagnostics ?? fault.details?.text ?? ''}`,
    );
  const resource = parsed as CodeSystem;
  if (!hasConcepts(resource.concept)) throw new LoadFault(`${basename(file)} holds no concepts`);
  return resource;
}

const hasConcepts = (concepts: readonly CodeSystemConcept[] | undefined): boolean =>
  (concepts?.length ?? 0) > 0;
