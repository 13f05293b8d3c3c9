/** Values of a search parameter, parsed by its type. Undefined when malformed; the caller says which parameter it was. */
import { tryDateInterval } from './dates.ts';
import { splitEscaped, unescape } from './query-text.ts';
import { isResourceType } from './resource-class.ts';
import { parseReference } from './reference-shape.ts';
import type { SearchParam } from './search-params.ts';
import { specialValue } from './special-params.ts';
import type {
  DateValue,
  Modifier,
  NumberValue,
  Prefix,
  QuantityValue,
  ReferenceValue,
  SearchValue,
  TokenValue,
} from './search-query.ts';

export interface ValueContext {
  param: SearchParam;
  modifier?: Modifier;
  /** `subject:Patient=1` */
  targetType?: string;
  /** The server's own address, without a slash at its end: absolute references under it are relative ones. */
  baseUrl?: string | undefined;
  /** The request's instant in ms, for `ap` on dates. */
  now?: number | undefined;
}

export function parseValue(raw: string, context: ValueContext): SearchValue | undefined {
  switch (context.param.type) {
    case 'token':
      return tokenValue(raw, context.modifier);
    case 'string':
      return raw === '' ? undefined : { kind: 'string', value: unescape(raw) };
    case 'uri':
      return raw === '' ? undefined : { kind: 'uri', value: unescape(raw) };
    case 'reference':
      return referenceValue(raw, context);
    case 'date':
      return dateValue(raw, context.now);
    case 'number':
      return numberValue(raw);
    case 'quantity':
      return quantityValue(raw);
    case 'composite':
      return compositeValue(raw, context);
    case 'special':
      return specialValue(raw, context.param.code);
  }
}

const prefixed = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s;

function prefixOf(raw: string): { prefix: Prefix; rest: string } {
  const found = prefixed.exec(raw);
  return found ? { prefix: found[1] as Prefix, rest: found[2]! } : { prefix: 'eq', rest: raw };
}

/** [FHIR R4 search.html#token] */
function tokenValue(raw: string, modifier: Modifier | undefined): SearchValue | undefined {
  if (raw === '') return undefined;
  if (modifier === 'text') return { kind: 'string', value: unescape(raw) };
  if (modifier === 'in' || modifier === 'not-in') return { kind: 'uri', value: unescape(raw) };
  const parts = splitEscaped(raw, '|').map(unescape);
  if (modifier === 'of-type') {
    const [system = '', code = '', value = ''] = parts;
    return parts.length === 3 && code && value ? { kind: 'token', system, code, value } : undefined;
  }
  return token(parts);
}

function token(parts: string[]): TokenValue | undefined {
  const [first = '', second = ''] = parts;
  if (parts.length === 1) return { kind: 'token', code: first };
  if (parts.length > 2 || (first === '' && second === '')) return undefined;
  return { kind: 'token', system: first, ...(second === '' ? {} : { code: second }) };
}

/** [FHIR R4 search.html#reference] `1`, `Patient/1`, `https://.../Patient/1`, `urn:uuid:...`, a canonical with `|version`. */
function referenceValue(raw: string, context: ValueContext): ReferenceValue | undefined {
  const { param, modifier, targetType, baseUrl } = context;
  if (raw === '') return undefined;
  if (modifier === 'identifier') {
    const value = token(splitEscaped(raw, '|').map(unescape));
    return value && { ...value, kind: 'reference' };
  }
  let text = unescape(raw);
  if (baseUrl && text.startsWith(`${baseUrl}/`)) text = text.slice(baseUrl.length + 1);
  const literal = parseReference(text);
  if (literal.type !== undefined && literal.id !== undefined) {
    if (literal.base)
      return { kind: 'reference', url: `${literal.base}${literal.type}/${literal.id}` };
    if (targetType !== undefined && targetType !== literal.type) return undefined;
    return { kind: 'reference', type: literal.type, id: literal.id };
  }
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) {
    const type = targetType ?? (param.targets?.length === 1 ? param.targets[0] : undefined);
    return { kind: 'reference', ...(type === undefined ? {} : { type }), id: text };
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text)) return undefined;
  const [url = '', version] = text.split('|');
  return { kind: 'reference', url, ...(version ? { version } : {}) };
}

