/** Whether a decrypted resource answers a criterion: the last word of every search, whatever index led to it. */
import type {
  Criterion,
  Indexed,
  NumberValue,
  QuantityValue,
  ReferenceValue,
  SearchValue,
  StringValue,
  TokenValue,
  Units,
  UriValue,
} from '@afar/fhir';
import { ucumSystem } from '@afar/fhir';
import { contactParams, foldContact, startsWith } from '../directory/contact.ts';
import { fold, phonetic, wordStarts } from '../directory/fold.ts';
import { dateMatches, intervalMatches, overlaps } from './intervals.ts';

/** What a verdict needs beside the body. */
export interface Judging {
  /** The instant `ap` is measured from, ms. */
  now: number;
  /** Absent where no value of the query has a unit of UCUM. */
  units?: Units | undefined;
}

/** Composites are matched in composite.ts, parameters of a whole resource in whole.ts. */
export function matches(indexed: Indexed, criterion: Criterion, judging: Judging): boolean {
  const { param, modifier } = criterion;
  if (modifier === 'missing') return isMissing(indexed, param) === criterion.missing;
  const any = criterion.values.some((value) => valueMatches(indexed, criterion, value, judging));
  return modifier === 'not' ? !any : any;
}

function isMissing(indexed: Indexed, param: string): boolean {
  return !Object.values(indexed).some((list: { param: string }[]) =>
    list.some((item) => item.param === param),
  );
}

function valueMatches(
  indexed: Indexed,
  { param, modifier }: Criterion,
  value: SearchValue,
  { now, units }: Judging,
): boolean {
  switch (value.kind) {
    case 'token':
      return indexed.tokens.some(
        (item) => item.param === param && tokenMatches(param, modifier, value, item),
      );
    case 'string':
      if (modifier === 'text') {
        return indexed.tokens.some((item) => item.param === param && textMatches(item.text, value));
      }
      return indexed.strings.some(
        (item) => item.param === param && stringMatches(param, modifier, value, item.value),
      );
    case 'reference':
      return indexed.references.some(
        (item) => item.param === param && referenceMatches(modifier, value, item),
      );
    case 'date':
      return indexed.dates.some(
        (item) =>
          item.param === param &&
          (modifier === 'overlaps' ? overlaps(value, item) : dateMatches(value, item, now)),
      );
    case 'number':
      return indexed.numbers.some((item) => item.param === param && rangeMatches(value, item));
    case 'quantity':
      return indexed.quantities.some(
        (item) => item.param === param && quantityMatches(value, item, units),
      );
    case 'uri':
      return indexed.uris.some(
        (item) => item.param === param && uriMatches(modifier, value, item.value),
      );
    case 'near':
    case 'words':
    case 'list':
    case 'composite':
      return false;
  }
}

/** [FHIR R4 search.html#token] `code`, `|code`, `system|code`, `system|`. */
function tokenMatches(
  param: string,
  modifier: Criterion['modifier'],
  value: TokenValue,
  item: Indexed['tokens'][number],
): boolean {
  if (modifier === 'of-type') {
    if (value.value !== undefined && value.value !== item.code) return false;
    return (item.kind ?? []).some(
      (kind) =>
        (value.system === undefined || value.system === (kind.system ?? '')) &&
        (value.code === undefined || value.code === kind.code),
    );
  }
  if (modifier === 'text') {
    return textMatches(item.text, { kind: 'string', value: value.code ?? '' });
  }
  if (value.system !== undefined && value.system !== (item.system ?? '')) return false;
  if (value.code === undefined) return true;
  if (item.code === undefined) return false;
  if (value.code === item.code) return true;
  return contactParams.has(param) && foldContact(value.code) === foldContact(item.code);
}

/** [FHIR R4 search.html#modifiers] `:text` looks at the display, from the start of any word on. */
function textMatches(text: string | undefined, value: StringValue): boolean {
  if (text === undefined) return false;
  const wanted = fold(value.value);
  return wanted !== '' && wordStarts(fold(text)).some((start) => start.startsWith(wanted));
}

