/** What the web app and the routes on who may see a record say to each other: types only. */

/** Why somebody may see it. */
export type ReachReason =
  | 'visit'
  | 'team'
  | 'registration'
  | 'family'
  | 'consent'
  | 'emergency'
  | 'link'
  | 'other';

export interface ReachRow {
  /** Reference of the person, team or organisation; absent for guests. */
  reference?: string;
  /** Empty when the name is not known any more. */
  name: string;
  reason: ReachReason;
  /** The Consent that says so, when one does. */
  consent?: string;
  /** Types of resources; absent: the whole record. */
  types?: string[];
  /** So many single documents or results. */
  single?: number;
  /** HL7 v3 PurposeOfUse. */
  purpose: string;
  /** ISO instants; `starts` only when it is still to come, `ends` absent when there is no end. */
  starts?: string;
  ends?: string;
}

/** GET /api/reach/:patient */
export interface Reach {
  rows: ReachRow[];
}
