/** The vocabulary of a search: what a clause is compiled to, and what drives a statement. */
import type { Caller } from '@afar/access';
import type { Clause, Indexed, SearchParams } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Params } from '../scoped.ts';
import type { SearchLimits, Stored } from '../types.ts';

/** How a parameter is answered; docs/search-parameters.md shows it for each. */
export type PlanKind = 'id' | 'exact' | 'directory' | 'edge' | 'date' | 'verify';

/** A decrypted row and what one of its parameters says, extracted when first asked for. */
export interface Doc {
  stored: Stored;
  indexed(param: string): Indexed;
}

/** One AND-ed clause, compiled. */
export interface Part {
  plan: PlanKind;
  /** The parameter, for messages. */
  param: string;
  /** SQL over alias `r` that every match satisfies; absent when only the body can tell. */
  where?: (params: Params) => string;
  /** Every match carries one of these tokens. Empty: nothing can match. */
  tokens?: bigint[];
  /** Tokens name one thing (an identifier), not a kind: the best driver there is. */
  unique?: boolean;
  /** Every match's clinical date begins before this: bounds the range read of an index in order of date. */
  before?: number;
  /** The owners' keys would give it tokens, but they are too many or not asked for yet. */
  wantsKeys?: boolean;
  /** Every match points at one of these by one of these parameters. */
  edge?: { targets: string[]; params: string[] };
  /** Every match is one of these. */
  rids?: string[];
  /** Every match is in the chart of one of these patients. */
  owners?: string[];
  /** Looks up what `verify` has to know beside the bodies, of many rows at once. */
  prepare?: (docs: readonly Doc[]) => Promise<void>;
  /** The last word, on the decrypted body. */
  verify: (doc: Doc) => boolean;
}

/** The state of one search. */
export interface Run {
  caller: Caller;
  sql: Queryable;
  /** True inside a write transaction: its own rows count, and memory shared with others must not learn of them. */
  open: boolean;
  /** What could not be honoured, for an OperationOutcome entry [FHIR R4 search.html#errors]. */
  warnings: string[];
  strict: boolean;
  /** The search parameters of a type. */
  params: SearchParams;
  /** Own parameters of the clinic that no index answers (yet). */
  onBody(type: string, code: string): boolean;
  /** Rows looked at so far, those of every hop among them. */
  cost: { rows: number };
  limits: SearchLimits;
  /** What hops were found to be, by their clause and the type it is asked of: each is searched once in a request. */
  hops: Map<Clause, Map<string, Part>>;
  /** True in a hop: it has to be answered whole, where the search itself may give a short page. */
  hop: boolean;
}
