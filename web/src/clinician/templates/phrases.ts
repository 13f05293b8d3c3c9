/** Phrases in a text: `.abbr` put out in full, chart fields filled in, and places to jump to. Pure. */
import type { ChartFields, Template } from '@afar/visits/contract';

/** Where the writer goes next: a range of the text that is selected. */
export interface Edit {
  text: string;
  from: number;
  to: number;
}

const field = /\[\[[^[\]\n]*\]\]/;

/** `{{age}}` as the chart says it; what the chart does not know becomes a field to fill by hand. */
export function filled(text: string, fields: ChartFields): string {
  return text.replaceAll(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => {
    const value = fields[name as keyof ChartFields];
    return value ?? `[[${name}]]`;
  });
}

/** The first field at or after a place, else the first of all; undefined where there is none. */
export function nextField(text: string, after: number): Edit | undefined {
  const rest = field.exec(text.slice(after));
  if (rest) {
    const from = after + rest.index;
    return { text, from, to: from + rest[0].length };
  }
  const again = field.exec(text);
  return again ? { text, from: again.index, to: again.index + again[0].length } : undefined;
}

/** The abbreviation that ends at the caret: a dot before it that begins a word. */
export function abbreviationAt(text: string, caret: number): string | undefined {
  return /(?:^|\s)\.([a-z0-9-]{2,20})$/.exec(text.slice(0, caret))?.[1];
}

/** The phrase put in where its abbreviation stood; the writer's own before the clinic's. Undefined when there is none. */
export function expanded(
  text: string,
  caret: number,
  templates: readonly Template[],
  fields: ChartFields,
): Edit | undefined {
  const abbr = abbreviationAt(text, caret);
  const found = templates.filter((one) => one.kind === 'phrase' && one.abbr === abbr);
  const phrase = found.find((one) => one.scope === 'own') ?? found[0];
  if (!abbr || !phrase?.body.text) return undefined;
  const start = caret - abbr.length - 1;
  const words = filled(phrase.body.text, fields);
  const after = text.slice(0, start) + words + text.slice(caret);
  const first = field.exec(words);
  const from = start + (first ? first.index : words.length);
  return { text: after, from, to: first ? from + first[0].length : from };
}

/** A template's section under what was written. */
export function appended(before: string, more: string): string {
  if (!more.trim()) return before;
  return before.trim() ? `${before.trimEnd()}\n\n${more}` : more;
}