/** A text of signs alone (`-`, `...`) is nothing once it is folded: it finds nothing, not everything. */
function stringMatches(
  param: string,
  modifier: Criterion['modifier'],
  value: StringValue,
  text: string,
): boolean {
  if (modifier === 'exact') return text === value.value;
  const wanted = fold(value.value);
  if (wanted === '') return false;
  if (modifier === 'contains') return fold(text).includes(wanted);
  if (modifier === 'equals') return fold(text) === wanted;
  if (modifier === 'ends-with') return fold(text).endsWith(wanted);
  if (param === 'phonetic') {
    const sounds = phonetic(text);
    return phonetic(value.value).some((sound) => sounds.includes(sound));
  }
  return startsWith(param, fold(text), wanted);
}

function referenceMatches(
  modifier: Criterion['modifier'],
  value: ReferenceValue,
  item: Indexed['references'][number],
): boolean {
  if (modifier === 'identifier') {
    if (!item.identifier) return false;
    if (value.system !== undefined && value.system !== (item.identifier.system ?? '')) return false;
    return value.code === undefined || value.code === item.identifier.value;
  }
  if (value.url !== undefined) {
    return item.url === value.url && versionMatches(modifier, value.version, item.version);
  }
  return item.id === value.id && (value.type === undefined || value.type === item.type);
}

/**
 * [FHIR R4 search.html#number] `eq` and `ne` follow the precision of the value asked for; the other prefixes take it
 * as exact. The precision of the stored value is not taken into account.
 */
function rangeMatches(
  value: NumberValue | QuantityValue,
  item: { low: number; high: number },
): boolean {
  const { prefix } = value;
  if (prefix === 'eq' || prefix === 'ne') {
    const within = item.low >= value.low && item.high < value.high;
    return within === (prefix === 'eq');
  }
  if (prefix === 'ap') {
    // [FHIR R4 search.html#prefix] a tenth of the value on either side.
    const slack = Math.abs(value.value) / 10;
    return item.low <= value.value + slack && item.high >= value.value - slack;
  }
  const point = { start: value.value, end: value.value };
  const target = { start: item.low, end: item.high };
  if (prefix === 'ge') return target.end >= point.end;
  if (prefix === 'le') return target.start <= point.start;
  if (prefix === 'sa') return target.start > point.end;
  if (prefix === 'eb') return target.end < point.start;
  return intervalMatches(prefix, point, target);
}

/**
 * [FHIR R4 references.html#canonical] No version asks for any. `:below` 2 is 2, 2.1, 2.1.3; `:above` 2.1.3 is 2.1.3, 2.1, 2.
 */
function versionMatches(
  modifier: Criterion['modifier'],
  asked: string | undefined,
  held: string | undefined,
): boolean {
  if (asked === undefined || asked === held) return true;
  if (held === undefined) return false;
  if (modifier === 'below') return held.startsWith(`${asked}.`);
  return modifier === 'above' && asked.startsWith(`${held}.`);
}

/** [FHIR R4 search.html#quantity] units of UCUM are told in the one asked for: 61,000 g are 61 kg. */
function quantityMatches(
  value: QuantityValue,
  item: Indexed['quantities'][number],
  units: Units | undefined,
): boolean {
  if (unitMatches(value, item)) return rangeMatches(value, item);
  if (!units || value.system !== ucumSystem || item.system !== ucumSystem) return false;
  if (value.code === undefined || item.code === undefined) return false;
  const told = units.convert(item, item.code, value.code);
  return told !== undefined && rangeMatches(value, told);
}

/** [FHIR R4 search.html#quantity] a code is looked for in the coded unit and, without a system, in the shown one. */
function unitMatches(value: QuantityValue, item: Indexed['quantities'][number]): boolean {
  if (value.code === undefined) return value.system === undefined || value.system === item.system;
  if (value.system !== undefined && value.system !== '') {
    return value.system === item.system && value.code === item.code;
  }
  return value.code === item.code || value.code === item.unit;
}

/** [FHIR R4 search.html#uri] `:below` is a prefix, `:above` the other way round. */
function uriMatches(modifier: Criterion['modifier'], value: UriValue, uri: string): boolean {
  if (modifier === 'below') return uri === value.value || uri.startsWith(slashed(value.value));
  if (modifier === 'above') return uri === value.value || value.value.startsWith(slashed(uri));
  return uri === value.value;
}

function slashed(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}