function dateValue(raw: string, now: number | undefined): DateValue | undefined {
  const { prefix, rest } = prefixOf(raw);
  const interval = tryDateInterval(rest);
  if (!interval) return undefined;
  // [FHIR R4 search.html#prefix] ap: within 10 % of the gap between now and the date.
  const middle = (interval.start + interval.end) / 2;
  const slack = prefix === 'ap' && now !== undefined ? Math.round(Math.abs(now - middle) * 0.1) : 0;
  return {
    kind: 'date',
    prefix,
    start: interval.start - slack,
    end: interval.end + slack,
    text: rest,
  };
}

const numeral = /^[+-]?\d{1,30}(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * [FHIR R4 search.html#number] Half a unit of the last digit to each side: 100 is [99.5, 100.5), 1.00e2 the same.
 * A bare exponent counts as two digits, after the specification's example: 1e2 is [95, 105).
 */
function ranged(prefix: Prefix, text: string): Omit<NumberValue, 'kind'> | undefined {
  const found = numeral.exec(text);
  if (!found) return undefined;
  const value = Number(text);
  const exponent = Number(found[2] ?? 0);
  const digits = found[1]?.length ?? (exponent > 0 ? 1 : 0);
  const half = prefix === 'ap' ? Math.abs(value) * 0.1 : 0.5 * 10 ** (exponent - digits);
  return { prefix, value, low: rounded(value - half), high: rounded(value + half) };
}

/** 0.9 + 0.05 is 0.95, not 0.9500000000000001, which 0.95 would lie below. */
function rounded(bound: number): number {
  return Math.abs(bound) < 1e15 ? Number(bound.toPrecision(15)) : bound;
}

function numberValue(raw: string): NumberValue | undefined {
  const { prefix, rest } = prefixOf(raw);
  const number = ranged(prefix, rest);
  return number && { kind: 'number', ...number };
}

/** [FHIR R4 search.html#quantity] `5.4`, `5.4|system|code`, `5.4||code` */
function quantityValue(raw: string): QuantityValue | undefined {
  const { prefix, rest } = prefixOf(raw);
  const [text = '', system = '', code = '', ...more] = splitEscaped(rest, '|').map(unescape);
  const number = ranged(prefix, text);
  if (!number || more.length) return undefined;
  return {
    kind: 'quantity',
    ...number,
    ...(system === '' ? {} : { system }),
    ...(code === '' ? {} : { code }),
  };
}

/** [FHIR R4 search.html#combining] `code$value` */
function compositeValue(raw: string, context: ValueContext): SearchValue | undefined {
  const components = context.param.composite?.components ?? [];
  const texts = splitEscaped(raw, '$');
  if (texts.length !== components.length) return undefined;
  const parts = texts.map((text, i) => {
    const { type } = components[i]!;
    const { param, baseUrl, now } = context;
    return parseValue(text, { param: { ...param, type }, baseUrl, now });
  });
  return parts.every((part) => part !== undefined) ? { kind: 'composite', parts } : undefined;
}

/** Modifiers by parameter type [FHIR R4 search.html#modifiers]; reference parameters also take a type's name. */
export const modifiers: Record<string, readonly Modifier[]> = {
  token: ['missing', 'text', 'not', 'above', 'below', 'in', 'not-in', 'of-type'],
  string: ['missing', 'exact', 'contains'],
  reference: ['missing', 'identifier', 'above', 'below'],
  uri: ['missing', 'above', 'below'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  composite: ['missing'],
  special: ['missing'],
};

export function isTypeModifier(param: SearchParam, modifier: string): boolean {
  return (
    param.type === 'reference' &&
    isResourceType(modifier) &&
    (param.targets?.includes(modifier) ?? true)
  );
}
