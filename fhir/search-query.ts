/** The shape of a parsed FHIR search [FHIR R4 search.html]. */

export type SearchType =
  | 'token'
  | 'string'
  | 'reference'
  | 'date'
  | 'number'
  | 'quantity'
  | 'uri'
  | 'composite'
  | 'special';

/** [FHIR R4 search.html#prefix] */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** [FHIR R4 search.html#modifiers]; `identifier` and a type (`subject:Patient`) for references. */
export type Modifier =
  | 'missing'
  | 'exact'
  | 'contains'
  | 'text'
  | 'not'
  | 'above'
  | 'below'
  | 'in'
  | 'not-in'
  | 'of-type'
  | 'identifier'
  | 'type'
  // Of `_filter` only: no parameter takes them [FHIR R4 search_filter.html].
  | 'equals'
  | 'ends-with'
  | 'overlaps';

/** A token: `code` (any system), `|code` (no system: `system` is ''), `system|code`, `system|` (any code). */
export interface TokenValue {
  kind: 'token';
  system?: string;
  code?: string;
  /** `:of-type` only: the value after the second bar. */
  value?: string;
}
export interface StringValue {
  kind: 'string';
  value: string;
}
/** A reference: type and id when relative or under the base address; else `url` as given. Version suffix dropped. */
export interface ReferenceValue {
  kind: 'reference';
  type?: string;
  id?: string;
  url?: string;
  /** Of a canonical: after the bar. Any version matches where none is asked for. */
  version?: string;
  /** `:identifier` only. */
  system?: string;
  code?: string;
}
/** A date with its precision as an interval: ms since epoch, end exclusive, zone-less is UTC. */
export interface DateValue {
  kind: 'date';
  prefix: Prefix;
  start: number;
  end: number;
  text: string;
}
/** A number with its precision as an interval: `61` is [60.5, 61.5). [FHIR R4 search.html#number] */
export interface NumberValue {
  kind: 'number';
  prefix: Prefix;
  value: number;
  low: number;
  high: number;
}
export interface QuantityValue {
  kind: 'quantity';
  prefix: Prefix;
  value: number;
  low: number;
  high: number;
  system?: string;
  code?: string;
}
export interface UriValue {
  kind: 'uri';
  value: string;
}
/** `near`: within so many km of a point, degrees of WGS 84 [FHIR R4 location.html#positional]. */
export interface NearValue {
  kind: 'near';
  latitude: number;
  longitude: number;
  km: number;
}
/** `_text` and `_content`: all of these words [FHIR R4 search.html#content]. */
export interface WordsValue {
  kind: 'words';
  words: string[];
}
/** `_list`: what the List of this id names [FHIR R4 search.html#list]. */
export interface ListValue {
  kind: 'list';
  id: string;
}
/** One value for each component of the composite, in its order. */
export interface CompositeValue {
  kind: 'composite';
  parts: SearchValue[];
}
export type SearchValue =
  | TokenValue
  | StringValue
  | ReferenceValue
  | DateValue
  | NumberValue
  | QuantityValue
  | UriValue
  | NearValue
  | WordsValue
  | ListValue
  | CompositeValue;

/** One criterion: its values are OR-ed, criteria are AND-ed. */
export interface Criterion {
  kind: 'value';
  param: string;
  type: SearchType;
  modifier?: Modifier;
  /** `:missing` only. */
  missing?: boolean;
  /** The values, OR-ed; empty with `:missing`. */
  values: SearchValue[];
}

/** `subject:Patient.name=peter`: resources whose `param` leads to a `target` that `match` fits. */
export interface Chain {
  kind: 'chain';
  param: string;
  /** The types the reference may lead to. */
  targets: string[];
  match: Clause;
}

/** `_has:Observation:patient:code=1234`: resources that a `type` points at by `param`, where `match` fits it. */
export interface Has {
  kind: 'has';
  type: string;
  param: string;
  match: Clause;
}

/** `_filter`: one, all or none of the clauses within [FHIR R4 search_filter.html]. */
export interface Logic {
  kind: 'any' | 'all' | 'none';
  of: Clause[];
}

export type Clause = Criterion | Chain | Has | Logic;

export interface Include {
  /** The type that holds the reference. */
  /** `*` for any type: of `:iterate`, and of `_revinclude=*`. */
  source: string;
  /** `*` for every reference parameter. */
  param: string;
  target?: string;
  iterate: boolean;
}

export interface SortKey {
  param: string;
  type: SearchType;
  descending: boolean;
}

export interface SearchQuery {
  type: string;
  /** AND-ed. */
  clauses: Clause[];
  include: Include[];
  revinclude: Include[];
  sort: SortKey[];
  /** Page size; 0 asks for the total alone. */
  count: number;
  total?: 'none' | 'estimate' | 'accurate';
  elements?: string[];
  summary?: 'true' | 'text' | 'data' | 'count' | 'false';
  /** Parameters that this type does not have, as written: ignore or refuse by `Prefer: handling`. */
  unknown: string[];
  /** The opaque cursor of a page address, if any. */
  cursor?: string;
}
