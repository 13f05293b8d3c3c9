/** What the terminology operations are given, read alike: codes in three shapes, definitions in three places. */
import { may } from '@afar/access';
import type {
  CodeableConcept,
  CodeSystem,
  Coding,
  ConceptMap,
  Resource,
  ValueSet,
} from '@afar/fhir';
import { Refusal, validate } from '@afar/fhir';
import type { OperationCall } from '@afar/records';
import type { Context } from '../context.ts';
import { invalid } from '../refusals.ts';
import type { StoredType } from '../stored/stored.ts';

interface Types {
  CodeSystem: CodeSystem;
  ValueSet: ValueSet;
  ConceptMap: ConceptMap;
}

/** @throws Refusal `forbidden`: an operation tells what a read of its type would */
export function requireMayRead({ caller }: OperationCall, type: StoredType): void {
  if (!may(caller, 'read', type)) throw new Refusal('forbidden');
}

/**
 * The definition in the address (instance) or in the inputs, by that name or as the bare body.
 * @throws Refusal `invalid` with where it is not valid; what a read refuses
 */
export async function definitionGiven<T extends StoredType>(
  context: Context,
  call: OperationCall,
  type: T,
  name: string,
): Promise<Types[T] | undefined> {
  if (call.id !== undefined) return context.stored.read(call.caller, type, call.id);
  const given = call.inputs.resource(name) ?? call.inputs.resource('resource');
  if (given === undefined) return undefined;
  requireSound(given, type, name);
  return given as Types[T];
}

function requireSound(given: Resource, type: StoredType, name: string): void {
  if (typeof given !== 'object' || given.resourceType !== type)
    throw invalid(`${name}: a ${type} is expected`, name);
  const issues = validate(given).filter(
    ({ severity }) => severity === 'error' || severity === 'fatal',
  );
  if (issues.length > 0) throw new Refusal('invalid', { issues });
}

/** The codings to look at: `coding`, `codeableConcept`, or `code` with `system`, `version` and `display`. */
export function codingsGiven(
  { inputs }: OperationCall,
  names: { coding: string; version: string } = { coding: 'coding', version: 'version' },
): Coding[] {
  const concept = inputs.value<CodeableConcept>('codeableConcept', 'CodeableConcept');
  if (concept !== undefined) {
    const codings = soundCodings(concept.coding, 'codeableConcept');
    if (codings.length === 0) throw invalid('codeableConcept: has no coding', 'codeableConcept');
    return codings;
  }
  const coding = codingNamed(inputs, names.coding);
  if (coding) return [coding];
  const code = inputs.text('code');
  if (code === undefined) throw invalid('code, coding or codeableConcept is needed', 'code');
  const system = inputs.text('system');
  const version = inputs.text(names.version);
  const display = inputs.text('display');
  return [
    {
      code,
      ...(system !== undefined && { system }),
      ...(version !== undefined && { version }),
      ...(display !== undefined && { display }),
    },
  ];
}

/** A Coding, or in a query string `system|code`. */
export function codingNamed(inputs: OperationCall['inputs'], name: string): Coding | undefined {
  const coding = inputs.value<Coding>(name, 'Coding');
  if (coding !== undefined) return soundCodings([coding], name)[0];
  if (!inputs.all.some((one) => one.name === name)) return undefined;
  const text = inputs.text(name) ?? '';
  const mark = text.lastIndexOf('|');
  if (mark < 0) throw invalid(`${name}: system|code is expected`, name);
  return { system: text.slice(0, mark), code: text.slice(mark + 1) };
}

/** Codings inside; more than a concept ever has is an attack. */
const mostCodings = 100;

function soundCodings(given: unknown, name: string): Coding[] {
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.length > mostCodings)
    throw invalid(`${name}: is not valid`, name);
  for (const one of given as unknown[]) {
    if (typeof one !== 'object' || one === null) throw invalid(`${name}: is not valid`, name);
    for (const field of ['system', 'version', 'code', 'display'] as const) {
      const value = (one as Coding)[field] as unknown;
      if (value !== undefined && typeof value !== 'string')
        throw invalid(`${name}.${field}: a text is expected`, `${name}.${field}`);
    }
  }
  return given as Coding[];
}

/** `system|version` of each repetition, by system. @throws Refusal `invalid` */
export function versionsGiven({ inputs }: OperationCall, name: string): Map<string, string> {
  const versions = new Map<string, string>();
  for (const text of inputs.texts(name)) {
    const mark = text.lastIndexOf('|');
    if (mark <= 0) throw invalid(`${name}: system|version is expected`, name);
    versions.set(text.slice(0, mark), text.slice(mark + 1));
  }
  return versions;
}
