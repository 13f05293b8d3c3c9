/** What the web app and the dispensing routes say to each other: types only. */

/** Why nothing more is handed out on a prescription. */
export type DispenseBar = 'not-active' | 'not-begun' | 'expired' | 'used-up';

/** `GET /api/prescriptions/:id`, by a pharmacist to whom it was presented. Counts are of every pharmacy. */
export interface DispenseState {
  prescription: string;
  /** How often it may be handed out: once, and each repeat. */
  allowed: number;
  done: number;
  /** ms since epoch, end exclusive. */
  until?: number;
  /** What the prescriber asked for, each time. */
  quantity?: { value: number; unit?: string };
  bar?: DispenseBar;
  /** Hers, newest first. */
  own: { id: string; at: string; quantity?: { value: number; unit?: string } }[];
}

/** `POST /api/prescriptions/:id/dispense`, header `Idempotency-Key`: 201 Dispensed | 409 not any more | 422 too much. */
export interface DispenseRequest {
  /** Default: what the prescriber asked for. */
  quantity?: { value: number; unit?: string };
  /** At most 500 characters, for whoever reads the record. */
  note?: string;
}
export interface Dispensed {
  /** Of the MedicationDispense. */
  id: string;
  state: DispenseState;
}
