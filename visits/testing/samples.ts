/** Answers and notes that more than one test hands in. */
import { randomUUID } from 'node:crypto';

export const idempotencyKey = (): Record<string, string> => ({ 'idempotency-key': randomUUID() });

/** Answers of the default intake without a red flag. */
export const well = {
  'chest-pain': false,
  breathless: false,
  stroke: false,
  bleeding: false,
  'self-harm': false,
  'chief-complaint': 'Dry cough at night',
  since: 'weeks',
  severity: 4,
  fever: false,
};

export const soap = {
  subjective: 'Cough <3 weeks>, "dry" & worse at night\nNo fever',
  objective: 'Looks well',
  assessment: 'Post-viral cough',
  plan: 'Honey; review in two weeks',
};
