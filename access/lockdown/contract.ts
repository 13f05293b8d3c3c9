/** What the web app and the lockdown routes say to each other: types only. */

/** `read-only`: nothing is written. `closed`: nothing is answered but this, the health probes and the sign-in of administrators. */
export type LockdownMode = 'read-only' | 'closed';

/** `GET /state/lockdown`: everybody; mode, since and scope. `GET /api/lockdown`: the rest, for whoever it is for. */
export interface LockdownState {
  /** Absent: none. */
  mode?: LockdownMode;
  /** ms since epoch. */
  since?: number;
  /** The whole installation, or this clinic alone. */
  scope?: 'everywhere' | 'clinic';
  /** What was given as the reason; for administrators and auditors. */
  reason?: string;
  /** A lifting that waits for its second person; for administrators. */
  lifting?: { approval: string; asker: string; mine: boolean; until: number };
}

/** `POST /api/lockdown`: 200 LockdownEngaged; an administrator, all factors shown within ten minutes. */
export interface EngageRequest {
  mode: LockdownMode;
  /** 1 to 500 characters. */
  reason: string;
}
export interface LockdownEngaged extends LockdownState {
  /** False: a write that had begun before may still be under way (a long import). */
  settled: boolean;
}

/**
 * `POST /api/lockdown/lift`: the first asks (202), a second one lifts (200). 403 to the one who asked.
 */
export interface LiftAnswer {
  lifted: boolean;
}
