/** From a stored SearchParameter to a parameter that searches can use, or the reason why it is none. */
import type { Resource, SearchParam, SearchParameter, SearchType } from '@afar/fhir';
import {
  compileSearchParam,
  ExpressionRefused,
  isResourceType,
  Refusal,
  searchParams,
} from '@afar/fhir';
import { unindexed, unique } from '../tokens.ts';

const kinds: ReadonlySet<string> = new Set([
  'token',
  'string',
  'reference',
  'date',
  'number',
  'quantity',
  'uri',
]);

/** [FHIR R4 search.html#names] What begins with an underscore is the standard's. */
const codePattern = /^[A-Za-z][\w-]{0,63}$/;

/** Codes that decide under whose key a token is made, or whose chart is meant. */
const reserved: ReadonlySet<string> = new Set([...unique, ...unindexed, 'patient', 'subject']);

/** False for drafts and what is retired, and for the standard's own parameters, which are built in. */
export function isOwn(resource: Resource): resource is SearchParameter {
  return (
    resource.resourceType === 'SearchParameter' &&
    resource.status === 'active' &&
    !resource.url.startsWith('http://hl7.org/fhir/SearchParameter/')
  );
}

/**
 * The parameter, compiled.
 * @throws Refusal `business-rule` (422) with the element that is at fault: a parameter that can never be used is not stored as an
 * active one
 */
export function compileOwn(definition: SearchParameter): Map<string, SearchParam> {
  const refuse = (element: string, why: string) =>
    new Refusal('business-rule', { diagnostics: why, expression: [`SearchParameter.${element}`] });
  const { code, type, base, expression, target } = definition;
  if (reserved.has(code)) throw refuse('code', 'means something to every type: choose another');
  if (!codePattern.test(code))
    throw refuse('code', 'letters, digits and dashes, beginning with a letter');
  if (!kinds.has(type)) throw refuse('type', `parameters of type ${type} cannot be added`);
  if (!expression) throw refuse('expression', 'is needed');
  const byType = new Map<string, SearchParam>();
  for (const one of base) {
    if (!isResourceType(one)) throw refuse('base', 'name each resource type');
    if (searchParams(one).has(code))
      throw refuse('code', `${one} has a parameter of this code already`);
    try {
      byType.set(
        one,
        compileSearchParam(one, {
          code,
          type: type as SearchType,
          expression,
          ...(target && { targets: target }),
        }),
      );
    } catch (error) {
      if (error instanceof ExpressionRefused) throw refuse('expression', error.message);
      throw error;
    }
  }
  return byType;
}

/** Asked before every write; costs one comparison where it is no SearchParameter. @throws Refusal see `compileOwn` */
export function requireUsable(resource: Resource): void {
  if (isOwn(resource)) compileOwn(resource);
}
