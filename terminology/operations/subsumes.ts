/** [FHIR R4 codesystem-operation-subsumes.html] $subsumes. */
import type { Operation } from '@afar/records';
import type { Context } from '../context.ts';
import type { CodeSource } from '../model.ts';
import { invalid, notKnown, shown } from '../refusals.ts';
import { codingNamed, definitionGiven, requireMayRead } from './given.ts';

export type Outcome = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

export function subsumesOperation(context: Context): Operation {
  return {
    name: 'subsumes',
    definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
    on: ['type', 'instance'],
    types: ['CodeSystem'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'CodeSystem');
      const { inputs, caller } = call;
      const a = codingNamed(inputs, 'codingA') ?? { code: inputs.text('codeA') };
      const b = codingNamed(inputs, 'codingB') ?? { code: inputs.text('codeB') };
      if (!a.code || !b.code) throw invalid('two codes or codings are needed', 'codeA', 'codeB');
      if (a.system !== undefined && b.system !== undefined && a.system !== b.system)
        throw invalid('both codes must be of one code system', 'codingA', 'codingB');
      const given = await definitionGiven(context, call, 'CodeSystem', 'codeSystem');
      const url = inputs.text('system') ?? a.system ?? b.system;
      if (!given && !url) throw invalid('system is needed', 'system');
      const version = inputs.text('version') ?? a.version ?? b.version;
      const source = given
        ? context.sources.ofResource(given, call.id === undefined ? undefined : caller)
        : await context.sources.codeSystem(caller, {
            url: url!,
            ...(version !== undefined && { version }),
          });
      if (!source) throw notKnown(`The code system ${shown(url!)} is not known here`);
      const outcome = await subsumption(source, a.code, b.code);
      return {
        body: { resourceType: 'Parameters', parameter: [{ name: 'outcome', valueCode: outcome }] },
      };
    },
  };
}

/** @throws Refusal `not-found` for a code that the system does not have */
export async function subsumption(source: CodeSource, a: string, b: string): Promise<Outcome> {
  const found = await source.find([a, b]);
  for (const code of [a, b])
    if (!found.has(code))
      throw notKnown(`The code ${shown(code)} is not known in ${shown(source.url)}`);
  if (found.get(a)!.code === found.get(b)!.code) return 'equivalent';
  if ((await source.among([b], { is: 'below', code: a, self: false })).has(b)) return 'subsumes';
  if ((await source.among([a], { is: 'below', code: b, self: false })).has(a)) return 'subsumed-by';
  return 'not-subsumed';
}
