/** One audit event as the rooms hand it over, and the request's evidence it is made from. */
import type { Queryable, Sql } from '@afar/platform';

export interface AuditEntry {
  tenant: number;
  /** ms since epoch. */
  at: number;
  requestId: string;
  /** Account or client uuid; `nobody` when there was no caller. */
  who: string;
  role: string;
  ip: string;
  device?: string;
  /** Create, read, update, delete, execute [FHIR R4 audit-event-action]. */
  verb: 'C' | 'R' | 'U' | 'D' | 'E';
  /** `read`, `search-type`, `sign-in`, `book` … */
  action: string;
  type?: string;
  rid?: string;
  /** Every patient whose data was disclosed or changed. */
  patients?: string[];
  purpose: string;
  /** 0 success, 4 refused, 8 failed [FHIR R4 audit-event-outcome]. */
  outcome: 0 | 4 | 8;
  /** Names of search parameters, never values. */
  params?: string[];
  /** sha256 of a write's sealed body, so that a row rolled back later is found. */
  bodyHash?: Buffer;
}

export interface Audit {
  /** Durable when the promise resolves (group commit); Unavailable (503) when it cannot be. */
  append(entry: AuditEntry): Promise<void>;
  /** In the caller's transaction; chained within a second of its commit. */
  within(tx: Queryable, entry: AuditEntry): Promise<void>;
  /**
   * The same insert as SQL, for a statement of one's own: `with audited as (${text}) …`.
   * Its placeholders start at `$${first}`.
   */
  insertSql(entry: AuditEntry, first?: number): Promise<Required<Pick<Sql, 'text' | 'values'>>>;
  /**
   * The same for several events, of one request or of many that are committed together. The text depends on
   * `first` alone, whatever the number of entries.
   */
  insertManySql(
    entries: readonly AuditEntry[],
    first?: number,
  ): Promise<Required<Pick<Sql, 'text' | 'values'>>>;
}

/** What a request leaves behind; routes fill it, one hook turns it into one event. */
export interface Evidence {
  /** Absent: derived from method and route. */
  action?: string;
  verb?: AuditEntry['verb'];
  type?: string;
  rid?: string;
  patients: string[];
  params: string[];
  /** Who, where the request itself establishes it (sign-in, token). */
  who?: string;
  role?: string;
  /** True once the event was written in the write's own transaction. */
  recorded: boolean;
}
