/** From a ValueSet to the rules it comes to, imports and all. */
import type { Caller } from '@afar/access';
import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '@afar/fhir';
import type { Catalogue } from '../loaded/catalogue.ts';
import type { CodeSource } from '../model.ts';
import { keyOf } from '../model.ts';
import { notKnown, shown, tooCostly, unprocessable } from '../refusals.ts';
import { all, and, codes } from '../rules.ts';
import { canonicalOf } from '../sources.ts';
import type { Canonical, Sources } from '../sources.ts';
import { filterRule } from './filters.ts';
import { implicitSet } from './implicit.ts';
import { difference, intersection, narrowed, union } from './selection.ts';
import type { Label, Part, Selection } from './selection.ts';
import { unlisted } from './unlisted.ts';

export interface Versions {
  /** Used where the value set names none; by system. */
  readonly preferred: ReadonlyMap<string, string>;
  /** Used whatever the value set names. */
  readonly forced: ReadonlyMap<string, string>;
  /** What the value set names must be this. */
  readonly checked: ReadonlyMap<string, string>;
}

export const anyVersion: Versions = { preferred: new Map(), forced: new Map(), checked: new Map() };

export interface Compiled {
  readonly selection: Selection;
  readonly url?: string;
  readonly version?: string;
  readonly name?: string;
  /** The ValueSet itself, where there is one. */
  readonly valueSet?: ValueSet;
}

export interface Compiler {
  /** @throws Refusal `not-found`, `unprocessable` (a cycle), `too-costly`, `invalid` */
  byUrl(asked: Canonical): Promise<Compiled>;
  ofResource(valueSet: ValueSet): Promise<Compiled>;
}

/** Imports inside imports; includes of one value set; codes it writes out. */
const deepest = 30;
const mostIncludes = 1_000;
const mostImports = 200;
/** Regular expressions of one request: each may take its time. */
const mostPatterns = 10;

