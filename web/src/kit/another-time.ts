/** Which refusals of a booking mean that another time may be had. */
import { asApiError } from './api.ts';

/** Somebody else was faster. */
export const isTaken = (error: unknown): boolean => asApiError(error).reason === 'slot-taken';

/** The time that was asked for cannot be had: another one may be. */
export const needsAnotherTime = (error: unknown): boolean =>
  isTaken(error) || asApiError(error).reason === 'patient-elsewhere';
