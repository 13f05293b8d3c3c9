/** A filter of a value set as a rule [FHIR R4 valueset-filter-operator.html]. */
import type { ValueSetComposeIncludeFilter } from '@afar/fhir';
import { compilePattern } from '../filters/regex.ts';
import type { CodeSource, Rule } from '../model.ts';
import { notKnown, shown, unprocessable } from '../refusals.ts';
import { all, and, codes, not } from '../rules.ts';
import { eclRule } from './ecl.ts';

export const snomed = 'http://snomed.info/sct';

/** Said of every concept, whatever the system defines. */
const ofEvery = new Set([
  'code',
  'concept',
  'display',
  'definition',
  'inactive',
  'notSelectable',
  'abstract',
]);

/** More values than anybody writes into one filter. */
const mostValues = 5_000;

/** @throws Refusal `invalid`, `unprocessable` (422), `not-found` when the system is not known here */
export function filterRule(source: CodeSource, filter: ValueSetComposeIncludeFilter): Rule {
  const { property, op, value } = filter;
  if (!property || !op || !value) throw unprocessable('a filter needs property, op and value');
  if (source.content === 'not-present')
    throw notKnown(`The code system ${shown(source.url)} is not known here`);
  const list = () => {
    const values = value.split(',').map((one) => one.trim());
    if (values.length > mostValues) throw unprocessable('a filter names too many values');
    return values;
  };
  const onConcept = property === 'concept' || property === 'code';
  if (onConcept) {
    switch (op) {
      case 'is-a':
        return { is: 'below', code: value, self: true };
      case 'descendent-of':
        return { is: 'below', code: value, self: false };
      case 'is-not-a':
        return not({ is: 'below', code: value, self: true });
      case 'generalizes':
        return { is: 'above', code: value };
      case '=':
        return codes([value]);
      case 'in':
        return source.url === snomed ? memberOf(list()) : codes(list());
      case 'not-in':
        return not(source.url === snomed ? memberOf(list()) : codes(list()));
    }
  }
  if (source.url === snomed && op === '=') {
    if (property === 'constraint') return eclRule(value);
    // Expressions are composed by users; of those none are listed here.
    if (property === 'expression' || property === 'expressions') return all;
  }
  if (property === 'parent' && op === '=') return { is: 'child', of: value };
  if (property === 'ancestor' && op === '=') return { is: 'below', code: value, self: false };
  if (property === 'descendant' && op === '=')
    return and([{ is: 'above', code: value }, not(codes([value]))]);
  // SNOMED's attributes are concepts themselves.
  const isAttribute = source.url === snomed && /^\d{6,18}$/.test(property);
  if (!isAttribute && !ofEvery.has(property) && !source.properties.has(property))
    throw unprocessable(
      `The code system ${shown(source.url)} defines no property ${shown(property)}`,
    );
  switch (op) {
    case '=':
      return { is: 'property', property, values: [value] };
    case 'in':
      return { is: 'property', property, values: list() };
    case 'not-in':
      return not({ is: 'property', property, values: list() });
    case 'exists':
      if (value !== 'true' && value !== 'false') throw unprocessable('exists is true or false');
      return value === 'true' ? { is: 'has', property } : not({ is: 'has', property });
    case 'regex':
      compilePattern(value);
      return { is: 'matches', property, pattern: value };
    default:
      throw unprocessable(`${shown(op)} is not read for the property ${shown(property)}`);
  }
}

/** Members of simple reference sets, kept as a property of the concepts. */
export const memberOf = (refsets: readonly string[]): Rule => ({
  is: 'property',
  property: 'refset',
  values: refsets,
});
