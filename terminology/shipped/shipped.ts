/** What ships: the code systems, value sets and concept maps of FHIR R4 that are HL7's own. */
import type { CodeSystem, ConceptMap, ValueSet } from '@afar/fhir';
import { systemOf } from '../memory/from-resource.ts';
import type { CodeSource } from '../model.ts';
import { table } from './tables.ts';

/** A value set that repeats codes of others, whose licence is not HL7's to give: only its name is here. */
export interface Withheld {
  readonly url: string;
  readonly withheld: readonly string[];
}

const codeSystems = table<CodeSystem>('code-systems');
const valueSets = table<ValueSet | Withheld>('value-sets');
const conceptMaps = table<ConceptMap>('concept-maps');

const systems = new WeakMap<CodeSystem, CodeSource>();

export const shipped = {
  codeSystems(url: string): CodeSource[] {
    return codeSystems.get(url).map((one) => {
      let system = systems.get(one);
      if (!system) systems.set(one, (system = systemOf(one)));
      return system;
    });
  },
  hasCodeSystem: (url: string): boolean => codeSystems.has(url),
  valueSets: (url: string): (ValueSet | Withheld)[] => valueSets.get(url),
  valueSetUrls: () => valueSets.urls(),
  codeSystemUrls: () => codeSystems.urls(),
  conceptMaps: (url: string): ConceptMap[] => conceptMaps.get(url),
  allConceptMaps: (): ConceptMap[] =>
    [...conceptMaps.urls()].flatMap((url) => conceptMaps.get(url)),
};

export const isWithheld = (one: ValueSet | Withheld): one is Withheld => 'withheld' in one;
