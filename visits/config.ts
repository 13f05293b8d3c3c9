/** What an operator may set about visits; the server's documented schema fills it, these are the defaults. */

export interface VisitsConfig {
  /** How long before its start a patient may arrive, in minutes. A demo clinic lets everybody in at once. */
  arriveEarlyMinutes: number;
  /** How long after its end a booked visit may still be held, in minutes. */
  arriveLateMinutes: number;
  /** Visits ahead that a patient may hold by her own booking: nobody takes a clinician's whole diary. Staff may book more. */
  mostBookingsAhead: number;
  /** Origins whose pages may open the socket; the base URL's own is always allowed. */
  origins: string[];
  /** Clinicians and free times may be read without signing in. */
  browseWithoutSignIn: boolean;
  /** How long a finished recording of a visit is kept, in days; then its key and bytes are destroyed. */
  recordingDays: number;
}

export const visitsDefaults: VisitsConfig = {
  arriveEarlyMinutes: 60,
  arriveLateMinutes: 240,
  mostBookingsAhead: 10,
  origins: [],
  browseWithoutSignIn: true,
  recordingDays: 365,
};
