/**
 * Search as a naive reader of the standard would do it, over plain JSON: for tests only. It shares no code with the search:
 * its own paths, its own dates, its own units.
 */
import type { Resource } from '@afar/fhir';

type Json = Record<string, unknown>;

/** What a parameter's values are, and where they stand: dots, arrays gone through. */
interface Where {
  kind: 'token' | 'string' | 'date' | 'quantity' | 'number' | 'reference' | 'uri';
  paths: string[];
}

const where = (kind: Where['kind'], ...paths: string[]): Where => ({ kind, paths });

/** By hand, from the pages of the resources [FHIR R4 observation.html#search and the like]. */
export const places: Record<string, Record<string, Where>> = {
  Patient: {
    name: where('string', 'name.text', 'name.family', 'name.given', 'name.prefix', 'name.suffix'),
    family: where('string', 'name.family'),
    given: where('string', 'name.given'),
    birthdate: where('date', 'birthDate'),
    gender: where('token', 'gender'),
    identifier: where('token', 'identifier'),
    'address-city': where('string', 'address.city'),
    'general-practitioner': where('reference', 'generalPractitioner'),
  },
  Observation: {
    code: where('token', 'code'),
    category: where('token', 'category'),
    status: where('token', 'status'),
    date: where('date', 'effectiveDateTime', 'effectivePeriod', 'effectiveInstant'),
    'value-quantity': where('quantity', 'valueQuantity'),
    'value-string': where('string', 'valueString'),
    'component-code': where('token', 'component.code'),
    'component-value-quantity': where('quantity', 'component.valueQuantity'),
    subject: where('reference', 'subject'),
    patient: where('reference', 'subject'),
    performer: where('reference', 'performer'),
  },
  Condition: {
    code: where('token', 'code'),
    'clinical-status': where('token', 'clinicalStatus'),
    'onset-date': where('date', 'onsetDateTime', 'onsetPeriod'),
    'recorded-date': where('date', 'recordedDate'),
    patient: where('reference', 'subject'),
  },
  Encounter: {
    date: where('date', 'period'),
    class: where('token', 'class'),
    status: where('token', 'status'),
    patient: where('reference', 'subject'),
  },
  RiskAssessment: {
    probability: where('number', 'prediction.probabilityDecimal'),
    date: where('date', 'occurrenceDateTime'),
    patient: where('reference', 'subject'),
  },
  ValueSet: { url: where('uri', 'url') },
};

function at(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const step of path.split('.')) {
    found = found
      .flatMap((one) => (one as Json | undefined)?.[step] ?? [])
      .filter((one) => one !== undefined);
  }
  return found;
}

interface Span {
  from: number;
  to: number;
}

const far = 1e18;

/** Its first instant and the first after it, by counting up the last field that is written. */
export function spanOf(text: string): Span {
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(text);
  const fields = text.split(/[-T:+Z.]/).length;
  if (text.length <= 10) {
    const [year, month = 1, day = 1] = text.split('-').map(Number) as [number, number?, number?];
    const next = [
      [year + 1, 0, 1],
      [year, month, 1],
      [year, month - 1, day + 1],
    ][fields - 1] as [number, number, number];
    return { from: Date.UTC(year, month - 1, day), to: Date.UTC(...next) };
  }
  const from = Date.parse(zoned ? text : `${text}Z`);
  const fraction = /\.(\d+)/.exec(text)?.[1];
  const seconds = /T\d\d:\d\d:\d\d/.test(text);
  return { from, to: from + (fraction ? 10 ** (3 - fraction.length) : seconds ? 1000 : 60_000) };
}

function spanIn(value: unknown): Span | undefined {
  if (typeof value === 'string') return spanOf(value);
  const { start, end } = value as { start?: string; end?: string };
  if (!start && !end) return undefined;
  return { from: start ? spanOf(start).from : -far, to: end ? spanOf(end).to : far };
}

/** The sentences of [FHIR R4 search.html#prefix], one by one. */
export function prefixHolds(prefix: string, search: Span, target: Span, slack = 0): boolean {
  const contained = target.from >= search.from && target.to <= search.to;
  const reachesAbove = target.to > search.to;
  const reachesBelow = target.from < search.from;
  switch (prefix) {
    case 'ne':
      return !contained;
    case 'gt':
      return reachesAbove;
    case 'lt':
      return reachesBelow;
    case 'ge':
      return reachesAbove || contained;
    case 'le':
      return reachesBelow || contained;
    case 'sa':
      return target.from >= search.to;
    case 'eb':
      return target.to <= search.from;
    case 'ap':
      return target.from < search.to + slack && target.to > search.from - slack;
    default:
      return contained;
  }
}

