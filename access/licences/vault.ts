/** A licence as it lies in the table: what decisions read is bound to what is sealed. */
import { aad, open, seal, type DataKey } from '@afar/platform';

export type KeptState = 'submitted' | 'verified' | 'rejected' | 'suspended';

export interface Sealed {
  number: string;
  authority: string;
  profession: string;
  reason?: string;
}

export interface LicenceRow {
  tenant: number;
  id: string;
  account: string;
  practitioner: string;
  version: number;
  state: KeptState;
  jurisdictions: string[];
  expires: number;
  entered_by: string;
  entered_at: number;
  decided_by: string | null;
  decided_at: number | null;
  sealed: Buffer;
}

export const licenceColumns =
  'l.tenant, l.id, l.account, l.practitioner, l.version, l.state, l.jurisdictions, l.expires, l.entered_by, l.entered_at, l.decided_by, l.decided_at, l.sealed';

/** A row whose state, reach, end or people were edited by hand no longer opens. */
export const bindLicence = (row: Omit<LicenceRow, 'sealed'>): Buffer =>
  aad(
    'access.licence',
    row.tenant,
    row.id,
    row.account,
    row.practitioner,
    row.version,
    row.state,
    row.jurisdictions.join(' '),
    row.expires,
    row.entered_by,
    row.entered_at,
    row.decided_by,
    row.decided_at,
  );

export const sealLicence = (row: Omit<LicenceRow, 'sealed'>, words: Sealed, key: DataKey): Buffer =>
  seal(JSON.stringify(words), key, bindLicence(row));

/** @throws SealBroken when a column was edited outside the program */
export const openLicence = (row: LicenceRow, key: DataKey): Sealed =>
  JSON.parse(open(row.sealed, key, bindLicence(row)).toString('utf8')) as Sealed;
