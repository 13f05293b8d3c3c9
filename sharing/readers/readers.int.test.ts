/** Who was in a record is told to her whose record it is, and to nobody else; a report reaches the auditors. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { ReaderPage } from '@afar/access/contract';
import { fixedClock } from '@afar/platform';
import type { World } from '@afar/records/testing';
import { openSharing, type SharingWorld } from '../testing.ts';
import { createUnreviewed } from './unreviewed.ts';

let house: SharingWorld;
let world: World;
let http: SharingWorld['http'];
let ada: { id: string; caller: Caller };
let bo: { id: string; caller: Caller };
let nurse: Caller;
const clock = fixedClock(Date.UTC(2027, 2, 10, 15));
const day = Math.floor(clock.now() / 86_400_000);

beforeAll(async () => {
  house = await openSharing(clock);
  ({ world, http } = house);
  ada = await world.patient();
  bo = await world.patient();
  const account = await world.access.accounts.create({
    tenant: 1,
    role: 'nurse',
    email: 'ines@clinic.example',
    name: 'Ines Almeida',
    password: 'correct-horse-battery-staple-42',
  });
  nurse = world.caller('nurse', { id: account.id });
  await world.records.write(world.system, (tx) =>
    tx.grants.give(
      [ada, bo].map((patient) => ({
        principal: nurse.id,
        patient: patient.id,
        class: 'chart',
        purpose: 'TREAT',
        source: 'test',
        starts: 0,
        ends: clock.now() * 2,
      })),
    ),
  );
  nurse = { ...nurse, principals: [nurse.id] };
  for (const url of [`/fhir/R4/Patient/${ada.id}`, `/fhir/R4/Patient/${bo.id}`])
    await http.inject({ as: nurse, method: 'GET', url });
  const own = `/fhir/R4/Patient/${ada.id}`;
  await http.inject({ as: ada.caller, method: 'GET', url: own });
  await world.access.settleAudit();
  await world.access.settleOversight();
});
afterAll(() => house.close());

const readers = async (as: Caller, query = '') => {
  const { status, text } = await http.inject({ as, method: 'GET', url: `/api/readers${query}` });
  return { status, page: JSON.parse(text) as ReaderPage, text };
};
const report = (as: Caller, body: object) =>
  http.inject({
    as,
    method: 'POST',
    url: '/api/readers/report',
    body,
    headers: { 'content-type': 'application/json' },
  });

it('by person and day, with what and why, herself told apart, the house left out', async () => {
  const { status, page, text } = await readers(ada.caller);
  expect(status).toBe(200);
  expect(page.entries).toHaveLength(2);
  expect(page.entries.find(({ reader }) => reader.id === nurse.id)).toEqual({
    day,
    reader: { id: nurse.id, kind: 'staff', role: 'nurse', name: 'Ines Almeida' },
    first: clock.now(),
    last: clock.now(),
    emergency: false,
    purposes: ['TREAT'],
    what: [{ verb: 'R', action: 'read', type: 'Patient', count: 1 }],
  });
  expect(page.entries.find(({ reader }) => reader.kind === 'you')).toMatchObject({ day });
  expect(text).not.toContain(bo.id);
});

it('not of another, not to staff, not to an app, not to whom she only let in', async () => {
  expect((await readers(bo.caller, `?patient=${ada.id}`)).status).toBe(404);
  expect((await readers(nurse, `?patient=${ada.id}`)).status).toBe(403);
  expect((await readers(world.system, `?patient=${ada.id}`)).status).toBe(403);
  expect((await readers({ ...ada.caller, scopes: [] })).status).toBe(403);
  const friend = { ...bo.caller, principals: [...bo.caller.principals, ada.id] };
  expect((await readers(friend, `?patient=${ada.id}`)).status).toBe(404);
  expect((await report(bo.caller, { patient: ada.id, day, reader: nurse.id })).status).toBe(404);
});

it('one who acts for her sees it too, until that ends', async () => {
  const made = {
    resourceType: 'RelatedPerson',
    patient: { reference: `Patient/${ada.id}` },
  } as const;
  const { id: related } = await world.records.create(world.system, made);
  const proxy = {
    ...bo.caller,
    principals: [...bo.caller.principals, related],
    proxies: [{ related, patient: ada.id }],
  };
  expect((await readers(proxy, `?patient=${ada.id}`)).status).toBe(200);
  await world.records.update(world.system, { ...made, id: related, active: false });
  expect((await readers(proxy, `?patient=${ada.id}`)).status).toBe(404);
});

it('"this looks wrong" alerts the auditors; only about who was there', async () => {
  const body = { patient: ada.id, day, reader: nurse.id };
  expect((await report(ada.caller, { ...body, day: day - 1 })).status).toBe(404);
  expect((await report(ada.caller, { ...body, reader: bo.caller.id })).status).toBe(404);
  expect((await report(ada.caller, body)).status).toBe(204);
  const { rows } = await world.data.ownerDb.query(
    `select who, role from access.anomaly where rule = 'wrong-access'`,
  );
  expect(rows).toEqual([{ who: nurse.id, role: 'nurse' }]);
});

it('break-glass that nobody reviewed within three days is told; a day earlier it is not', async () => {
  const { ownerDb, db } = world.data;
  await ownerDb.query(
    `insert into sharing.break_glass (tenant, id, patient, account, role, reason, sealed, starts, ends)
     values (1, gen_random_uuid(), $1, $2, 'nurse', 'other', '\\x00', $3, $3)`,
    [ada.id, nurse.id, clock.now()],
  );
  const unreviewed = createUnreviewed({ db, access: world.access, clock, log: world.log });
  const told = async () => {
    await unreviewed.look();
    return (
      await ownerDb.query(`select count from access.anomaly where rule = 'break-glass-unreviewed'`)
    ).rows;
  };
  clock.advance(2 * 86_400_000);
  expect(await told()).toEqual([]);
  clock.advance(86_400_000);
  expect(await told()).toEqual([{ count: 1 }]);
  expect(await told()).toHaveLength(1);
});
