/** What two people decide together: the kinds of it, and how one stands. */
import type { Queryable } from '@afar/platform';
import type { Caller } from '../caller.ts';

export type ApprovalState = 'open' | 'approved' | 'refused' | 'withdrawn';

/** Ids, instants, counts and names of staff: what somebody who decides must know. No clinical content. */
export type About = Record<string, string | number>;

export interface Asked<Body> {
  id: string;
  tenant: number;
  /** The account that asked. */
  asker: string;
  /** Who decides now. */
  decider: Caller;
  body: Body;
}

/** What carrying it out gives back to the one who decided, and what is still to do once it is committed. */
export interface Ran {
  result?: object;
  /** What was made or changed, for the trail: an account, a client. */
  rid?: string;
  after?: () => Promise<void>;
}

/** One kind of thing that needs two people. */
export interface ApprovalKind<Body> {
  /** Reads what was asked; again when it is carried out. @throws Refusal `invalid` */
  read(body: unknown): Body;
  about(body: Body): About;
  /** The account that gains by it, if one does: it can neither ask nor decide. */
  beneficiary?(body: Body): string | undefined;
  /**
   * Carries it out, once, in the transaction of the decision. It may run again after a conflict between transactions, so
   * it has no effect outside `on`. @throws Refusal when it no longer can be: then nothing is decided
   */
  run(asked: Asked<Body>, on: Queryable): Promise<Ran>;
}

/** What only the program itself has asked is read back as it was written: it was sealed. */
export const asWritten = <Body>(body: unknown): Body => body as Body;

export interface Approval {
  id: string;
  kind: string;
  state: ApprovalState;
  asker: string;
  beneficiary?: string;
  /** ms since epoch. */
  asked: number;
  /** ms since epoch, end exclusive: an open one is void from then on. */
  expires: number;
  decided?: number;
  decider?: string;
  about: About;
}
