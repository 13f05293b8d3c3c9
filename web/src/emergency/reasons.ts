/** Reasons to open a record in an emergency, in the order they are offered, and how much is to be said of them. */
import type { EmergencyReason } from '@afar/sharing/contract';

export const emergencyReasons: readonly EmergencyReason[] = [
  'unconscious',
  'accident',
  'acute',
  'disaster',
  'other',
];

/** Characters of a person's own words; the server asks for as many. */
export const reasonLength = { least: 10, most: 1_000 };
