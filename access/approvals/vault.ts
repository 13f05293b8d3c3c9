/** A question to a second person as it is kept: what is asked, sealed and bound to who asked and how it stands. */
import { aad, open, seal, type DataKey } from '@afar/platform';
import type { Role } from '../caller.ts';
import type { About, Approval, ApprovalState } from './kind.ts';

export interface ApprovalRow {
  id: string;
  kind: string;
  state: ApprovalState;
  asker: string;
  asker_role: Role;
  beneficiary: string | null;
  asked: number;
  expires: number;
  decided: number | null;
  decider: string | null;
  sealed: Buffer;
}

export interface Sealed {
  body: unknown;
  about: About;
}

export const approvalColumns =
  'p.id, p.kind, p.state, p.asker, p.asker_role, p.beneficiary, p.asked, p.expires, p.decided, p.decider, p.sealed';

/** Another asker, beneficiary, end or state written by hand, and it no longer opens. */
export const bindApproval = (tenant: number, row: Omit<ApprovalRow, 'sealed'>): Buffer =>
  aad(
    'access.approval',
    tenant,
    row.id,
    row.kind,
    row.state,
    row.asker,
    row.asker_role,
    row.beneficiary,
    row.asked,
    row.expires,
    row.decided,
    row.decider,
  );

export const sealApproval = (
  tenant: number,
  row: Omit<ApprovalRow, 'sealed'>,
  what: Sealed,
  key: DataKey,
): Buffer => seal(JSON.stringify(what), key, bindApproval(tenant, row));

/** @throws SealBroken when a column was edited outside the program */
export const openApproval = (tenant: number, row: ApprovalRow, key: DataKey): Sealed =>
  JSON.parse(open(row.sealed, key, bindApproval(tenant, row)).toString('utf8')) as Sealed;

export function approvalOf(row: ApprovalRow, about: About): Approval {
  const { id, kind, state, asker, asked, expires } = row;
  return {
    id,
    kind,
    state,
    asker,
    ...(row.beneficiary !== null && { beneficiary: row.beneficiary }),
    asked,
    expires,
    ...(row.decided !== null && { decided: row.decided }),
    ...(row.decider !== null && { decider: row.decider }),
    about,
  };
}
