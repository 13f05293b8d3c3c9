/** Invariants of the data types, and of every resource and extension. */
import { tryDateInterval } from '../dates.ts';
import {
  any,
  either,
  exists,
  isOne,
  items,
  needs,
  notBoth,
  type Holds,
  type Json,
} from './words.ts';

const ucum = 'http://unitsofmeasure.org';

/** Whether `a` may be no later than `b`; anything that is no date is left to the format checks. */
export function ordered(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return true;
  const [start, end] = [tryDateInterval(a), tryDateInterval(b)];
  return !start || !end || start.start < end.end;
}

const codeNeedsSystem = needs('code', 'system');
const systemIsUcum = (value: Json): boolean => !exists(value, 'system') || value.system === ucum;
const valueNeedsCode = needs('value', 'code');

/** Quantities of different units are not compared here: nobody is refused for what cannot be decided. */
const inOrder: Holds = ({ low, high }) => {
  const [from, to] = [low ?? {}, high ?? {}] as [Json, Json];
  if (typeof from.value !== 'number' || typeof to.value !== 'number') return true;
  if (from.unit !== to.unit || from.code !== to.code || from.system !== to.system) return true;
  return from.value <= to.value;
};

const notNegative =
  (name: string): Holds =>
  (value) =>
    typeof value[name] !== 'number' || value[name] >= 0;

const meta = (value: Json): Json => (value.meta ?? {}) as Json;
const contained =
  (holds: Holds): Holds =>
  (value) =>
    value.contained === undefined || items(value, 'contained').every(holds);

export const datatypes: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  DomainResource: {
    'dom-2': contained((one) => !exists(one, 'contained')),
    'dom-4': contained(
      (one) => !exists(meta(one), 'versionId') && !exists(meta(one), 'lastUpdated'),
    ),
    'dom-5': contained((one) => !exists(meta(one), 'security')),
  },
  Extension: { 'ext-1': either('extension', 'value[x]') },
  Quantity: { 'qty-3': codeNeedsSystem },
  Age: {
    'qty-3': codeNeedsSystem,
    'age-1': (value) =>
      valueNeedsCode(value) &&
      systemIsUcum(value) &&
      (typeof value.value !== 'number' || value.value > 0),
  },
  Count: {
    'qty-3': codeNeedsSystem,
    'cnt-3': (value) =>
      valueNeedsCode(value) &&
      systemIsUcum(value) &&
      (!exists(value, 'code') || value.code === '1') &&
      (typeof value.value !== 'number' || Number.isInteger(value.value)),
  },
  Distance: {
    'qty-3': codeNeedsSystem,
    'dis-1': (value) => valueNeedsCode(value) && systemIsUcum(value),
  },
  Duration: {
    'qty-3': codeNeedsSystem,
    'drt-1': (value) => !exists(value, 'code') || (value.system === ucum && exists(value, 'value')),
  },
  Range: { 'rng-2': inOrder },
  Ratio: {
    'rat-1': (value) =>
      exists(value, 'numerator') === exists(value, 'denominator') &&
      (exists(value, 'numerator') || exists(value, 'extension')),
  },
  Period: { 'per-1': ({ start, end }) => ordered(start, end) },
  ContactPoint: { 'cpt-2': needs('value', 'system') },
  Attachment: { 'att-1': needs('data', 'contentType') },
  Expression: { 'exp-1': any('expression', 'reference') },
  'DataRequirement.codeFilter': { 'drq-1': either('path', 'searchParam') },
  'DataRequirement.dateFilter': { 'drq-2': either('path', 'searchParam') },
  'Timing.repeat': {
    'tim-1': needs('duration', 'durationUnit'),
    'tim-2': needs('period', 'periodUnit'),
    'tim-4': notNegative('duration'),
    'tim-5': notNegative('period'),
    'tim-6': needs('periodMax', 'period'),
    'tim-7': needs('durationMax', 'duration'),
    'tim-8': needs('countMax', 'count'),
    'tim-9': (value) =>
      !exists(value, 'offset') ||
      (exists(value, 'when') &&
        (!Array.isArray(value.when) ||
          !value.when.some((one) => isOne(one, 'C', 'CM', 'CD', 'CV')))),
    'tim-10': notBoth('timeOfDay', 'when'),
  },
  TriggerDefinition: {
    'trd-1': notBoth('data', 'timing[x]'),
    'trd-2': needs('condition', 'data'),
    'trd-3': (value) =>
      (value.type !== 'named-event' || exists(value, 'name')) &&
      (value.type !== 'periodic' || exists(value, 'timing[x]')) &&
      (!String(value.type).startsWith('data-') || exists(value, 'data')),
  },
};
