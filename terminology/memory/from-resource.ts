/** A CodeSystem resource as a code system in memory. */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@afar/fhir';
import type {
  Concept,
  Designation,
  PropertyDefinition,
  PropertyType,
  PropertyValue,
} from '../model.ts';
import { tooCostly } from '../refusals.ts';
import { MemorySystem } from './memory-system.ts';
import type { Entry } from './memory-system.ts';

/** Deeper than any system is; nesting may not cost the stack. */
const deepest = 100;

const standard = 'http://hl7.org/fhir/concept-properties#';

/** Which properties say something the standard knows, by their address or, for want of one, by their name. */
function meanings(definitions: readonly PropertyDefinition[]): (code: string) => string {
  const byCode = new Map(
    definitions.map(({ code, uri }) => [
      code,
      uri?.startsWith(standard) ? uri.slice(standard.length) : code,
    ]),
  );
  return (code) => byCode.get(code) ?? code;
}

export function definitionsOf(
  resource: Pick<CodeSystem, 'property'>,
): Map<string, PropertyDefinition> {
  const all = (resource.property ?? []).map((one): [string, PropertyDefinition] => [
    one.code ?? '',
    {
      code: one.code ?? '',
      type: (one.type ?? 'string') as PropertyType,
      ...(one.uri !== undefined && { uri: one.uri }),
      ...(one.description !== undefined && { description: one.description }),
    },
  ]);
  return new Map(all);
}

/** @throws Refusal `too-costly` when it is nested too deep */
export function systemOf(resource: CodeSystem): MemorySystem {
  const properties = definitionsOf(resource);
  const content = resource.content ?? 'complete';
  return new MemorySystem(
    {
      url: resource.url ?? '',
      ...(resource.version !== undefined && { version: resource.version }),
      name: resource.name ?? resource.title ?? resource.url ?? '',
      ...(resource.title !== undefined && { title: resource.title }),
      ...(resource.language !== undefined && { language: resource.language }),
      content,
      // [FHIR R4 codesystem.html] absent says nothing; exact comparison accepts no wrong code.
      caseSensitive: resource.caseSensitive !== false,
      properties,
    },
    entriesOf(resource.concept ?? [], meanings([...properties.values()])),
  );
}

function* entriesOf(
  roots: readonly CodeSystemConcept[],
  meaning: (code: string) => string,
): Iterable<Entry> {
  const waiting = roots
    .map((concept) => ({ concept, parent: undefined as string | undefined, depth: 0 }))
    .reverse();
  // `child` names the lower end; told once the parent was.
  const adopted: Entry[] = [];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const { concept: given, parent, depth } = at;
    if (depth > deepest) throw tooCostly('the code system is nested too deep');
    const { code } = given;
    if (code === undefined) continue;
    const concept = conceptOf(given, code, meaning);
    const parents = parent === undefined ? [] : [parent];
    for (const one of given.property ?? []) {
      const means = meaning(one.code ?? '');
      const value = one.valueCode ?? one.valueCoding?.code;
      if (value === undefined) continue;
      if (means === 'parent' || means === 'subsumedBy') parents.push(value);
      if (means === 'child') adopted.push({ code: value, parents: [code] });
    }
    yield { code, concept, parents };
    const inner = given.concept ?? [];
    for (let index = inner.length - 1; index >= 0; index--)
      waiting.push({ concept: inner[index]!, parent: code, depth: depth + 1 });
  }
  yield* adopted;
}

function conceptOf(
  given: CodeSystemConcept,
  code: string,
  meaning: (code: string) => string,
): Concept {
  const properties = new Map<string, PropertyValue[]>();
  let inactive = false;
  let abstract = false;
  for (const one of given.property ?? []) {
    const name = one.code ?? '';
    const value = valueOf(one);
    if (value === undefined) continue;
    properties.set(name, [...(properties.get(name) ?? []), value]);
    const means = meaning(name);
    if ((means === 'inactive' && value === 'true') || (means === 'status' && isInactive(value)))
      inactive = true;
    if ((means === 'notSelectable' || means === 'abstract') && value === 'true') abstract = true;
  }
  const designations = (given.designation ?? []).map(({ value, language, use }): Designation => ({
    value: value ?? '',
    ...(language !== undefined && { language }),
    ...(use && { use }),
  }));
  return {
    code,
    display: given.display ?? code,
    ...(given.definition !== undefined && { definition: given.definition }),
    ...(inactive && { inactive }),
    ...(abstract && { abstract }),
    properties: Object.fromEntries(properties),
    designations,
  };
}

/** [FHIR R4 codesystem.html#status] `deprecated` is still in use; `retired` and `inactive` are not. */
const isInactive = (status: PropertyValue): boolean =>
  status === 'retired' || status === 'inactive';

function valueOf(one: CodeSystemConceptProperty): PropertyValue | undefined {
  if (one.valueCoding) return one.valueCoding;
  const value =
    one.valueCode ??
    one.valueString ??
    one.valueBoolean ??
    one.valueInteger ??
    one.valueDecimal ??
    one.valueDateTime;
  return value === undefined ? undefined : String(value);
}
