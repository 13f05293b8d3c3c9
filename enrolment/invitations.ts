/** Invitations: staff give a known patient a link and a code; with both she opens the account of the chart that is there. */
import {
  createHash,
  createHmac,
  randomBytes,
  randomInt,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto';
import { systemCaller, wordsOf, type Caller } from '@afar/access';
import { Refusal, type Patient } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { InvitationKey, Invited, InviteRequest } from './contract.ts';
import type { House } from './house.ts';
import { lineOf } from './names.ts';

const day = 86_400_000;
/** Told in the mail as well. */
const lifeMs = 7 * day;
/** The link alone is no key: five guesses at its code, and staff give another. */
const mostTries = 5;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

async function codeOf(
  house: House,
  tenant: number,
  token: string,
  code: string,
): Promise<Buffer[]> {
  const { indexes } = await house.keys.tenant(tenant);
  return indexes.map((index) =>
    createHmac('sha256', index).update(`enrolment.invitation ${tenant} ${token} ${code}`).digest(),
  );
}

const refused = (): Refusal =>
  new Refusal('invalid', {
    diagnostics: 'this invitation is not valid',
    expression: ['invitation'],
  });

/**
 * A link and a code for a chart that the caller may open; earlier ones for it end.
 * @throws Refusal `not-found`, `conflict` when the chart has an account
 */
export async function invite(house: House, caller: Caller, asked: InviteRequest): Promise<Invited> {
  const { access, clock, db, records, baseUrl, baseUrlOf = () => baseUrl } = house;
  const { tenant } = caller;
  const { patient, email, locale = caller.locale } = asked;
  // An administrator sees no chart: the house looks whether there is one, and tells her nothing of it.
  const reader = caller.role === 'administrator' ? systemCaller(tenant, clock, 'invite') : caller;
  const { rid } = await records.read<Patient>(reader, 'Patient', patient);
  if (await access.accounts.byFhirUser(tenant, { type: 'Patient', id: rid }))
    throw new Refusal('conflict', { diagnostics: 'this chart has an account' });
  const token = randomBytes(32).toString('base64url');
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const now = clock.now();
  const [hmac] = await codeOf(house, tenant, token, code);
  // In the fragment: no server, no log and no proxy on the way sees it.
  const url = `${baseUrlOf(tenant)}/register#${token}`;
  const mailed = email !== undefined && access.post.reaches('mail');
  await db.tx(async (tx) => {
    await tx.query(
      'delete from enrolment.invitation where tenant = $1 and patient = $2 and spent is null',
      [tenant, rid],
    );
    await tx.query(
      `insert into enrolment.invitation (tenant, id, hash, code, patient, inviter, created, expires)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tenant, randomUUID(), hashOf(token), hmac, rid, caller.id, now, now + lifeMs],
    );
    if (mailed)
      await access.post.send(
        tenant,
        {
          channel: 'mail',
          to: email,
          about: 'invitation',
          ...wordsOf(locale).invitation(url),
          goodForMs: lifeMs,
        },
        tx,
      );
  });
  return { url, code, expiresAt: now + lifeMs, mailed };
}

/**
 * The chart of an invitation. Each call is a try, until a right one.
 * @throws Refusal `invalid`: wrong, spent, too late, or tried too often; it does not say which
 */
export async function invitedPatient(
  house: House,
  tenant: number,
  { token, code }: InvitationKey,
  on: Queryable = house.db,
): Promise<string> {
  const { rows } = await on.query<{ code: Buffer; patient: string }>(
    `update enrolment.invitation set tries = tries + 1
     where tenant = $1 and hash = $2 and spent is null and expires > $3 and tries < $4
     returning code, patient`,
    [tenant, hashOf(token), house.clock.now(), mostTries],
  );
  const kept = rows[0]?.code ?? Buffer.alloc(32);
  const digests = await codeOf(house, tenant, token, code.replaceAll(/\s/g, ''));
  const right = digests.map((one) => timingSafeEqual(one, kept)).includes(true);
  if (!rows[0] || !right) throw refused();
  await on.query(
    'update enrolment.invitation set tries = greatest(tries - 1, 0) where tenant = $1 and hash = $2',
    [tenant, hashOf(token)],
  );
  return rows[0].patient;
}

/** @throws Refusal `invalid` when somebody was faster */
export async function spendInvitation(
  { clock }: House,
  tenant: number,
  { token }: InvitationKey,
  on: Queryable,
): Promise<void> {
  const { rowCount } = await on.query(
    `update enrolment.invitation set spent = $3
     where tenant = $1 and hash = $2 and spent is null`,
    [tenant, hashOf(token), clock.now()],
  );
  if (rowCount !== 1) throw refused();
}

/** For "Welcome, Ada": told to whoever holds link and code. @throws Refusal `invalid` */
export async function greet(
  house: House,
  tenant: number,
  key: InvitationKey,
): Promise<{ given: string; patient: string }> {
  const id = await invitedPatient(house, tenant, key);
  const system = systemCaller(tenant, house.clock, 'invitation');
  const { resource } = await house.records.read<Patient>(system, 'Patient', id);
  const name = resource.name?.[0];
  return { given: name?.given?.[0] ?? lineOf(name), patient: id };
}
