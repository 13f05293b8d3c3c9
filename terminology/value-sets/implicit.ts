/** Value sets that nobody wrote: every code of a system, what is below a concept, a reference set, an answer list. */
import type { Caller } from '@afar/access';
import type { Catalogue } from '../loaded/catalogue.ts';
import { all } from '../rules.ts';
import type { Canonical, Sources } from '../sources.ts';
import { notKnown, shown } from '../refusals.ts';
import { eclRule } from './ecl.ts';
import { memberOf, snomed } from './filters.ts';
import { ofCodes, ofSource } from './selection.ts';
import type { Selection } from './selection.ts';

const loinc = 'http://loinc.org';

export interface Implicit {
  readonly name: string;
  readonly selection: Selection;
}

/**
 * [FHIR R4 snomedct.html#implicit, loinc.html#implicit, icd.html] undefined: the address is no implicit value set.
 * @throws Refusal `not-found` when its code system is not loaded, `not-supported` for expressions not read here
 */
export async function implicitSet(
  caller: Caller,
  { url, version }: Canonical,
  sources: Sources,
  catalogue: Catalogue,
): Promise<Implicit | undefined> {
  const system = async (asked: Canonical) => {
    const source = await sources.codeSystem(caller, asked);
    if (!source) throw notKnown(`The code system ${shown(asked.url)} is not known here`);
    return source;
  };
  const mark = url.indexOf('?fhir_vs');
  if (mark > 0) {
    const base = url.slice(0, mark);
    const query = url.slice(mark + '?fhir_vs'.length);
    // [SNOMED URI standard] http://snomed.info/sct/<module>[/version/<date>]
    const edition = base.startsWith(`${snomed}/`)
      ? { url: snomed, version: base }
      : { url: base, version };
    const source = await system(edition);
    if (query === '')
      return { name: `All codes of ${source.name}`, selection: ofSource(source, all) };
    if (source.url === snomed)
      return { name: query.slice(1), selection: ofSource(source, snomedRule(query)) };
    return undefined;
  }
  if (url === `${loinc}/vs`) {
    const source = await system({ url: loinc, version });
    return { name: 'All LOINC codes', selection: ofSource(source, all) };
  }
  if (url.startsWith(`${loinc}/vs/LP`)) {
    const source = await system({ url: loinc, version });
    const code = url.slice(`${loinc}/vs/`.length);
    return { name: code, selection: ofSource(source, { is: 'below', code, self: false }) };
  }
  const loaded = await catalogue.set(url);
  return loaded && { name: loaded.title, selection: ofCodes(loaded.source, loaded.codes) };
}

function snomedRule(query: string) {
  const found = /^=(isa|refset|ecl)\/(.+)$/s.exec(query);
  if (query === '=refset') return { is: 'has', property: 'refsetMembers' } as const;
  if (!found) throw notKnown(`${shown(query)} is no implicit value set of SNOMED CT`);
  const [, kind, rest] = found as unknown as [string, string, string];
  if (kind === 'isa') return { is: 'below', code: rest, self: true } as const;
  if (kind === 'refset') return memberOf([rest]);
  return eclRule(decoded(rest));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
