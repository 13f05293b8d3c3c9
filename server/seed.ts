/** Fills a new demo installation with the demo clinic, once; a crash half way is healed by the next start. */
import { systemCaller } from '@afar/access';
import { demoClinic } from '@afar/demo';
import type { Db, Log } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import { bookDemoVisits } from './demo-bookings.ts';
import type { DataFolder } from './data-folder.ts';
import { demoSecrets, demoSecretsFile, type DemoSecrets } from './demo-secrets.ts';
import { firstTenant, type House } from './house.ts';

export interface SeedOptions {
  house: House;
  /** With the API's routes. */
  http: FastifyInstance;
  folder: DataFolder;
  baseUrl: string;
  log: Log;
  /** Tells of a step; throws when the start is to end. */
  step(word?: string): void;
}

interface DemoMark {
  state: 'begun' | 'done';
  /** The instant the clinic is made as of: the same when a broken seed is taken up again, so that it makes the same records. */
  now: number;
}

async function readMark(db: Db): Promise<DemoMark | undefined> {
  const { rows } = await db.query<{ value: string }>(
    `select value from platform.mark where name = 'demo'`,
  );
  return rows[0] && (JSON.parse(rows[0].value) as DemoMark);
}

async function writeMark(db: Db, mark: DemoMark, at: number): Promise<void> {
  await db.query(
    `insert into platform.mark (name, value, at) values ('demo', $1, $2)
     on conflict (name) do update set value = excluded.value, at = excluded.at`,
    [JSON.stringify(mark), at],
  );
}

type Clinic = ReturnType<typeof demoClinic>;

async function seedAccounts(house: House, clinic: Clinic, secrets: DemoSecrets): Promise<void> {
  const byEmail = new Map(secrets.accounts.map((one) => [one.email, one]));
  for (const account of clinic.accounts) {
    const { password, totpSecret } = byEmail.get(account.email)!;
    const [type, id] = account.fhirUser?.split('/') ?? [];
    await house.access.accounts.create({
      tenant: firstTenant,
      role: account.role,
      email: account.email,
      name: account.name,
      password,
      locale: account.locale,
      zone: account.zone,
      ...(totpSecret && { totpSecret }),
      ...(account.supervisor && { personal: { supervisor: account.supervisor } }),
      ...(id && { fhirUser: { type: type as 'Practitioner' | 'Patient', id } }),
    });
  }
  const { clientId, clientSecret, scope } = secrets.client;
  await house.access.clients.create({
    tenant: firstTenant,
    id: clientId,
    secret: clientSecret,
    scope,
    name: 'Demo API client',
  });
}

/** Entered by the house, verified by the demo's administrator: two, as everywhere. */
async function seedLicences({ access, clock }: House, clinic: Clinic): Promise<void> {
  const { accounts, licences } = access;
  const officer = clinic.accounts.find((one) => one.role === 'administrator')!;
  const verifier = (await accounts.byEmail(firstTenant, officer.email))!;
  const house = systemCaller(firstTenant, clock, 'demo');
  for (const { email, licence } of clinic.accounts) {
    const whose = licence && (await accounts.byEmail(firstTenant, email));
    // A start after a crash finds those it made.
    if (!whose || (await licences.of(house, whose.id)).length > 0) continue;
    const { id } = await licences.submit(house, whose.id, licence);
    await licences.decide({ ...house, id: verifier.id }, id, { decision: 'verify' });
  }
}

/**
 * Makes the demo clinic unless it was made, and keeps the accounts' file at the present address.
 * @returns the path of the accounts' file
 */
export async function seedDemo(opts: SeedOptions): Promise<string> {
  const { house, folder, baseUrl, log, step } = opts;
  const { db, clock, records, visits } = house;
  const mark = await readMark(db);
  const now = mark?.now ?? clock.now();
  const clinic = demoClinic(now);
  const secrets = demoSecrets(folder.path, baseUrl, clinic.accounts);
  const path = demoSecretsFile(folder.path);
  if (mark?.state === 'done') return path;

  step('Making the demo clinic');
  const began = performance.now();
  if (!mark) await writeMark(db, { state: 'begun', now }, clock.now());
  const caller = systemCaller(firstTenant, clock, 'demo');
  for (const bundle of clinic.bundles) {
    step();
    await records.transaction(caller, bundle);
  }
  await seedAccounts(house, clinic, secrets);
  await seedLicences(house, clinic);
  for (const schedule of clinic.schedules) await visits.schedules.put(caller, schedule);
  await visits.openOnDemand(firstTenant, {
    open: true,
    modes: ['video', 'audio'],
    mostWaiting: 20,
    minutes: 20,
  });
  await bookDemoVisits(opts.http, secrets, clinic.bookings, log);
  await writeMark(db, { state: 'done', now }, clock.now());
  log.info({ ms: Math.round(performance.now() - began) }, 'the demo clinic is made');
  return path;
}
