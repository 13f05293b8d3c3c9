/** ClaML, the XML in which WHO and national offices publish ICD-10: classes, their place and their names. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { PropertyDefinition } from '../model.ts';
import { filesUnder, LoadFault, needed } from './files.ts';
import type { OnBytes } from './files.ts';
import type { LoadOptions, Release } from './load.ts';
import type { Sink } from './staging.ts';

const properties: readonly PropertyDefinition[] = [
  { code: 'kind', type: 'code', description: 'chapter, block or category' },
];

export async function openClaml(path: string, options: LoadOptions): Promise<Release> {
  const file = needed(filesUnder(path), /\.(xml|claml)$/i, 'a ClaML file (.xml)');
  const version = options.version ?? (await versionIn(file));
  if (!version) throw new LoadFault('the release cannot be told from the file: give --version');
  return {
    url: options.url ?? 'http://hl7.org/fhir/sid/icd-10',
    version,
    name: 'ICD-10',
    properties,
    files: [file],
    read: (sink, onBytes) => readClasses(file, sink, onBytes),
  };
}

interface Tag {
  readonly name: string;
  readonly opens: boolean;
  readonly closes: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  /** What stood before it. */
  readonly text: string;
}

/** A tag, or a text between tags, longer than this is no ClaML. */
const longestPiece = 1024 * 1024;

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/** Entities of the document's own are not followed: a file may not make text out of nothing. */
const decoded = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,10}));/gi,
    (whole, hex?: string, ten?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const point = hex === undefined ? Number(ten) : parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );

/** Start and end of the sections that are passed over. */
const passed: readonly [string, string][] = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<!DOCTYPE', '>'],
];

async function* tagsOf(file: string, onBytes: OnBytes): AsyncIterable<Tag> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let text = '';
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    onBytes((chunk as Buffer).length);
    rest += decoder.decode(chunk as Buffer, { stream: true });
    let at = 0;
    for (;;) {
      const open = rest.indexOf('<', at);
      if (open < 0) break;
      const skip = passed.find(([start]) => rest.startsWith(start, open));
      // The start of a section may be cut in two by the chunk's end.
      if (!skip && rest[open + 1] === '!' && rest.length - open < 10) break;
      const end = skip ? skip[1] : '>';
      const close = rest.indexOf(end, open);
      if (close < 0) break;
      text += rest.slice(at, open);
      if (!skip) {
        yield tagOf(rest.slice(open + 1, close), text);
        text = '';
      }
      at = close + end.length;
    }
    rest = rest.slice(at);
    if (rest.length > longestPiece || text.length > longestPiece)
      throw new LoadFault(`${basename(file)}: this is no ClaML`);
  }
}

function tagOf(inner: string, text: string): Tag {
  const closes = inner.startsWith('/');
  const selfClosed = inner.endsWith('/');
  const name = /^\/?([\w:.-]+)/.exec(inner)?.[1] ?? '';
  const attributes = new Map<string, string>();
  for (const [, key, , value] of inner.matchAll(/([\w:.-]+)\s*=\s*(["'])(.*?)\2/gs))
    attributes.set(key!, decoded(value!));
  return { name, opens: !closes, closes: closes || selfClosed, attributes, text };
}

async function versionIn(file: string): Promise<string | undefined> {
  for await (const { name, opens, attributes } of tagsOf(file, () => undefined)) {
    if (opens && name === 'Title') return attributes.get('version') ?? attributes.get('date');
    if (name === 'Class') return undefined;
  }
  return undefined;
}

/** Rubrics that name the class; the rest explains it. */
const naming = new Set(['preferred', 'preferredLong']);

async function readClasses(file: string, sink: Sink, onBytes: OnBytes): Promise<void> {
  let code: string | undefined;
  let kind = '';
  let rubric = '';
  let label: { text: string; language?: string } | undefined;
  let names: { kind: string; value: string; language?: string }[] = [];
  let parents: string[] = [];
  for await (const { name, opens, closes, attributes, text } of tagsOf(file, onBytes)) {
    if (label) label.text += text;
    if (name === 'Class' && opens) {
      code = attributes.get('code');
      kind = attributes.get('kind') ?? '';
      names = [];
      parents = [];
    } else if (name === 'SuperClass' && opens) parents.push(attributes.get('code') ?? '');
    else if (name === 'Rubric' && opens) rubric = attributes.get('kind') ?? '';
    else if (name === 'Label' && opens && !closes)
      label = {
        text: '',
        ...(attributes.has('xml:lang') && { language: attributes.get('xml:lang')! }),
      };
    else if (name === 'Label' && closes && label) {
      const value = decoded(label.text).replace(/\s+/g, ' ').trim();
      if (value)
        names.push({ kind: rubric, value, ...(label.language && { language: label.language }) });
      label = undefined;
    }
    if (name === 'Class' && closes && code !== undefined) {
      await tell(sink, code, kind, names, parents);
      code = undefined;
    }
  }
}

async function tell(
  sink: Sink,
  code: string,
  kind: string,
  names: readonly { kind: string; value: string; language?: string }[],
  parents: readonly string[],
): Promise<void> {
  const display = names.find((one) => one.kind === 'preferred') ?? names[0];
  const definition = names.find((one) => one.kind === 'definition')?.value;
  await sink.concept({
    code,
    display: display?.value ?? code,
    // Chapters and blocks order the codes, and are none to record.
    abstract: kind !== 'category',
    ...(definition !== undefined && { definition }),
  });
  if (kind) await sink.property(code, 'kind', kind);
  for (const { kind: of, value, language } of names)
    if (value !== display?.value && (naming.has(of) || of === 'inclusion'))
      await sink.name({ code, value, ...(language !== undefined && { language }) });
  for (const parent of parents) await sink.link(code, parent);
}
