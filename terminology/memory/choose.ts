/** A rule as a function over the concepts of a system in memory. */
import { compilePattern } from '../filters/regex.ts';
import type { Concept, PropertyValue, Rule } from '../model.ts';
import type { MemorySystem } from './memory-system.ts';

export type Choose = (concept: Concept) => boolean;

/** @throws Refusal `invalid` for a pattern that cannot be read */
export function chooser(system: MemorySystem, rule: Rule): Choose {
  switch (rule.is) {
    case 'all':
      return () => true;
    case 'codes': {
      const codes = new Set(rule.codes.map((code) => system.known(code)));
      return ({ code }) => codes.has(code);
    }
    case 'below': {
      const root = system.known(rule.code);
      if (root === undefined) return () => false;
      const below = system.below(root);
      return ({ code }) => (code === root ? rule.self : below.has(code));
    }
    case 'above': {
      const root = system.known(rule.code);
      if (root === undefined) return () => false;
      const above = system.above(root);
      return ({ code }) => code === root || above.has(code);
    }
    case 'child': {
      const parent = system.known(rule.of);
      return ({ code }) => parent !== undefined && system.parentsOf(code).includes(parent);
    }
    case 'property': {
      const values = new Set(rule.values);
      return (concept) => valuesOf(concept, rule.property).some((one) => values.has(textOf(one)));
    }
    case 'has':
      return (concept) => valuesOf(concept, rule.property).length > 0;
    case 'matches': {
      const fits = compilePattern(rule.pattern);
      return (concept) => valuesOf(concept, rule.property).some((one) => fits(textOf(one)));
    }
    case 'and': {
      const all = rule.rules.map((one) => chooser(system, one));
      return (concept) => all.every((choose) => choose(concept));
    }
    case 'or': {
      const any = rule.rules.map((one) => chooser(system, one));
      return (concept) => any.some((choose) => choose(concept));
    }
    case 'not': {
      const choose = chooser(system, rule.rule);
      return (concept) => !choose(concept);
    }
  }
}

export const textOf = (value: PropertyValue): string =>
  typeof value === 'string' ? value : (value.code ?? '');

/** [FHIR R4 codesystem.html#defined-props] `code`, `display` and the state of a concept can be asked for like properties. */
export function valuesOf(concept: Concept, property: string): readonly PropertyValue[] {
  const own = concept.properties[property];
  if (own && Object.hasOwn(concept.properties, property)) return own;
  switch (property) {
    case 'code':
    case 'concept':
      return [concept.code];
    case 'display':
      return [concept.display];
    case 'definition':
      return concept.definition === undefined ? [] : [concept.definition];
    case 'inactive':
      return [String(concept.inactive ?? false)];
    case 'notSelectable':
    case 'abstract':
      return [String(concept.abstract ?? false)];
    default:
      return [];
  }
}
