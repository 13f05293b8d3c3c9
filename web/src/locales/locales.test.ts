/** Every language says everything: each has the words of the English files, with the plural forms of its own grammar [Unicode CLDR plural rules]. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = import.meta.dirname;
const languages = globSync('*/', { cwd: folder }).map((one) => basename(one));
const files = globSync('en/*.json', { cwd: folder }).map((one) => basename(one));

type Words = { [key: string]: string | Words };

const load = (language: string, file: string): Words =>
  JSON.parse(readFileSync(join(folder, language, file), 'utf8')) as Words;

function flat(words: Words, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(words))
    if (typeof value === 'string') all.set(path + key, value);
    else for (const [inner, text] of flat(value, `${path}${key}.`)) all.set(inner, text);
  return all;
}

const plural = /_(zero|one|two|few|many|other)$/;
const variables = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*(\w+)/g)].map((one) => one[1]!).toSorted();

describe.each(languages.filter((one) => one !== 'en'))('%s', (language) => {
  // Spanish has a form of its own for whole millions: nothing here is counted so far.
  const forms = new Intl.PluralRules(language)
    .resolvedOptions()
    .pluralCategories.filter((form) => !(language === 'es' && form === 'many'));

  it.each(files)('%s has every word, and none too many', (file) => {
    const english = flat(load('en', file));
    const due = new Set<string>();
    for (const key of english.keys()) {
      const base = key.replace(plural, '');
      // A key that ends like a plural form is one only beside its `other`.
      if (plural.test(key) && english.has(`${base}_other`))
        for (const form of forms) due.add(`${base}_${form}`);
      else due.add(key);
    }
    const own = flat(load(language, file));
    const optional = (key: string): boolean =>
      plural.test(key) && own.has(key.replace(plural, '_other'));
    expect({
      missing: [...due].filter((key) => !own.has(key)),
      // `_zero` may stand beside the forms of the grammar: a word for none at all.
      extra: [...own.keys()].filter((key) => !due.has(key) && !optional(key)),
    }).toEqual({ missing: [], extra: [] });
  });

  it.each(files)('%s fills in nothing that English does not', (file) => {
    const english = flat(load('en', file));
    const wrong = [...flat(load(language, file))].filter(([key, text]) => {
      const other = english.get(key) ?? english.get(key.replace(plural, '_other')) ?? '';
      // The word for one or two may do without the number.
      return variables(text).some((name) => !variables(other).includes(name));
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
  });
});
