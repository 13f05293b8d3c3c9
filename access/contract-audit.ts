/** What the auditor's screens and the patient's list of readers say to the server: types only, no code. */

/** `POST /api/auditor/search`: newest first; every field narrows. No clinical content in any answer. */
export interface AuditSearchRequest {
  /** ms since epoch, inclusive / exclusive. */
  from?: number;
  to?: number;
  /** Account or client id. */
  who?: string;
  /** Random id of a patient whose data was disclosed or changed. */
  patient?: string;
  action?: string;
  type?: string;
  /** HL7 v3 PurposeOfUse, such as ETREAT. */
  purpose?: string;
  /** Create, read, update, delete, execute. */
  verb?: 'C' | 'R' | 'U' | 'D' | 'E';
  role?: string;
  /** 0 success, 4 refused, 8 failed. */
  outcome?: 0 | 4 | 8;
  cursor?: string;
  /** 1 to 200, default 50. */
  limit?: number;
}
export interface AuditRow {
  id: string;
  at: number;
  requestId: string;
  /** For staff and clients a display name; for a patient only the account id. */
  who: { id: string; role: string; name?: string };
  ip: string;
  device?: string;
  /** Create, read, update, delete, execute. */
  verb: 'C' | 'R' | 'U' | 'D' | 'E';
  action: string;
  type?: string;
  rid?: string;
  /** Random ids of the patients whose data was disclosed or changed. */
  patients: string[];
  purpose: string;
  outcome: 0 | 4 | 8;
  /** Names of search parameters, never values. */
  params: string[];
}
export interface AuditPage {
  rows: AuditRow[];
  next?: string;
}

/** `POST /api/auditor/summary` {from, to}: counts over at most 31 days. */
export interface AuditSummary {
  from: number;
  to: number;
  total: number;
  refused: number;
  failed: number;
  /** Under the purpose ETREAT: by break-glass. */
  emergency: number;
  hours: { hour: number; count: number; refused: number }[];
  actions: { action: string; count: number }[];
  outcomes: { outcome: 0 | 4 | 8; count: number }[];
  who: {
    id: string;
    role: string;
    name?: string;
    count: number;
    patients: number;
    refused: number;
  }[];
}

/** `GET /api/auditor/standing`: is the trail whole, as far as anybody has looked? */
export interface AuditStanding {
  /** The newest signed head outside the database. */
  checkpoint?: { at: number };
  /** The latest `audit verify`. */
  verified?: {
    at: number;
    ended: number;
    span: 'whole' | 'since';
    events: number;
    links: number;
    faults: number;
  };
}

export type AnomalyRule =
  | 'many-patients'
  | 'break-glass-burst'
  | 'break-glass-unreviewed'
  | 'refusals'
  | 'places'
  | 'night'
  | 'exports'
  | 'wrong-access'
  | 'seal-broken';

/** `GET /api/auditor/anomalies?before=`: newest first, 50 at a time. */
export interface AnomalyRowTold {
  id: string;
  rule: AnomalyRule;
  who: { id: string; role: string; name?: string };
  at: number;
  count: number;
  threshold: number;
  windowMs: number;
  /** Held up until then; absent: not held up. */
  throttledUntil?: number;
  acknowledged?: { at: number; by: string };
  lifted?: { at: number; by: string };
}
export interface AnomalyPage {
  rows: AnomalyRowTold[];
  next?: string;
}
/** `POST /api/auditor/anomalies/:id/acknowledge` and `/lift` (a fresh proof): 204. */

/** `GET /api/auditor/rules`; `PUT /api/auditor/rules/:rule` (a fresh proof): 200 AnomalyRules. */
export interface AnomalyRuleSetting {
  enabled: boolean;
  threshold: number;
  windowMs: number;
  /** 0: nobody is held up. */
  throttleMs: number;
}
export type AnomalyRules = Record<AnomalyRule, AnomalyRuleSetting>;

/** `POST /api/auditor/evidence` (a fresh proof): application/x-ndjson, a signed file. */
export interface EvidenceRequest {
  from: number;
  to: number;
  who?: string;
  patient?: string;
}

/** `GET /api/readers?patient=&before=`: who was in a record, by day and person, newest first. */
export interface ReaderEntry {
  /** Days since epoch, UTC. */
  day: number;
  reader: {
    id: string;
    kind: 'you' | 'staff' | 'proxy' | 'app' | 'guest';
    role: string;
    name?: string;
  };
  /** ms since epoch. */
  first: number;
  last: number;
  /** By break-glass. */
  emergency: boolean;
  /** HL7 v3 PurposeOfUse. */
  purposes: string[];
  /** What was done with which kind of thing, most first. */
  what: { verb: 'C' | 'R' | 'U' | 'D' | 'E'; action: string; type?: string; count: number }[];
}
export interface ReaderPage {
  entries: ReaderEntry[];
  /** Pass as `before`; absent at the end. */
  next?: number;
}
/** `POST /api/readers/report`: "this looks wrong"; 204. */
export interface ReaderReport {
  patient: string;
  day: number;
  reader: string;
}
