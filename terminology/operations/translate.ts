/** [FHIR R4 conceptmap-operation-translate.html] $translate. */
import type { CodeableConcept, ConceptMap, Parameters, ParametersParameter } from '@afar/fhir';
import type { Operation, OperationCall } from '@afar/records';
import type { Context } from '../context.ts';
import { translate } from '../maps/translate.ts';
import type { Match } from '../maps/translate.ts';
import { invalid, notKnown, shown } from '../refusals.ts';
import { canonicalOf } from '../sources.ts';
import { codingsGiven, definitionGiven, requireMayRead } from './given.ts';

export function translateOperation(context: Context): Operation {
  return {
    name: 'translate',
    definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
    on: ['type', 'instance'],
    types: ['ConceptMap'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'ConceptMap');
      const { inputs, caller } = call;
      const codings = codingsGiven(call);
      const targetSystem = inputs.text('targetsystem') ?? inputs.text('targetSystem');
      const reverse = inputs.flag('reverse') ?? false;
      const dependencies = dependenciesOf(inputs.all);
      const maps = await mapsGiven(context, call);
      const matches: Match[] = [];
      for (const map of maps)
        for (const coding of codings)
          matches.push(
            ...(await translate(
              map,
              {
                coding,
                reverse,
                dependencies,
                ...(targetSystem !== undefined && { targetSystem }),
              },
              (url) => context.sources.conceptMap(caller, canonicalOf(url)),
            )),
          );
      return { body: answer(matches) };
    },
  };
}

/** The map that is named; else every map between the value sets, or from the code's system, that is known. */
async function mapsGiven(context: Context, call: OperationCall): Promise<ConceptMap[]> {
  const { inputs, caller } = call;
  const given = await definitionGiven(context, call, 'ConceptMap', 'conceptMap');
  if (given) return [given];
  const url = inputs.text('url');
  if (url !== undefined) {
    const asked = canonicalOf(url);
    const version = inputs.text('conceptMapVersion') ?? asked.version;
    const map = await context.sources.conceptMap(caller, {
      url: asked.url,
      ...(version !== undefined && { version }),
    });
    if (!map) throw notKnown(`The concept map ${shown(url)} is not known here`);
    return [map];
  }
  const source = inputs.text('source');
  const target = inputs.text('target');
  if (source === undefined && target === undefined)
    throw invalid('url, conceptMap, or source and target are needed', 'url');
  const maps = await context.sources.conceptMaps(caller, {
    ...(source !== undefined && { source }),
    ...(target !== undefined && { target }),
  });
  if (maps.length === 0) throw notKnown('No concept map between these value sets is known here');
  return maps;
}

/** More than any map asks for. */
const mostDependencies = 100;

function dependenciesOf(all: readonly ParametersParameter[]) {
  return all
    .filter((one) => one.name === 'dependency')
    .slice(0, mostDependencies)
    .map(({ part }) => {
      const element = part?.find((one) => one.name === 'element');
      const concept = part?.find((one) => one.name === 'concept')?.valueCodeableConcept;
      const name = element?.valueUri ?? element?.valueString;
      if (typeof name !== 'string' || typeof concept !== 'object' || concept === null)
        throw invalid('dependency: element and concept are needed', 'dependency');
      const { coding, text }: CodeableConcept = concept;
      if (coding !== undefined && !Array.isArray(coding))
        throw invalid('dependency: is not valid', 'dependency');
      return { element: name, concept: { coding, text } };
    });
}

/** A match that says there is none, or that it is another thing, is told but is no translation. */
const negative = new Set(['unmatched', 'disjoint']);

function answer(matches: readonly Match[]): Parameters {
  const result = matches.some((one) => !negative.has(one.equivalence));
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: 'No translation was found' }]),
      ...matches.map(({ equivalence, concept, product, source }): ParametersParameter => ({
        name: 'match',
        part: [
          { name: 'equivalence', valueCode: equivalence },
          ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
          ...product.map((one) => ({
            name: 'product',
            part: [
              { name: 'element', valueUri: one.element },
              { name: 'concept', valueCoding: one.concept },
            ],
          })),
          ...(source !== undefined ? [{ name: 'source', valueUri: source }] : []),
        ],
      })),
    ],
  };
}
