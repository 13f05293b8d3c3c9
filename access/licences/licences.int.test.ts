/** Licences: who may enter, who may decide, what is open before and after, the end by the clock and by hand, and edited rows. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Practitioner } from '@afar/fhir';
import { callerFor, type Caller } from '../caller.ts';
import { may } from '../may.ts';
import { mayWrite } from '../may-write.ts';
import { licensedRoles } from '../safeguards.ts';
import { stage, type Browser, type Person, type Stage } from '../testing.ts';
import type { Licence } from './contract.ts';
import { warnOfEnds } from './warnings.ts';

const day = 86_400_000;
let at: Stage;
let clinician: Person;
let hers: Browser;
let first: Browser;
let firstPerson: Person;
let second: Browser;
let secondPerson: Person;

const words = {
  number: '  NY-204 881 ',
  authority: 'New York State Education Department',
  profession: 'Physician',
  jurisdictions: ['US-NY', 'US-NJ'],
  lastDay: '2027-01-31',
};

/** The clinician as the next request of hers would find her. */
let seen: Caller | undefined;

beforeAll(async () => {
  at = await stage({
    licences: { required: true, roles: licensedRoles },
    prepare: (http) =>
      void http.get('/api/whoami', (req) => {
        seen = req.caller;
        return {};
      }),
  });
  clinician = await at.person('practitioner');
  hers = await at.signIn(clinician);
  firstPerson = await at.person('administrator');
  first = await at.signIn(firstPerson);
  secondPerson = await at.person('administrator');
  second = await at.signIn(secondPerson);
});
afterAll(() => at.close());

async function callerOf(): Promise<Caller> {
  await hers.get('/api/whoami');
  return seen!;
}
const practitionerOf = async (who: Person): Promise<string> =>
  (await at.access.accounts.get(1, who.id))!.fhirUser!.id;
const until = async (place?: string) =>
  at.access.licences.until(1, await practitionerOf(clinician), place);
const decide = (by: Browser, id: string, decision: string, reason?: string) =>
  by.post(`/api/office/licences/${id}/decide`, { decision, ...(reason && { reason }) });

it('every fault of an entry is told at once; a stranger enters nothing', async () => {
  const bad = {
    ...words,
    number: ' ',
    jurisdictions: ['US-ZZ', 'ES', 'ES'],
    lastDay: '2027-02-30',
  };
  const answer = await hers.post('/api/licences', bad);
  expect(answer.statusCode).toBe(422);
  expect(
    answer.json<{ issue: { expression: string[] }[] }>().issue.map((one) => one.expression[0]),
  ).toEqual(['number', 'lastDay', 'jurisdictions', 'jurisdictions[0]']);
  for (const body of [{}, { ...words, jurisdictions: [] }])
    expect((await hers.post('/api/licences', body)).statusCode).toBe(400);
  const patient = await at.signIn(await at.person('patient'));
  expect((await patient.post('/api/licences', words)).statusCode).toBe(403);
  expect(
    (await hers.post('/api/licences', { ...words, account: secondPerson.id })).statusCode,
  ).toBe(403);
  expect((await first.post('/api/licences', words)).statusCode).toBe(422);
  for (const url of ['/api/office/licences', `/api/office/licences/${randomUUID()}/decide`])
    expect(
      (await (url.endsWith('decide') ? hers.post(url, { decision: 'verify' }) : hers.get(url)))
        .statusCode,
    ).toBe(403);
});

it('is powerless until a second person verified it, then reaches where it says', async () => {
  const made = await first.post('/api/licences', {
    ...words,
    account: clinician.id,
    state: 'verified',
  });
  expect([made.statusCode, made.json<Licence>().state]).toEqual([201, 'submitted']);
  const { id } = made.json<Licence>();
  const before = await callerOf();
  expect(before.licence).toEqual({ proven: false, until: 0 });
  expect([may(before, 'read', 'Patient'), may(before, 'read', 'Practitioner')]).toEqual([
    false,
    true,
  ]);
  expect(await until()).toBe(0);
  // Not by who entered it, not by herself, not without a fresh proof.
  expect((await decide(first, id, 'verify')).json()).toMatchObject({
    issue: [{ diagnostics: 'another person verifies what you entered' }],
  });
  expect((await decide(hers, id, 'verify')).statusCode).toBe(403);
  at.clock.advance(11 * 60_000);
  expect((await decide(second, id, 'verify')).json()).toMatchObject({
    issue: [{ details: { coding: [{ code: 'step-up-required' }] } }],
  });
  [first, second] = [await at.signIn(firstPerson), await at.signIn(secondPerson)];
  expect((await decide(second, id, 'suspend', 'x')).statusCode).toBe(409);
  const verified = await decide(second, id, 'verify');
  expect(verified.json()).toMatchObject({
    state: 'verified',
    number: 'NY-204 881',
    lastDay: '2027-01-31',
  });
  const after = await callerOf();
  expect(after.licence).toEqual({ proven: true, until: Date.UTC(2027, 1, 1) });
  expect(may(after, 'read', 'Patient')).toBe(true);
  expect(await until('US-NY')).toBe(Date.UTC(2027, 1, 1));
  expect(await Promise.all(['US-CA', 'US', 'ES'].map(until))).toEqual([0, 0, 0]);
  expect((await decide(second, id, 'verify')).statusCode).toBe(409);
  const notices = await at.access.notices.list(1, clinician.id, 5);
  expect(notices[0]).toMatchObject({ kind: 'licence-changed', about: { state: 'verified' } });
});

