/** The packed tables of what HL7 defines in FHIR R4: unpacked when first asked for, an entry at a time parsed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

export interface Table<T> {
  /** By canonical address without version. */
  get(url: string): T[];
  has(url: string): boolean;
  urls(): IterableIterator<string>;
}

/** Nothing is read before the first question; unpacking the largest takes about 20 ms, once. */
export function table<T>(name: 'code-systems' | 'value-sets' | 'concept-maps'): Table<T> {
  let lines: Map<string, string[]> | undefined;
  const parsed = new Map<string, T[]>();
  const open = (): Map<string, string[]> => {
    if (lines) return lines;
    const packed = readFileSync(join(import.meta.dirname, 'tables', `${name}.br`));
    lines = new Map();
    for (const line of brotliDecompressSync(packed).toString('utf8').split('\n')) {
      const tab = line.indexOf('\t');
      const url = line.slice(0, tab);
      lines.set(url, [...(lines.get(url) ?? []), line.slice(tab + 1)]);
    }
    return lines;
  };
  return {
    has: (url) => open().has(url),
    urls: () => open().keys(),
    get(url) {
      let found = parsed.get(url);
      if (!found) {
        found = (open().get(url) ?? []).map((text) => JSON.parse(text) as T);
        if (found.length) parsed.set(url, found);
      }
      return found;
    },
  };
}