const split = (text: string): [string, string] => {
  const [, prefix = '', rest = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s.exec(text)!;
  return [prefix || 'eq', rest];
};

function dateHolds(text: string, value: unknown, now: number): boolean {
  const [prefix, rest] = split(text);
  const target = spanIn(value);
  const search = spanOf(rest);
  const slack = Math.abs(now - (search.from + search.to) / 2) / 10;
  return target !== undefined && prefixHolds(prefix, search, target, slack);
}

/** Grams, degrees: what the data of the tests uses. */
const scales: Record<string, { of: string; by: (value: number) => number }> = {
  g: { of: 'mass', by: (value) => value },
  kg: { of: 'mass', by: (value) => value * 1000 },
  mg: { of: 'mass', by: (value) => value / 1000 },
  Cel: { of: 'heat', by: (value) => value },
  '[degF]': { of: 'heat', by: (value) => ((value - 32) * 5) / 9 },
};

function numberHolds(
  prefix: string,
  text: string,
  value: number,
  scale = (n: number) => n,
): boolean {
  const digits = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  const half = 0.5 * 10 ** -digits;
  const exact = Number(text);
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  const below = (a: number, b: number) => a < b && !close(a, b);
  const held = value;
  const within = !below(held, scale(exact - half)) && below(held, scale(exact + half));
  const point = scale(exact);
  switch (prefix) {
    case 'ne':
      return !within;
    case 'gt':
    case 'sa':
      return below(point, held);
    case 'lt':
    case 'eb':
      return below(held, point);
    case 'ge':
      return !below(held, point);
    case 'le':
      return !below(point, held);
    case 'ap': {
      const ends = [scale(exact - Math.abs(exact) / 10), scale(exact + Math.abs(exact) / 10)];
      return !below(held, ends[0]!) && !below(ends[1]!, held);
    }
    default:
      return within;
  }
}

function quantityHolds(text: string, value: Json): boolean {
  const [prefix, rest] = split(text);
  const [number = '', system = '', code = ''] = rest.split('|');
  const held = value.value as number | undefined;
  if (held === undefined) return false;
  const exact = (value.comparator as string | undefined) === undefined;
  if (!exact) throw new Error('comparators are tested by hand');
  if (!code) return (!system || value.system === system) && numberHolds(prefix, number, held);
  if (!system) return [value.code, value.unit].includes(code) && numberHolds(prefix, number, held);
  const [ours, theirs] = [scales[code], scales[value.code as string]];
  if (value.system !== system) return false;
  if (value.code === code) return numberHolds(prefix, number, held);
  if (!ours || ours.of !== theirs?.of) return false;
  return numberHolds(prefix, number, theirs.by(held), ours.by);
}

interface Coded {
  system?: string;
  code?: string;
  text?: string;
}

function codedIn(value: unknown, param: string): Coded[] {
  if (typeof value === 'string') return [{ code: value, system: `bound:${param}` }];
  const { coding, text, system, code, display } = value as Json;
  const held = (value as Json).value as string | undefined;
  const one = (item: Json): Coded => ({
    system: item.system as string,
    code: item.code as string,
    text: item.display as string,
  });
  if (Array.isArray(coding))
    return [...coding.map(one), ...(text ? [{ text: text as string }] : [])];
  if (held !== undefined) return [{ system: system as string, code: held }];
  if (text) return [{ text: text as string }];
  return [{ system: system as string, code: code as string, text: display as string }];
}

function tokenHolds(text: string, value: unknown, param: string, modifier?: string): boolean {
  const items = codedIn(value, param);
  if (modifier === 'text') {
    const wanted = plain(text);
    return items.some(
      (one) => one.text && new RegExp(`(^|[^a-z0-9])${wanted}`).test(plain(one.text)),
    );
  }
  const [first = '', second] = text.split('|');
  return items.some(({ system, code }) => {
    if (second === undefined) return code === first;
    if (first === '') return system === undefined && code === second;
    return system === first && (second === '' || code === second);
  });
}

/** Without case and accents. */
export const plain = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function stringHolds(text: string, value: string, modifier?: string, anyWord?: boolean): boolean {
  if (modifier === 'exact') return value === text;
  const [held, wanted] = [plain(value), plain(text)];
  if (modifier === 'contains') return held.includes(wanted);
  return held.startsWith(wanted) || (anyWord === true && held.includes(` ${wanted}`));
}

function uriHolds(text: string, value: string, modifier?: string): boolean {
  if (modifier === 'below') return value === text || value.startsWith(`${text}/`);
  if (modifier === 'above') return value === text || text.startsWith(`${value}/`);
  return value === text;
}

/** Whether the resource answers `name=value`; `now` is the instant `ap` is measured from, ms. */
export function holds(resource: Resource, name: string, value: string, now: number): boolean {
  const [param = '', modifier] = name.split(':');
  const place = places[resource.resourceType]?.[param];
  if (!place) throw new Error(`${resource.resourceType}.${param} is not known here`);
  const values = place.paths.flatMap((path) => at(resource, path));
  if (modifier === 'missing') {
    const none = place.kind === 'date' ? values.every((one) => !spanIn(one)) : values.length === 0;
    return none === (value === 'true');
  }
  const any = value.split(',').some((text) =>
    values.some((one) => {
      switch (place.kind) {
        case 'date':
          return dateHolds(text, one, now);
        case 'quantity':
          return quantityHolds(text, one as Json);
        case 'number':
          return numberHolds(...split(text), one as number);
        case 'token':
          return tokenHolds(text, one, param, modifier);
        case 'string':
          return stringHolds(text, one as string, modifier, param === 'name');
        case 'uri':
          return uriHolds(text, one as string, modifier);
        case 'reference': {
          const { reference, identifier } = one as { reference?: string; identifier?: Json };
          if (modifier === 'identifier')
            return identifier !== undefined && tokenHolds(text, identifier, param);
          return reference === text || reference?.split('/')[1] === text;
        }
      }
    }),
  );
  return modifier === 'not' ? !any : any;
}
