/** [FHIR R4 valueset-operation-validate-code.html, codesystem-operation-validate-code.html] $validate-code. */
import type { Coding, Parameters } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { Operation, OperationCall } from '@afar/records';
import type { Context } from '../context.ts';
import { invalid, notKnown, shown } from '../refusals.ts';
import { canonicalOf } from '../sources.ts';
import { inSelection, inSystem } from '../value-sets/contains.ts';
import type { CheckOptions, Verdict } from '../value-sets/contains.ts';
import { languagesOf } from '../value-sets/display.ts';
import { codingsGiven, definitionGiven, requireMayRead } from './given.ts';
import { valueSetGiven } from './value-set-given.ts';

export function validateInValueSet(context: Context): Operation {
  return {
    name: 'validate-code',
    definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
    on: ['type', 'instance'],
    types: ['ValueSet'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'ValueSet');
      const codings = codingsGiven(call, { coding: 'coding', version: 'systemVersion' });
      // [valueset-operation-validate-code.html] a code alone says nothing.
      if (codings.some((one) => one.system === undefined))
        throw invalid('system is needed', 'system');
      const preferred = new Map(
        codings.flatMap(({ system, version }) => (version ? [[system!, version] as const] : [])),
      );
      const { selection } = await valueSetGiven(context, call, {
        preferred,
        forced: new Map(),
        checked: new Map(),
      });
      return answer(await any(codings, (one) => inSelection(selection, one, optionsOf(call))));
    },
  };
}

export function validateInCodeSystem(context: Context): Operation {
  return {
    name: 'validate-code',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code',
    on: ['type', 'instance'],
    types: ['CodeSystem'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'CodeSystem');
      const codings = codingsGiven(call);
      const given = await definitionGiven(context, call, 'CodeSystem', 'codeSystem');
      const storedFor = call.id === undefined ? undefined : call.caller;
      const own = given && context.sources.ofResource(given, storedFor);
      const url = call.inputs.text('url') ?? call.inputs.text('system');
      if (!own && url === undefined && codings.some((one) => one.system === undefined))
        throw invalid('url is needed', 'url');
      const check = async (coding: Coding): Promise<Verdict> => {
        const { system, version } = coding;
        const asked = canonicalOf(url ?? system ?? '');
        const source =
          own ??
          (await context.sources.codeSystem(call.caller, {
            ...asked,
            ...(version !== undefined && { version }),
          }));
        if (!source) throw notKnown(`The code system ${shown(asked.url)} is not known here`);
        return inSystem(source, coding, optionsOf(call));
      };
      return answer(await any(codings, check));
    },
  };
}

function optionsOf({ inputs }: OperationCall): CheckOptions {
  const abstract = inputs.flag('abstract');
  return {
    ...(abstract !== undefined && { abstract }),
    languages: languagesOf(inputs.text('displayLanguage')),
  };
}

/** One coding that fits is enough; a system that is not known matters only when no other decides. */
async function any(
  codings: readonly Coding[],
  check: (one: Coding) => Promise<Verdict>,
): Promise<Verdict> {
  const no: Verdict[] = [];
  let unknown: Refusal | undefined;
  for (const coding of codings)
    try {
      const verdict = await check(coding);
      if (verdict.result) return verdict;
      no.push(verdict);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'not-found') throw error;
      unknown ??= error;
    }
  if (unknown) throw unknown;
  const messages = no.flatMap((one) => one.message ?? []);
  const display = no.find((one) => one.display !== undefined)?.display;
  return { result: false, message: messages.join('; '), ...(display !== undefined && { display }) };
}

function answer({ result, message, display }: Verdict): { body: Parameters } {
  return {
    body: {
      resourceType: 'Parameters',
      parameter: [
        { name: 'result', valueBoolean: result },
        ...(message !== undefined ? [{ name: 'message', valueString: message }] : []),
        ...(display !== undefined ? [{ name: 'display', valueString: display }] : []),
      ],
    },
  };
}
