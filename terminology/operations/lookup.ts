/** [FHIR R4 codesystem-operation-lookup.html] $lookup. */
import type { ParametersParameter } from '@afar/fhir';
import type { Operation } from '@afar/records';
import type { Context } from '../context.ts';
import { valuesOf } from '../memory/choose.ts';
import type { CodeSource, Concept, PropertyDefinition, PropertyValue } from '../model.ts';
import { invalid, notKnown, shown } from '../refusals.ts';
import { displayIn, languagesOf } from '../value-sets/display.ts';
import { codingNamed, requireMayRead } from './given.ts';

export function lookupOperation(context: Context): Operation {
  return {
    name: 'lookup',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
    on: ['type'],
    types: ['CodeSystem'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'CodeSystem');
      const { inputs, caller } = call;
      const coding = codingNamed(inputs, 'coding') ?? {
        system: inputs.text('system'),
        code: inputs.text('code'),
        version: inputs.text('version'),
      };
      const { system, code, version } = coding;
      if (!code) throw invalid('code or coding is needed', 'code');
      if (!system) throw invalid('system is needed', 'system');
      const source = await context.sources.codeSystem(caller, {
        url: system,
        ...(version !== undefined && { version }),
      });
      if (!source) throw notKnown(`The code system ${shown(system)} is not known here`);
      const concept = (await source.find([code])).get(code);
      if (!concept) throw notKnown(`The code ${shown(code)} is not known in ${shown(system)}`);
      const languages = languagesOf(inputs.text('displayLanguage'));
      return {
        body: {
          resourceType: 'Parameters',
          parameter: await told(source, concept, new Set(inputs.texts('property')), languages),
        },
      };
    },
  };
}

async function told(
  source: CodeSource,
  concept: Concept,
  asked: ReadonlySet<string>,
  languages: readonly string[],
): Promise<ParametersParameter[]> {
  const wants = (name: string) => asked.size === 0 || asked.has(name) || asked.has('*');
  const out: ParametersParameter[] = [
    { name: 'name', valueString: source.title ?? source.name },
    ...(source.version !== undefined ? [{ name: 'version', valueString: source.version }] : []),
    { name: 'display', valueString: displayIn(concept, undefined, languages, source.language) },
  ];
  const inLanguages = [...asked].flatMap((one) => (one.startsWith('lang.') ? [one.slice(5)] : []));
  for (const { language, use, value } of concept.designations) {
    if (!wants('designation') && !(language && inLanguages.includes(language))) continue;
    out.push({
      name: 'designation',
      part: [
        ...(language !== undefined ? [{ name: 'language', valueCode: language }] : []),
        ...(use ? [{ name: 'use', valueCoding: use }] : []),
        { name: 'value', valueString: value },
      ],
    });
  }
  if (wants('definition') && concept.definition !== undefined)
    out.push(property('definition', { name: 'value', valueString: concept.definition }));
  if (concept.inactive && wants('inactive'))
    out.push(property('inactive', { name: 'value', valueBoolean: true }));
  if (concept.abstract && wants('notSelectable'))
    out.push(property('notSelectable', { name: 'value', valueBoolean: true }));
  const own = Object.keys(concept.properties).filter(
    (name) => !inHierarchy.has(name) && !shownAbove.has(name),
  );
  for (const name of own.filter(wants))
    for (const value of valuesOf(concept, name))
      out.push(property(name, valuePart(value, source.properties.get(name))));
  if (source.hierarchical && (wants('parent') || wants('child'))) {
    const { parents, children } = (await source.around(concept.code))!;
    const relatives = (name: 'parent' | 'child', list: readonly Concept[]) =>
      list.map((one) =>
        property(
          name,
          { name: 'value', valueCode: one.code },
          displayIn(one, undefined, languages, source.language),
        ),
      );
    if (wants('parent')) out.push(...relatives('parent', parents));
    if (wants('child')) out.push(...relatives('child', children));
  }
  return out;
}

/** Told from the hierarchy itself. */
const inHierarchy = new Set(['parent', 'child', 'subsumedBy']);
const shownAbove = new Set(['inactive', 'notSelectable']);

function property(
  code: string,
  value: ParametersParameter,
  description?: string,
): ParametersParameter {
  return {
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      value,
      ...(description !== undefined ? [{ name: 'description', valueString: description }] : []),
    ],
  };
}

function valuePart(
  value: PropertyValue,
  definition: PropertyDefinition | undefined,
): ParametersParameter {
  const name = 'value';
  if (typeof value !== 'string') return { name, valueCoding: value };
  switch (definition?.type) {
    case 'code':
      return { name, valueCode: value };
    case 'boolean':
      return { name, valueBoolean: value === 'true' };
    case 'integer':
      return { name, valueInteger: Number(value) };
    case 'decimal':
      return { name, valueDecimal: Number(value) };
    case 'dateTime':
      return { name, valueDateTime: value };
    default:
      return { name, valueString: value };
  }
}
