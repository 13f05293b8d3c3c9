/** Rows of records.deny for a Consent: what access compiled, with labels as tokens under the patient's key. */
import type { Denial } from '@afar/access';
import type { DataKey } from '@afar/platform';
import { everybody } from '../denials.ts';
import { labelToken } from '../tokens.ts';

/** A row as it is written; source and place come from the row of the Consent. */
export interface DenyRow {
  principal: string;
  patient: string;
  label: string;
  type: string;
  rid: string | null;
  purpose: string;
  starts: number;
  ends: number;
  rule: number;
  spares: boolean;
  firm: boolean;
}

/** Rows a Consent may come to; places of one version lie between this and the next version's. */
const mostRows = 10_000;

/** The place of the first denial of a version. */
export const firstDenial = (version: number): number => version * mostRows;

/** @param key the owner's */
export function denialsFor(denials: readonly Denial[], key: DataKey): DenyRow[] {
  return denials.map(({ principal, label, type, rid, purpose, ...rest }) => ({
    ...rest,
    principal: principal ?? everybody,
    label: label ? String(labelToken(key.first, label.system, label.code)) : '0',
    type: type ?? '',
    rid: rid ?? null,
    purpose: purpose ?? '',
  }));
}
