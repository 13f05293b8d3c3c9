/** Invariants of definitions that repeat by the thousand inside one resource: elements, questions, codes. The others go through FHIRPath. */
import {
  any,
  count,
  distinct,
  either,
  exists,
  isOne,
  items,
  needs,
  notBoth,
  type Holds,
  type Json,
} from './words.ts';

const sliceName = /^[a-zA-Z0-9/\-_[\]@]+$/;
const pathPart = /[^\s.,:;'"/|?!@#$%&*()[\]{}]/;
const number = /^[+-]?\d+$/;

const notIf =
  (type: string, name: string): Holds =>
  (value) =>
    value.type !== type || !exists(value, name);

const answerable = [
  'choice',
  'open-choice',
  'decimal',
  'integer',
  'date',
  'dateTime',
  'time',
  'string',
  'quantity',
];
const measurable = ['boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice'];

/** What a contentReference leaves no room for. */
const ofItsOwn = [
  'type',
  'defaultValue[x]',
  'fixed[x]',
  'pattern[x]',
  'example',
  'minValue[x]',
  'maxValue[x]',
  'maxLength',
  'binding',
];

/** Everything of a tree, without recursion: trees of strangers may be deep. */
function tree(value: Json, name: string): Json[] {
  const out: Json[] = [];
  const rest = items(value, name);
  for (let one = rest.pop(); one; one = rest.pop()) {
    out.push(one);
    rest.push(...items(one, name));
  }
  return out;
}

export const definitions: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  CodeSystem: {
    'csd-1': (value) =>
      value.concept === undefined || distinct(tree(value, 'concept').map(({ code }) => code)),
  },
  'ConceptMap.group.element.target': {
    'cmd-1': (value) =>
      exists(value, 'comment') || !isOne(value.equivalence, 'narrower', 'inexact'),
  },
  'ConceptMap.group.unmapped': {
    'cmd-2': (value) => value.mode !== 'fixed' || exists(value, 'code'),
    'cmd-3': (value) => value.mode !== 'other-map' || exists(value, 'url'),
  },
  'CapabilityStatement.rest': {
    'cpb-9': (value) => distinct(items(value, 'resource').map(({ type }) => type)),
  },
  'CapabilityStatement.rest.resource': {
    'cpb-12': (value) => distinct(items(value, 'searchParam').map(({ name }) => name)),
  },
  'OperationDefinition.parameter': {
    'opd-1': any('type', 'part'),
    'opd-2': (value) => !exists(value, 'searchType') || value.type === 'string',
    'opd-3': (value) =>
      !exists(value, 'targetProfile') || isOne(value.type, 'Reference', 'canonical'),
  },
  'StructureDefinition.mapping': { 'sdf-2': any('name', 'uri') },
  'StructureMap.group.rule.target': {
    'smp-1': needs('element', 'context'),
    'smp-2': needs('context', 'contextType'),
  },
  'TestReport.setup.action': { 'inv-1': either('operation', 'assert') },
  'TestReport.test.action': { 'inv-2': either('operation', 'assert') },
  ElementDefinition: {
    'eld-2': ({ min, max }) =>
      typeof min !== 'number' || typeof max !== 'string' || max === '*' || !(min > Number(max)),
    'eld-3': ({ max }) =>
      typeof max !== 'string' || max === '*' || (number.test(max) && Number(max) >= 0),
    'eld-5': (value) =>
      value.contentReference === undefined || !ofItsOwn.some((name) => exists(value, name)),
    'eld-6': (value) => !exists(value, 'fixed[x]') || count(value, 'type') <= 1,
    'eld-7': (value) => !exists(value, 'pattern[x]') || count(value, 'type') <= 1,
    'eld-8': notBoth('pattern[x]', 'fixed[x]'),
    // As R4 writes it, it cannot fail: it asks whether there are answers, not whether one is true.
    'eld-11': () => true,
    'eld-13': (value) => distinct(items(value, 'type').map(({ code }) => code)),
    'eld-14': (value) => distinct(items(value, 'constraint').map(({ key }) => key)),
    'eld-15': notBoth('defaultValue[x]', 'meaningWhenMissing'),
    'eld-16': (value) => typeof value.sliceName !== 'string' || sliceName.test(value.sliceName),
    'eld-18': (value) => value.isModifier !== true || exists(value, 'isModifierReason'),
    'eld-19': ({ path }) => typeof path !== 'string' || pathPart.test(path),
    'eld-22': needs('sliceIsConstraining', 'sliceName'),
  },
  'ElementDefinition.slicing': { 'eld-1': any('discriminator', 'description') },
  'ElementDefinition.type': {
    'eld-4': (value) =>
      !exists(value, 'aggregation') || isOne(value.code, 'Reference', 'canonical'),
    'eld-17': (value) =>
      !exists(value, 'targetProfile') || isOne(value.code, 'Reference', 'canonical'),
  },
  'ElementDefinition.binding': {
    'eld-12': ({ valueSet }) =>
      typeof valueSet !== 'string' || /^(?:https?|http:|urn:)/.test(valueSet),
  },
  Questionnaire: {
    'que-2': (value) =>
      value.item === undefined || distinct(tree(value, 'item').map(({ linkId }) => linkId)),
  },
  'Questionnaire.item': {
    'que-1': (value) =>
      (value.type !== 'group' || exists(value, 'item')) &&
      (value.type !== 'display' || !exists(value, 'item')),
    'que-3': notIf('display', 'code'),
    'que-4': notBoth('answerOption', 'answerValueSet'),
    'que-5': (value) =>
      isOne(value.type, ...answerable) ||
      (!exists(value, 'answerValueSet') && !exists(value, 'answerOption')),
    'que-6': (value) => notIf('display', 'required')(value) && notIf('display', 'repeats')(value),
    'que-8': (value) => !isOne(value.type, 'group', 'display') || !exists(value, 'initial'),
    'que-9': notIf('display', 'readOnly'),
    'que-10': (value) => isOne(value.type, ...measurable) || !exists(value, 'maxLength'),
    'que-11': notBoth('answerOption', 'initial'),
    'que-12': (value) => count(value, 'enableWhen') <= 2 || exists(value, 'enableBehavior'),
    'que-13': (value) => value.repeats === true || count(value, 'initial') <= 1,
  },
  'Questionnaire.item.enableWhen': {
    'que-7': (value) => value.operator !== 'exists' || exists(value, 'answerBoolean'),
  },
  'ValueSet.compose.include': {
    'vsd-1': any('valueSet', 'system'),
    'vsd-2': (value) =>
      (!exists(value, 'concept') && !exists(value, 'filter')) || exists(value, 'system'),
    'vsd-3': notBoth('concept', 'filter'),
  },
  'ValueSet.expansion.contains': {
    'vsd-6': any('code', 'display'),
    'vsd-9': (value) => exists(value, 'code') || value.abstract === true,
    'vsd-10': needs('code', 'system'),
  },
};
