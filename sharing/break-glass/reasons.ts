/** Reasons a chart may be opened for in an emergency, and how much is to be said of them. */
import type { EmergencyReason } from './contract.ts';

export const emergencyReasons: readonly EmergencyReason[] = [
  'unconscious',
  'accident',
  'acute',
  'disaster',
  'other',
];

/** Characters of a person's own words: fewer say nothing. */
export const reasonLength = { least: 10, most: 1_000 };
