/** [FHIR R4 valueset-operation-expand.html] $expand. */
import { randomUUID } from 'node:crypto';
import type { ValueSet, ValueSetExpansionParameter } from '@afar/fhir';
import type { Operation, OperationCall } from '@afar/records';
import type { Context } from '../context.ts';
import { languagesOf } from '../value-sets/display.ts';
import { expand, mostCodes } from '../value-sets/expand.ts';
import type { ExpandOptions } from '../value-sets/expand.ts';
import type { Compiled } from '../value-sets/compile.ts';
import { requireMayRead, versionsGiven } from './given.ts';
import { valueSetGiven } from './value-set-given.ts';

export function expandOperation(context: Context): Operation {
  return {
    name: 'expand',
    definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
    on: ['type', 'instance'],
    types: ['ValueSet'],
    affectsState: false,
    async run(call) {
      requireMayRead(call, 'ValueSet');
      const options = optionsOf(call);
      const compiled = await valueSetGiven(context, call, {
        preferred: versionsGiven(call, 'system-version'),
        forced: versionsGiven(call, 'force-system-version'),
        checked: versionsGiven(call, 'check-system-version'),
      });
      const excluded = new Set(
        call.inputs.texts('exclude-system').map((one) => one.split('|')[0]!),
      );
      const parts = compiled.selection.parts.filter(({ source }) => !excluded.has(source.url));
      const { contains, total } = await expand({ parts }, options);
      return { body: answerOf(context, call, compiled, options, contains, total) };
    },
  };
}

function optionsOf({ inputs }: OperationCall): ExpandOptions {
  const filter = inputs.text('filter');
  const count = inputs.count('count');
  return {
    ...(filter !== undefined && { filter: filter.slice(0, 200) }),
    offset: inputs.count('offset') ?? 0,
    ...(count !== undefined && { count: Math.min(count, mostCodes) }),
    activeOnly: inputs.flag('activeOnly') ?? false,
    usableOnly: inputs.flag('excludeNotForUI') ?? false,
    // Nested only for who asks: a client that looks at one level would miss what is below.
    flat: inputs.flag('excludeNested') ?? true,
    includeDesignations:
      inputs.flag('includeDesignations') ?? inputs.texts('designation').length > 0,
    designations: inputs.texts('designation'),
    languages: languagesOf(inputs.text('displayLanguage')),
    properties: inputs.texts('property').slice(0, 50),
  };
}

/** Parameters that made the expansion what it is [FHIR R4 valueset.html#expansion.parameter]. */
function honoured(
  { inputs }: OperationCall,
  { selection }: Compiled,
  { count, offset }: ExpandOptions,
): ValueSetExpansionParameter[] {
  const out: ValueSetExpansionParameter[] = [];
  for (const name of ['filter', 'displayLanguage']) {
    const value = inputs.text(name);
    if (value !== undefined) out.push({ name, valueString: value });
  }
  for (const name of [
    'activeOnly',
    'excludeNested',
    'excludeNotForUI',
    'includeDesignations',
    'includeDefinition',
  ]) {
    const value = inputs.flag(name);
    if (value !== undefined) out.push({ name, valueBoolean: value });
  }
  for (const name of [
    'exclude-system',
    'system-version',
    'force-system-version',
    'check-system-version',
  ])
    for (const value of inputs.texts(name)) out.push({ name, valueUri: value });
  if (count !== undefined) out.push({ name: 'count', valueInteger: count });
  if (offset > 0) out.push({ name: 'offset', valueInteger: offset });
  for (const { source } of selection.parts)
    if (source.version !== undefined)
      out.push({ name: 'version', valueUri: `${source.url}|${source.version}` });
  return out;
}

function answerOf(
  { clock }: Context,
  call: OperationCall,
  compiled: Compiled,
  options: ExpandOptions,
  contains: NonNullable<ValueSet['expansion']>['contains'],
  total: number | undefined,
): ValueSet {
  const { url, version, name, valueSet } = compiled;
  const kept = valueSet && {
    ...(valueSet.id !== undefined && { id: valueSet.id }),
    ...(valueSet.name !== undefined && { name: valueSet.name }),
    ...(valueSet.title !== undefined && { title: valueSet.title }),
    ...(call.inputs.flag('includeDefinition') && valueSet.compose && { compose: valueSet.compose }),
  };
  const parameter = honoured(call, compiled, options);
  const paged = options.count !== undefined || options.offset > 0;
  return {
    resourceType: 'ValueSet',
    ...(url !== undefined && { url }),
    ...(version !== undefined && { version }),
    ...(kept ?? (name !== undefined && { title: name })),
    status: valueSet?.status ?? 'active',
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date(clock.now()).toISOString(),
      ...(total !== undefined && { total }),
      ...(paged && { offset: options.offset }),
      ...(parameter.length > 0 && { parameter }),
      ...(contains?.length && { contains }),
    },
  };
}
