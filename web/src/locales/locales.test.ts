/** Every language says everything that English says, with the same blanks to fill. */
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

type Words = { [key: string]: string | Words };

const here = import.meta.dirname;
const read = (path: string): Words => JSON.parse(readFileSync(`${here}/${path}`, 'utf8')) as Words;

/** key -> blanks; forms of number count as one key. */
function keys(words: Words, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]) => {
      const path = `${prefix}${key.replace(/_(zero|one|two|few|many|other)$/, '')}`;
      if (typeof value !== 'string') return [...keys(value, `${path}.`)];
      const blanks = [...value.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!);
      return [[path, [...new Set(blanks)].sort().join(' ')] as const];
    }),
  );
}

describe('translations', () => {
  for (const file of globSync('en/*.json', { cwd: here }).map((path) => basename(path)))
    it(`es/${file} is complete`, () => {
      const english = keys(read(`en/${file}`));
      const spanish = keys(read(`es/${file}`));
      expect([...spanish.keys()].sort()).toEqual([...english.keys()].sort());
      for (const [key, blanks] of english)
        expect(`${key}: ${spanish.get(key)}`).toBe(`${key}: ${blanks}`);
    });
});
