/** What can be searched in one resource, by kind of index. */

/** `code` of a coded value, or of an Identifier, ContactPoint, boolean...; `text` is display text. */
export interface IndexedToken {
  param: string;
  /** Undefined when the element has none. */
  system?: string;
  code?: string;
  text?: string;
  /** Identifier with a type: for `:of-type`. */
  kind?: { system?: string; code: string }[];
}

/** A reference to one of our resources has `type` and `id`; anything else (absolute, urn, canonical) has `url`. */
export interface IndexedReference {
  param: string;
  type?: string;
  id?: string;
  url?: string;
  /** Of a canonical: what stands after the bar. */
  version?: string;
  /** Reference.identifier: a logical reference. */
  identifier?: { system?: string; value: string };
}

/** ms since epoch, end exclusive; open ends are -Infinity and Infinity. */
export interface IndexedDate {
  param: string;
  start: number;
  end: number;
}

export interface IndexedString {
  param: string;
  value: string;
}

export interface IndexedNumber {
  param: string;
  low: number;
  high: number;
}

export interface IndexedQuantity {
  param: string;
  low: number;
  high: number;
  system?: string;
  code?: string;
  unit?: string;
}

export interface IndexedUri {
  param: string;
  value: string;
}

export interface Indexed {
  tokens: IndexedToken[];
  references: IndexedReference[];
  dates: IndexedDate[];
  strings: IndexedString[];
  numbers: IndexedNumber[];
  quantities: IndexedQuantity[];
  uris: IndexedUri[];
}
