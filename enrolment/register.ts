/** A stranger becomes a patient with an account: her chart, her dependants', her consent and the account, in one transaction. */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import { termsVersion } from './charts.ts';
import type { DependantInput, PersonInput, RegisterRequest } from './contract.ts';
import { enrolDependant, enrolSelf } from './enrol.ts';
import type { House } from './house.ts';
import { invitedPatient, spendInvitation } from './invitations.ts';
import { readDependants, readSelf, refuseFaults, type Fault } from './person.ts';
import { nameOf } from './names.ts';
import { isSpent, spendProof, takeProof, type Proof } from './proof.ts';

export interface Registered {
  account: string;
  /** Charts that were made or linked. */
  patients: string[];
}

interface Asked extends Omit<RegisterRequest, 'person' | 'dependants'> {
  person: PersonInput | undefined;
  dependants: DependantInput[];
}

const knownZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** BCP 47, as far as a Patient's language may say it. */
export const knownLocale = (locale: string): boolean => {
  try {
    return locale.length <= 35 && Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
};

/** @throws Refusal `invalid` with every fault and its place */
export function readRegistration(
  { majority, clock, access }: Pick<House, 'majority' | 'clock' | 'access'>,
  body: RegisterRequest,
): Asked {
  const now = clock.now();
  const faults: Fault[] = [];
  const { invitation, password, terms, locale, zone } = body;
  const person = invitation ? undefined : readSelf(body.person, now, majority, faults);
  const dependants = readDependants(body.dependants, now, majority, faults);
  if (terms !== termsVersion) faults.push({ at: 'terms', why: 'accept the terms as they are now' });
  if (!knownLocale(locale)) faults.push({ at: 'locale', why: 'a language tag' });
  if (zone !== undefined && !knownZone(zone)) faults.push({ at: 'zone', why: 'a time zone' });
  const own = person ? [...person.given.split(' '), ...person.family.split(' ')] : [];
  const fault = access.accounts.passwordFault(password, own);
  if (fault) faults.push({ at: 'password', why: fault });
  refuseFaults(faults);
  return { ...body, person, dependants };
}

/** Her own chart: a new one, or the one she was invited to. @returns its id and her name */
async function ownChart(
  house: House,
  tx: RecordTx,
  tenant: number,
  asked: Asked,
  proof: Proof,
  made: string[],
): Promise<{ patient: string; name: string }> {
  const now = house.clock.now();
  const { invitation, person, locale } = asked;
  if (person) {
    const patient = await enrolSelf(tx, person, proof, { now, locale, made });
    return { patient, name: `${person.given} ${person.family}` };
  }
  const patient = await invitedPatient(house, tenant, invitation!, tx.sql);
  if (await house.access.accounts.byFhirUser(tenant, { type: 'Patient', id: patient }))
    throw new Refusal('duplicate');
  await spendInvitation(house, tenant, invitation!, tx.sql);
  const { resource } = await tx.read('Patient', patient);
  return { patient, name: nameOf(resource) };
}

/**
 * Sent twice with one proof, it makes one account and answers alike.
 * @throws Refusal `invalid` (also: the proof's hour is over), `duplicate` when the address has an account by now
 */
export async function register(house: House, tenant: number, asked: Asked): Promise<Registered> {
  const { access, keys, clock, records, majority } = house;
  // The slow part comes before the transaction, whether or not it will be needed.
  const hash = await access.accounts.hashOf(asked.password);
  const system = systemCaller(tenant, clock, 'register');
  // A wrong code counts though the transaction below would take the count back with all else.
  if (asked.invitation && !(await isSpent(house.db, tenant, asked.proof)))
    await invitedPatient(house, tenant, asked.invitation);
  const done = await records.write(system, async (tx) => {
    const now = clock.now();
    const proof = await takeProof(tx.sql, keys, tenant, asked.proof, now);
    if (proof.account) return { account: proof.account, patients: [], again: true };
    const fault = access.accounts.passwordFault(asked.password, [proof.address.split('@')[0]!]);
    if (fault) refuseFaults([{ at: 'password', why: fault }]);
    const made: string[] = [];
    const { patient, name } = await ownChart(house, tx, tenant, asked, proof, made);
    const { id: account, created } = await access.accounts.create(
      {
        tenant,
        role: 'patient',
        email: proof.address,
        name,
        password: { hash },
        fhirUser: { type: 'Patient', id: patient },
        locale: asked.locale,
        ...(asked.zone && { zone: asked.zone }),
        personal:
          proof.channel === 'mail'
            ? { verified: { email: now } }
            : { phone: proof.address, verified: { phone: now } },
      },
      tx.sql,
    );
    if (!created) throw new Refusal('duplicate');
    const proxies = [];
    for (const one of asked.dependants) {
      const making = { now, locale: asked.locale, made };
      proxies.push(await enrolDependant(tx, one, { account, name }, majority, making));
    }
    if (proxies.length > 0)
      await access.accounts.change(tenant, account, { personal: { proxies } }, tx.sql);
    await spendProof(tx.sql, tenant, asked.proof, account);
    return { account, patients: [patient, ...proxies.map((one) => one.patient)], again: false };
  });
  // Sent again it is a sign-in, and no way around what is asked at one.
  if (done.again && !(await access.accounts.opensBy(tenant, done.account, asked.password)))
    throw new Refusal('duplicate');
  return done;
}
