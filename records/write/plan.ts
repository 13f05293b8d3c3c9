/** What one write comes down to: rows for every table, ready for one statement. */
import type { AuditEntry, GrantRow, MemberRow } from '@afar/access';
import type { DenyRow } from './denials.ts';
import type { DataKey } from '@afar/platform';
import type { Row } from '../vault.ts';
import type { Facts } from './facts.ts';

/** The next version of one resource. */
export interface PlannedRow extends Row {
  facts: Facts;
  /** Patients it names besides its owner. */
  others: string[];
  /** Sealed directory entry; null empties the row of a deleted resource; undefined: the type has none. */
  directory?: Buffer | null;
  /** Tokens of the version before, with their date: what is not there any more goes. */
  before?: { at: number; tokens: string[] };
  /** undefined: leave the grants of this source as they are. */
  grants?: GrantRow[];
  /** undefined: leave the denials of this source as they are. */
  denials?: DenyRow[];
  /** Whom it makes members of what; `stay`: nobody new. undefined: the type makes none. */
  members?: { rows: MemberRow[]; stay: boolean };
  /** The name its grants go by: `Appointment/<rid>`. */
  source: string;
}

export interface Held {
  patient: string;
  /** What is written to: a denial of it shuts out as one of the chart does. */
  type: string;
  principals: string[];
  /** See `purposesWriting`. */
  purposes: string[];
  /** The instant grants are judged at, ms since epoch. */
  at: number;
}

export interface Plan {
  tenant: number;
  rows: PlannedRow[];
  /** Keys of patients who own something for the first time. */
  newKeys: { owner: string; key: DataKey }[];
  /** Live grants that must be there, without a denial beside them, for the statement to hold. */
  mustHold: Held[];
  /** Patients whose chart somebody may have lost sight of by this. */
  reach: string[];
  /** One event for each row. */
  audit: AuditEntry[];
  idempotency?: {
    caller: string;
    key: string;
    requestHash: Buffer;
    response: Buffer;
    at: number;
  };
}
