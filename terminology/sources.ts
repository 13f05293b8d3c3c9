/** Where a canonical address leads: to what ships, what is loaded, what is stored; and which version of it. */
import type { Caller } from '@afar/access';
import type { CodeSystem, ConceptMap, ValueSet } from '@afar/fhir';
import { grammarOf } from './grammars/grammars.ts';
import type { Catalogue } from './loaded/catalogue.ts';
import { systemOf } from './memory/from-resource.ts';
import { supplemented } from './memory/supplement.ts';
import type { CodeSource } from './model.ts';
import { notKnown, shown } from './refusals.ts';
import { isWithheld, shipped } from './shipped/shipped.ts';
import type { Stored } from './stored/stored.ts';
import { newest } from './versions.ts';

/** A canonical address: `url|version`. */
export interface Canonical {
  readonly url: string;
  readonly version?: string;
}

export function canonicalOf(text: string): Canonical {
  // Terms of an expression stand between bars.
  if (text.includes('?fhir_vs=ecl/')) return { url: text };
  const [url, version] = text.split('|');
  return version ? { url: url!, version } : { url: url! };
}

export interface Sources {
  codeSystem(caller: Caller, asked: Canonical): Promise<CodeSource | undefined>;
  /**
   * What need not be in force: a resource of whatever content.
   * @param storedFor who read it from the store; absent for what somebody sent, which is never remembered: it may claim to be any
   *   version of any resource
   */
  ofResource(resource: CodeSystem, storedFor?: Caller): CodeSource;
  /** @throws Refusal `not-found` for one that is named only, with the reason */
  valueSet(caller: Caller, asked: Canonical): Promise<ValueSet | undefined>;
  conceptMap(caller: Caller, asked: Canonical): Promise<ConceptMap | undefined>;
  /** Maps between two systems, or two value sets. */
  conceptMaps(caller: Caller, about: { source?: string; target?: string }): Promise<ConceptMap[]>;
  supplement(caller: Caller, source: CodeSource, asked: Canonical): Promise<CodeSource>;
}

/** Systems made of stored resources, kept while the same version is read again. */
const mostKept = 100;

export function createSources(stored: Stored, catalogue: Catalogue): Sources {
  const kept = new Map<string, CodeSource>();

  function ofResource(resource: CodeSystem, storedFor?: Caller): CodeSource {
    const { id, meta } = resource;
    if (!storedFor || !id || !meta?.versionId || !meta.lastUpdated) return systemOf(resource);
    const key = `${storedFor.tenant} ${id} ${meta.versionId} ${meta.lastUpdated}`;
    let system = kept.get(key);
    if (!system) {
      system = systemOf(resource);
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
    }
    // Least recently used goes first.
    kept.delete(key);
    kept.set(key, system);
    return system;
  }

  async function codeSystem(caller: Caller, { url, version }: Canonical) {
    const elsewhere = [...shipped.codeSystems(url), ...(await catalogue.systems(url))];
    const grammar = grammarOf(url);
    if (grammar) elsewhere.push(grammar);
    const own = await stored.find(caller, 'CodeSystem', url, elsewhere.length > 0);
    const usable = own.filter(
      ({ content }) => content !== 'supplement' && content !== 'not-present',
    );
    const ours = usable.map((one) => ofResource(one, caller));
    return newest([...ours, ...elsewhere], version);
  }

  async function supplement(caller: Caller, source: CodeSource, asked: Canonical) {
    const own = await stored.find(caller, 'CodeSystem', asked.url);
    const found = newest(own, asked.version);
    if (!found) throw notKnown(`The supplement ${shown(asked.url)} is not known here`);
    if (canonicalOf(found.supplements ?? '').url !== source.url) return source;
    return supplemented(source, ofResource(found, caller));
  }

  return {
    codeSystem,
    ofResource,
    supplement,
    async valueSet(caller, { url, version }) {
      const given = shipped.valueSets(url);
      const ours = given.filter((one) => !isWithheld(one));
      const own = await stored.find(caller, 'ValueSet', url, ours.length > 0);
      const found = newest([...own, ...(ours as ValueSet[])], version);
      if (!found) {
        const named = given.find(isWithheld);
        if (named)
          throw notKnown(
            `${url} repeats codes of ${named.withheld.join(', ')}, whose licence does not let them ship: store the ValueSet to use it`,
          );
      }
      return found;
    },
    async conceptMap(caller, { url, version }) {
      const ours = shipped.conceptMaps(url);
      const own = await stored.find(caller, 'ConceptMap', url, ours.length > 0);
      return newest([...own, ...ours], version);
    },
    async conceptMaps(caller, { source, target }) {
      const fits = (map: ConceptMap) =>
        (source === undefined || (map.sourceUri ?? map.sourceCanonical) === source) &&
        (target === undefined || (map.targetUri ?? map.targetCanonical) === target);
      const params = [
        ...(source !== undefined ? [['source', source] as [string, string]] : []),
        ...(target !== undefined ? [['target', target] as [string, string]] : []),
      ];
      const own = params.length ? await stored.search(caller, 'ConceptMap', params) : [];
      return [...own, ...shipped.allConceptMaps().filter(fits)];
    },
  };
}
