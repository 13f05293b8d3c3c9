/** The value set that an operation is about, compiled. */
import type { OperationCall } from '@afar/records';
import type { Context } from '../context.ts';
import { invalid } from '../refusals.ts';
import { Refusal } from '@afar/fhir';
import { canonicalOf } from '../sources.ts';
import { compilerFor } from '../value-sets/compile.ts';
import type { Compiled, Versions } from '../value-sets/compile.ts';
import { definitionGiven } from './given.ts';

/** @throws Refusal `invalid`, `not-found`, `forbidden`, `unprocessable`, `too-costly` */
export async function valueSetGiven(
  context: Context,
  call: OperationCall,
  versions: Versions,
): Promise<Compiled> {
  const { caller, inputs } = call;
  if (inputs.text('context') !== undefined)
    throw new Refusal('not-supported', {
      diagnostics: 'context: name the value set by url',
      expression: ['context'],
    });
  const compiler = compilerFor(caller, context.sources, context.catalogue, versions);
  const given = await definitionGiven(context, call, 'ValueSet', 'valueSet');
  if (given) return compiler.ofResource(given);
  const url = inputs.text('url');
  if (!url) throw invalid('url or valueSet is needed', 'url');
  const asked = canonicalOf(url);
  const version = inputs.text('valueSetVersion') ?? asked.version;
  return compiler.byUrl({ url: asked.url, ...(version !== undefined && { version }) });
}
