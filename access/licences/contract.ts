/** What the web app and the licence routes say to each other: types only. */

export type LicenceState = 'submitted' | 'verified' | 'rejected' | 'suspended' | 'expired';

/** What a licence says. */
export interface LicenceWords {
  /** As the authority wrote it. */
  number: string;
  /** Who gave it. */
  authority: string;
  /** What it is for: `physician`, `nurse`... in the authority's words. */
  profession: string;
  /** ISO 3166-1 alpha-2 or 3166-2 codes, 1 to 60. */
  jurisdictions: string[];
  /** The last day on which it holds, `YYYY-MM-DD`. */
  lastDay: string;
}

/** `POST /api/licences`: 201 Licence. An administrator says whose; a clinician enters her own. */
export interface SubmitLicenceRequest extends LicenceWords {
  account?: string;
}

export interface Licence extends LicenceWords {
  id: string;
  account: string;
  /** Whose it is, for the office. */
  name?: string;
  state: LicenceState;
  /** ms since epoch, end exclusive. */
  expires: number;
  enteredAt: number;
  /** True when the caller entered it: another decides. */
  mine: boolean;
  decidedAt?: number;
  /** Why it was rejected or suspended. */
  reason?: string;
}

/** `GET /api/licences/mine`. */
export interface MyLicences {
  /** False: this clinic does not ask licences of this role. */
  required: boolean;
  /** True while at least one is verified and in force: she can be booked, join and sign. */
  inForce: boolean;
  licences: Licence[];
}

/** `GET /api/office/licences?view=waiting|ending|all`: administrators; at most 500, the most urgent first. */
export interface LicenceList {
  licences: Licence[];
}

/**
 * `POST /api/office/licences/:id/decide`: 200 Licence | 403 `step-up-required`, `forbidden` for one's own and for what one
 * entered | 409 when it is in another state.
 */
export interface DecideLicenceRequest {
  decision: 'verify' | 'reject' | 'suspend' | 'restore';
  /** Needed to reject and to suspend; the clinician reads it. */
  reason?: string;
}