it('her own licence is decided by nobody but others, whatever her role has become', async () => {
  const made = await hers.post('/api/licences', words);
  const { id } = made.json<Licence>();
  const self = callerFor('administrator', { id: clinician.id });
  await expect(at.access.licences.decide(self, id, { decision: 'verify' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  const elsewhere = callerFor('administrator', { tenant: 2 });
  await expect(
    at.access.licences.decide(elsewhere, id, { decision: 'verify' }),
  ).rejects.toMatchObject({ code: 'not-found' });
  expect((await decide(second, id, 'reject')).statusCode).toBe(422);
  await decide(second, id, 'reject', 'The register does not know this number.');
  expect((await hers.get('/api/licences/mine')).json()).toMatchObject({
    required: true,
    inForce: true,
    licences: [{ state: 'rejected', reason: 'The register does not know this number.' }, {}],
  });
});

it('suspension ends it for the next request, in a process that hears nothing of it too; restoring takes another', async () => {
  const [held] = (await at.access.licences.verified(1)).map((one) => one.id);
  const deaf = await stage({
    database: at.database,
    licences: { required: true, roles: licensedRoles },
    keys: at.keys,
    clock: at.clock,
  });
  const practitioner = await practitionerOf(clinician);
  expect(await deaf.access.licences.until(1, practitioner)).toBeGreaterThan(0);
  expect((await decide(second, held!, 'suspend', 'The authority asked.')).statusCode).toBe(200);
  const caller = await callerOf();
  expect(caller.licence).toEqual({ proven: true, until: 0 });
  const order = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: {},
  };
  expect(mayWrite(caller, undefined, order as never)).toMatchObject({ code: 'licence-required' });
  // Taking back needs no licence.
  const stopped = { ...order, status: 'stopped' };
  expect(mayWrite(caller, order as never, stopped as never)).toBeUndefined();
  await expect(at.access.licences.require(1, practitioner)).rejects.toMatchObject({
    code: 'licence-required',
  });
  expect((await decide(second, held!, 'restore')).json()).toMatchObject({
    issue: [{ diagnostics: 'another person restores what you suspended' }],
  });
  expect((await decide(first, held!, 'restore')).statusCode).toBe(403);
  await at.access.licences.decide(callerFor('administrator'), held!, { decision: 'restore' });
  expect(await until('US-NJ')).toBeGreaterThan(0);
  await deaf.close();
});

it('a licence edited in the database is worth nothing, and takes nobody else along', async () => {
  const { ownerDb } = at.database;
  const edits = [
    `state = 'verified', decided_by = '${secondPerson.id}', decided_at = 1`,
    `jurisdictions = '{ES}'`,
    'expires = expires + 1',
  ];
  const [id] = (await at.access.licences.verified(1)).map((one) => one.id);
  const rejected = (await at.access.licences.of(callerFor('administrator'), clinician.id)).find(
    (one) => one.state === 'rejected',
  )!.id;
  for (const [n, edit] of edits.entries()) {
    const { rows } = await ownerDb.query(`select * from access.licence where id = $1`, [
      n ? id : rejected,
    ]);
    await ownerDb.query(`update access.licence set ${edit} where id = $1`, [n ? id : rejected]);
    await at.access.licences.tell(1);
    expect([await until('ES'), (await until()) > 0]).toEqual([0, n === 0]);
    const { state, jurisdictions, expires, decided_by, decided_at } = rows[0]!;
    await ownerDb.query(
      `update access.licence set state = $2, jurisdictions = $3, expires = $4, decided_by = $5, decided_at = $6 where id = $1`,
      [n ? id : rejected, state, jurisdictions, expires, decided_by, decided_at],
    );
  }
  await at.access.licences.tell(1);
  await expect(
    ownerDb.query(
      `update access.licence set state = 'verified', decided_by = entered_by where id = $1`,
      [id],
    ),
  ).rejects.toThrow(/check/);
});

it('warns 30, 7 and 1 days before and at the end, once each; the end is the end without anybody telling', async () => {
  const warn = () =>
    warnOfEnds({
      db: at.database.db,
      clock: at.clock,
      notices: at.access.notices,
      standings: at.access.licences,
    });
  const [one] = (await at.access.licences.verified(1)).map((held) => held.expires);
  const told = async () =>
    (await at.access.notices.list(1, clinician.id, 50))
      .filter(({ kind }) => kind === 'licence-ending')
      .map(({ about }) => about['days']);
  const practitioner = await practitionerOf(clinician);
  for (const [before, expected] of [
    [31 * day, []],
    [30 * day, [30]],
    [20 * day, [30]],
    [6 * day, [7, 30]],
    [1, [1, 7, 30]],
    [-1, [0, 1, 7, 30]],
  ] as const) {
    at.clock.set(one! - before);
    await Promise.all([warn(), warn()]);
    expect(await told()).toEqual(expected);
    const ends = await at.access.licences.until(1, practitioner);
    expect(ends > at.clock.now()).toBe(before > 0);
  }
  expect(
    (await at.access.licences.of(callerFor('administrator'), clinician.id)).map(
      (held) => held.state,
    ),
  ).toEqual(['rejected', 'expired']);
});

it('a verified licence in the directory is the word of the house: an administrator cannot write it', () => {
  const admin = callerFor('administrator');
  const mine = {
    identifier: [{ system: 'urn:afar:licence', value: 'x' }],
    code: { text: 'Physician' },
  };
  const practitioner: Practitioner = { resourceType: 'Practitioner', qualification: [mine] };
  const plain: Practitioner = {
    resourceType: 'Practitioner',
    qualification: [{ code: { text: 'MD' } }],
  };
  expect(mayWrite(admin, undefined, practitioner)?.code).toBe('forbidden');
  expect(mayWrite(admin, practitioner, plain)?.code).toBe('forbidden');
  expect(mayWrite(admin, practitioner, { ...practitioner, active: false })).toBeUndefined();
  expect(mayWrite(admin, undefined, plain)).toBeUndefined();
});
