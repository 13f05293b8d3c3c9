/** Reads a PDF of ours in tests: what its pages show, letter by letter, and what it tells a screen reader. */
import { inflateSync } from 'node:zlib';

export interface ReadPdf {
  /** The letters drawn on each page, in the order they were drawn. */
  pages: string[];
  /** Structure elements that say something: `H1: Visit summary`. */
  said: string[];
  language: string;
  title: string;
  tagged: boolean;
}

interface Item {
  head: string;
  stream: Buffer | undefined;
}

function items(file: Buffer): Map<string, Item> {
  const text = file.toString('latin1');
  const found = new Map<string, Item>();
  for (const one of text.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const from = one.index + one[0].length;
    const opens = text.indexOf('stream\n', from);
    const closes = text.indexOf('endobj', from);
    if (opens < 0 || opens > closes) {
      found.set(one[1]!, { head: text.slice(from, closes), stream: undefined });
      continue;
    }
    const head = text.slice(from, opens);
    const length = Number(/\/Length (\d+)/.exec(head)![1]);
    const packed = file.subarray(opens + 7, opens + 7 + length);
    const isFlate = head.includes('/FlateDecode');
    found.set(one[1]!, { head, stream: isFlate ? inflateSync(packed) : packed });
  }
  return found;
}

const utf16 = (hex: string): string =>
  (hex.match(/.{4}/g) ?? []).map((unit) => String.fromCharCode(parseInt(unit, 16))).join('');

/** Glyph numbers to letters, as the file itself says [ISO 32000-1 9.10.3]. */
function lettersOf(cmap: string): Map<number, string> {
  const letters = new Map<number, string>();
  for (const [, from, list] of cmap.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/gi))
    for (const [at, [, hex]] of [...list!.matchAll(/<([0-9a-f ]*)>/gi)].entries())
      letters.set(parseInt(from!, 16) + at, utf16(hex!.replaceAll(' ', '')));
  return letters;
}

const reference = (text: string, name: string): string | undefined =>
  new RegExp(`/${name} (\\d+) 0 R`).exec(text)?.[1];

/** A string of the file: UTF-16 with its mark, escaped in parentheses or in hex; or Latin. */
function stringOf(raw: string): string {
  const bytes = raw.replaceAll(/\\([nrtbf()\\])/g, (_, one: string) =>
    'nrtbf'.includes(one) ? '\n\r\t\b\f'['nrtbf'.indexOf(one)]! : one,
  );
  if (!bytes.startsWith('\u00fe\u00ff')) return bytes;
  return Buffer.from(bytes.slice(2), 'latin1').swap16().toString('utf16le');
}

export function readPdf(file: Buffer): ReadPdf {
  const all = items(file);
  const pages: string[] = [];
  for (const { head } of all.values()) {
    if (!/\/Type \/Page\b/.test(head)) continue;
    const resources = all.get(reference(head, 'Resources') ?? '')?.head ?? head;
    const fonts = new Map(
      [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, at]) => {
        const cmap = reference(all.get(at!)!.head, 'ToUnicode');
        return [name, lettersOf(all.get(cmap!)!.stream!.toString('latin1'))];
      }),
    );
    const content = all.get(reference(head, 'Contents')!)!.stream!.toString('latin1');
    let font: Map<number, string> | undefined;
    let shown = '';
    for (const [, name, glyphs] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
      if (name) font = fonts.get(name);
      for (const [, hex] of (glyphs ?? '').matchAll(/<([0-9a-f]*)>/gi))
        for (const unit of hex!.match(/.{4}/g) ?? []) shown += font?.get(parseInt(unit, 16)) ?? '?';
    }
    pages.push(shown);
  }
  const heads = [...all.values()].map((one) => one.head);
  const said = heads.flatMap((head) => {
    const type = /\/S \/(\w+)/.exec(head)?.[1];
    const actual = /\/ActualText \(((?:\\[\s\S]|[^\\)])*)\)/.exec(head)?.[1];
    return type && actual !== undefined ? [`${type}: ${stringOf(actual)}`] : [];
  });
  const catalog = heads.find((head) => head.includes('/Type /Catalog')) ?? '';
  const titled = heads.map((head) => reference(head, 'Title')).find(Boolean);
  const title = /\(((?:\\[\s\S]|[^\\)])*)\)/.exec(all.get(titled ?? '')?.head ?? '')?.[1];
  return {
    pages,
    said,
    language: /\/Lang \((\w+)\)/.exec(catalog)?.[1] ?? '',
    title: stringOf(title ?? ''),
    tagged: /\/Marked true/.test(file.toString('latin1')),
  };
}
