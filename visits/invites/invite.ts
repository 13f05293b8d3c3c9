/** Invitations into a visit: rows, their secrets, what is sealed of them. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Queryable } from '@afar/platform';
import type { GuestKind, GuestState } from '../messages.ts';

export const guestKinds: readonly GuestKind[] = [
  'interpreter',
  'relative',
  'colleague',
  'observer',
  'supervisor',
];

/** Guests who may sign in with an account of this house, and are then there as themselves. */
export const staffKinds: readonly GuestKind[] = ['colleague', 'observer', 'supervisor'];

/** Links of one visit that still lead somewhere: six seats, and some that were lost on the way. */
export const mostInvites = 12;

export interface Invite {
  tenant: number;
  id: string;
  visit: string;
  patient: string;
  kind: GuestKind;
  state: GuestState;
  /** Sealed under the patient's key, see nameContext. */
  name: Buffer;
  made_by: string;
  by_patient: boolean;
  made: number;
  expires: number;
  opened: number | null;
  account: string | null;
  agreed: number | null;
  admitted_by: string | null;
  admitted: number | null;
}

export const nameContext = (id: string): string => `visits.invite ${id}`;

export const inviteColumns = `tenant, id, visit, patient, kind, state, name, made_by, by_patient, made, expires, opened, account, agreed,
  admitted_by, admitted`;

/** 256 random bits need no slow hash. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
export const newSecret = (): string => randomBytes(32).toString('base64url');
export const newId = (): string => randomUUID();

/** States in which a link still leads somewhere. */
const live = `('invited', 'waiting', 'asking', 'admitted')`;

export const isLive = ({ state, expires, opened }: Invite, now: number): boolean =>
  ['invited', 'waiting', 'asking', 'admitted'].includes(state) &&
  // Only an unopened link grows old: who came in stays until the visit ends.
  (opened !== null || expires > now);

export async function addInvite(
  sql: Queryable,
  invite: Pick<
    Invite,
    | 'tenant'
    | 'id'
    | 'visit'
    | 'patient'
    | 'kind'
    | 'name'
    | 'made_by'
    | 'by_patient'
    | 'made'
    | 'expires'
  > & { hash: Buffer; agreed: number | null },
): Promise<void> {
  const {
    tenant,
    id,
    visit,
    patient,
    kind,
    hash,
    name,
    made_by,
    by_patient,
    made,
    expires,
    agreed,
  } = invite;
  await sql.query({
    name: 'visits.add-invite',
    text: `insert into visits.invite
        (tenant, id, visit, patient, kind, state, hash, name, made_by, by_patient, made, expires, agreed)
      values ($1, $2, $3, $4, $5, 'invited', $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      tenant,
      id,
      visit,
      patient,
      kind,
      hash,
      name,
      made_by,
      by_patient,
      made,
      expires,
      agreed,
    ],
  });
}

export async function invitesOf(sql: Queryable, tenant: number, visit: string): Promise<Invite[]> {
  const { rows } = await sql.query<Invite>({
    name: 'visits.invites',
    text: `select ${inviteColumns} from visits.invite where tenant = $1 and visit = $2 order by made, id`,
    values: [tenant, visit],
  });
  return rows;
}

export async function findInvite(
  sql: Queryable,
  tenant: number,
  id: string,
): Promise<Invite | undefined> {
  const { rows } = await sql.query<Invite>({
    name: 'visits.find-invite',
    text: `select ${inviteColumns} from visits.invite where tenant = $1 and id = $2`,
    values: [tenant, id],
  });
  return rows[0];
}

/** Of this visit, held until the transaction ends. */
export async function lockInvite(
  sql: Queryable,
  at: { tenant: number; visit: string; id: string },
): Promise<Invite | undefined> {
  const { rows } = await sql.query<Invite>({
    name: 'visits.lock-invite',
    text: `select ${inviteColumns} from visits.invite where tenant = $1 and visit = $2 and id = $3 for update`,
    values: [at.tenant, at.visit, at.id],
  });
  return rows[0];
}

/** The first browser that shows the secret has it; later ones find nothing. */
export async function openInvite(
  sql: Queryable,
  tenant: number,
  secret: string,
  now: number,
): Promise<Invite | undefined> {
  const { rows } = await sql.query<Invite>({
    name: 'visits.open-invite',
    text: `update visits.invite set state = 'waiting', opened = $3
      where hash = $2 and tenant = $1 and state = 'invited' and expires > $3 returning ${inviteColumns}`,
    values: [tenant, hashOf(secret), now],
  });
  return rows[0];
}

/** Columns a use case may change; names are ours, never a caller's. */
type InviteChange = Partial<
  Pick<Invite, 'state' | 'account' | 'agreed' | 'admitted_by' | 'admitted' | 'name'>
> & { ended?: number };

export async function changeInvite(
  sql: Queryable,
  { tenant, id }: Pick<Invite, 'tenant' | 'id'>,
  change: InviteChange,
): Promise<void> {
  const names = Object.keys(change) as (keyof InviteChange)[];
  const sets = names.map((name, at) => `${name} = $${at + 3}`).join(', ');
  await sql.query({
    text: `update visits.invite set ${sets} where tenant = $1 and id = $2`,
    values: [tenant, id, ...names.map((name) => change[name])],
  });
}

/** Live links of a visit, counted with the visit's row locked. */
export async function countLive(
  sql: Queryable,
  { tenant, visit }: { tenant: number; visit: string },
  now: number,
): Promise<number> {
  const { rows } = await sql.query<{ n: number }>({
    name: 'visits.count-invites',
    text: `select count(*)::int as n from visits.invite
      where tenant = $1 and visit = $2 and state in ${live} and (opened is not null or expires > $3)`,
    values: [tenant, visit, now],
  });
  return rows[0]!.n;
}
