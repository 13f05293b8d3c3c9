/** What the room works with: concepts, the systems they come from, and rules that choose among them. */
import type { Coding } from '@afar/fhir';

export type PropertyType =
  | 'code'
  | 'Coding'
  | 'string'
  | 'integer'
  | 'boolean'
  | 'dateTime'
  | 'decimal';

export interface PropertyDefinition {
  readonly code: string;
  readonly type: PropertyType;
  readonly uri?: string;
  readonly description?: string;
}

/** Values stand as text, but for Codings; the definition of the property says what the text is. */
export type PropertyValue = string | Coding;

export interface Designation {
  readonly value: string;
  /** BCP 47. */
  readonly language?: string;
  readonly use?: Coding;
}

export interface Concept {
  readonly code: string;
  readonly display: string;
  readonly definition?: string;
  readonly inactive?: boolean;
  /** Not to be chosen by a user [FHIR R4 codesystem.html#status]. */
  readonly abstract?: boolean;
  readonly properties: Readonly<Record<string, readonly PropertyValue[]>>;
  readonly designations: readonly Designation[];
}

/** Chooses among the concepts of one system. Every value set becomes one rule for each system it draws on. */
export type Rule =
  | { readonly is: 'all' }
  | { readonly is: 'codes'; readonly codes: readonly string[] }
  /** Everything below a code; itself too when `self`. */
  | { readonly is: 'below'; readonly code: string; readonly self: boolean }
  | { readonly is: 'above'; readonly code: string }
  | { readonly is: 'child'; readonly of: string }
  | { readonly is: 'property'; readonly property: string; readonly values: readonly string[] }
  | { readonly is: 'has'; readonly property: string }
  | { readonly is: 'matches'; readonly property: string; readonly pattern: string }
  | { readonly is: 'and' | 'or'; readonly rules: readonly Rule[] }
  | { readonly is: 'not'; readonly rule: Rule };

export interface Wanted {
  readonly rule: Rule;
  /** Words of which each must begin a word of a name, or the code itself begins with the text. */
  readonly text?: string;
  readonly activeOnly?: boolean;
  /** Leaves out what is not to be chosen by a user. */
  readonly usableOnly?: boolean;
}

export interface Count {
  readonly count: number;
  /** False: there are more. */
  readonly exact: boolean;
}

/** One version of one code system, wherever its concepts are. */
export interface CodeSource {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  readonly title?: string;
  /** BCP 47, of the displays. */
  readonly language?: string;
  readonly content: 'complete' | 'fragment' | 'example' | 'not-present' | 'supplement';
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
  readonly hierarchical: boolean;
  /** The concepts of those codes that it has, under the codes as they were asked. */
  find(codes: readonly string[]): Promise<Map<string, Concept>>;
  /** Which of the codes the rule chooses. */
  among(codes: readonly string[], rule: Rule): Promise<Set<string>>;
  /** In a stable order. */
  page(wanted: Wanted, offset: number, count: number): Promise<Concept[]>;
  /** Counts no further than `most`, unless it knows. */
  count(wanted: Wanted, most: number): Promise<Count>;
  /** Codes one step up and down; undefined: no such code. */
  around(code: string): Promise<{ parents: Concept[]; children: Concept[] } | undefined>;
}

export const keyOf = ({ url, version }: { url: string; version?: string }): string =>
  version === undefined ? url : `${url}|${version}`;