export function compilerFor(
  caller: Caller,
  sources: Sources,
  catalogue: Catalogue,
  versions: Versions = anyVersion,
): Compiler {
  const compiled = new Map<string, Compiled>();
  const unknown = new Map<
    string,
    { displays: Map<string, string | undefined>; source: CodeSource }
  >();
  let imports = 0;
  let patterns = 0;

  async function byUrl(asked: Canonical, path: readonly string[]): Promise<Compiled> {
    const key = keyOf(asked);
    const known = compiled.get(key);
    if (known) return known;
    if (path.includes(key))
      throw unprocessable(`The value set ${shown(asked.url)} includes itself`);
    if (path.length >= deepest) throw tooCostly('value sets are nested too deep');
    if (++imports > mostImports) throw tooCostly('too many value sets are included');
    const valueSet = await sources.valueSet(caller, asked);
    let found: Compiled;
    if (valueSet) found = await ofResource(valueSet, [...path, key]);
    else {
      const implicit = await implicitSet(caller, asked, sources, catalogue);
      if (!implicit) throw notKnown(`The value set ${shown(key)} is not known here`);
      found = { ...asked, ...implicit };
    }
    compiled.set(key, found);
    return found;
  }

  async function ofResource(valueSet: ValueSet, path: readonly string[]): Promise<Compiled> {
    const { url, version, name, title, compose, expansion } = valueSet;
    const about = { url, version, name: title ?? name, valueSet };
    if (!compose) {
      if (!expansion?.contains)
        throw unprocessable('the value set has neither compose nor expansion');
      return { ...about, selection: await ofExpansion(expansion.contains) };
    }
    const includes = compose.include ?? [];
    const excludes = compose.exclude ?? [];
    if (includes.length + excludes.length > mostIncludes) throw tooCostly('too many includes');
    const supplements = supplementsOf(valueSet);
    const included: Selection[] = [];
    for (const one of includes) included.push(await ofInclude(one, path, supplements));
    let selection = union(included);
    if (excludes.length > 0) {
      const gone: Selection[] = [];
      for (const one of excludes) gone.push(await ofInclude(one, path, []));
      const versioned = new Set(
        excludes.flatMap(({ system, version: of }) => (system && of ? [`${system}|${of}`] : [])),
      );
      selection = difference(selection, union(gone), versioned);
    }
    if (compose.inactive === false)
      selection = narrowed(selection, { is: 'property', property: 'inactive', values: ['false'] });
    return { ...about, selection };
  }

  /** [FHIR R4 valueset.html#compose] All that is said in one include holds at once. */
  async function ofInclude(
    include: ValueSetComposeInclude,
    path: readonly string[],
    supplements: readonly Canonical[],
  ): Promise<Selection> {
    const all: Selection[] = [];
    for (const one of include.valueSet ?? [])
      all.push((await byUrl(canonicalOf(one), path)).selection);
    if (include.system) all.push({ parts: [await ofSystem(include, supplements)] });
    if (all.length === 0) throw unprocessable('an include needs a system or a value set');
    return intersection(all);
  }

  async function ofSystem(
    { system: url = '', version, concept, filter }: ValueSetComposeInclude,
    supplements: readonly Canonical[],
  ): Promise<Part> {
    const named = (concept ?? []).flatMap(({ code, display }) => (code ? [{ code, display }] : []));
    const source = await sourceOf(url, version, named, supplements);
    const labels = new Map<string, Label>();
    for (const { code, display, designation } of concept ?? [])
      if (code && (display !== undefined || designation))
        labels.set(code, {
          ...(display !== undefined && { display }),
          designations: (designation ?? []).map((one) => ({ ...one, value: one.value ?? '' })),
        });
    // [FHIR R4 vsd-3] a concept list and filters do not stand together; if they do, both hold.
    patterns += (filter ?? []).filter(({ op }) => op === 'regex').length;
    if (patterns > mostPatterns) throw tooCostly('too many regular expressions');
    const rules = (filter ?? []).map((one) => filterRule(source, one));
    if (concept) rules.unshift(codes([...new Set(named.map((one) => one.code))]));
    return { source, rule: rules.length ? and(rules) : all, labels };
  }

  async function sourceOf(
    url: string,
    version: string | undefined,
    named: readonly { code: string; display?: string }[],
    supplements: readonly Canonical[] = [],
  ): Promise<CodeSource> {
    const { preferred, forced, checked } = versions;
    const asked = forced.get(url) ?? version ?? preferred.get(url);
    let source = await sources.codeSystem(caller, {
      url,
      ...(asked !== undefined && { version: asked }),
    });
    const must = checked.get(url);
    if (must !== undefined && source?.version !== must)
      throw unprocessable(
        `The code system ${shown(url)} is not of the version that was to be checked`,
      );
    if (!source) return namedOnly(url, asked, named);
    for (const one of supplements) source = await sources.supplement(caller, source, one);
    return source;
  }

  /** Includes of one unknown system are one source. */
  function namedOnly(
    url: string,
    version: string | undefined,
    named: readonly { code: string; display?: string }[],
  ): CodeSource {
    const key = keyOf({ url, ...(version !== undefined && { version }) });
    let found = unknown.get(key);
    if (!found) {
      const displays = new Map<string, string | undefined>();
      unknown.set(key, (found = { displays, source: unlisted(url, version, displays) }));
    }
    for (const { code, display } of named)
      found.displays.set(code, display ?? found.displays.get(code));
    return found.source;
  }

  async function ofExpansion(contains: readonly ValueSetExpansionContains[]): Promise<Selection> {
    const bySystem = new Map<string, Map<string, string | undefined>>();
    const waiting = contains.map((one) => ({ one, depth: 0 })).reverse();
    for (let at = waiting.pop(); at; at = waiting.pop()) {
      const { system, version, code, display, abstract } = at.one;
      if (at.depth > deepest) throw tooCostly('the expansion is nested too deep');
      if (system && code && !abstract) {
        const key = keyOf({ url: system, ...(version !== undefined && { version }) });
        const list = bySystem.get(key) ?? new Map<string, string | undefined>();
        bySystem.set(key, list.set(code, display));
      }
      const { depth } = at;
      for (const inner of (at.one.contains ?? []).toReversed())
        waiting.push({ one: inner, depth: depth + 1 });
    }
    const parts: Part[] = [];
    for (const [key, list] of bySystem) {
      const { url, version } = canonicalOf(key);
      const named = [...list].map(([code, display]) => ({
        code,
        ...(display !== undefined && { display }),
      }));
      const labels = new Map(
        named
          .filter((one) => one.display !== undefined)
          .map((one) => [one.code, { display: one.display, designations: [] }]),
      );
      parts.push({
        source: await sourceOf(url, version, named),
        rule: codes([...list.keys()]),
        labels,
      });
    }
    return { parts };
  }

  return {
    byUrl: (asked) => byUrl(asked, []),
    ofResource: (valueSet) => ofResource(valueSet, valueSet.url ? [valueSet.url] : []),
  };
}

const supplementExtension = 'http://hl7.org/fhir/StructureDefinition/valueset-supplement';

const supplementsOf = ({ extension }: ValueSet): Canonical[] =>
  (extension ?? []).flatMap((one) =>
    one.url === supplementExtension && one.valueCanonical ? [canonicalOf(one.valueCanonical)] : [],
  );
