/** Being seen now, over HTTP and two API processes: who is let in, who takes whom, what the wait is said to be, and who learns nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  AppointmentView,
  OnDemandNow,
  PoolQueue,
  PresenceView,
  Queue,
  WaitingStatus,
} from '../contract.ts';
import type { House } from '../house.ts';
import {
  checks,
  openClinic,
  type Answer,
  type Clinic,
  type Instance,
  type Person,
} from '../testing/clinic.ts';
import { well } from '../testing/samples.ts';
import { callBack } from '../waiting/call-back.ts';
import { ageOn } from './pool-queue.ts';

let clinic: Clinic;
let other: Instance;
let office: Person;
let doctor: Person;
let colleague: Person;

const settings = { open: true, modes: ['video', 'audio'], mostWaiting: 3, minutes: 20 };
const there = (who: Person, onDuty = true, away = false): Promise<Answer<PresenceView>> =>
  who.put('/api/presence', { away, onDuty }) as Promise<Answer<PresenceView>>;

const ask = (who: Person, more = {}): Promise<Answer<AppointmentView>> =>
  who.post<AppointmentView>(
    '/api/on-demand',
    { type: 'video', reason: 'A rash since this morning', ...more },
    { 'idempotency-key': randomUUID() },
  );

async function waits(who: Person, more = {}): Promise<string> {
  const { status, body } = await ask(who, more);
  expect(status).toBe(201);
  const arrived = await who.post(`/api/visits/${body.id}/arrive`, { checks });
  expect(arrived.status).toBe(200);
  clinic.clock.advance(1_000);
  return body.id;
}

async function seen(doc: Person, id: string): Promise<void> {
  expect((await doc.post(`/api/on-demand/${id}/take`)).status).toBe(200);
  expect((await doc.post(`/api/visits/${id}/admit`)).status).toBe(200);
  clinic.clock.advance(10 * 60_000);
  expect((await doc.post(`/api/visits/${id}/end`, {})).status).toBe(200);
  await there(doctor);
}

beforeAll(async () => {
  clinic = await openClinic();
  other = await clinic.another();
  office = await clinic.person('administrator');
  doctor = await clinic.person('practitioner');
  colleague = await clinic.person('practitioner');
  await office.put('/api/on-demand/settings', settings);
});
afterAll(() => clinic.closeAll());
beforeEach(async () => {
  // The clock runs on from test to test, past the ends of sessions.
  for (const who of [office, doctor, colleague]) await who.signIn();
  await there(doctor);
  await there(colleague);
});

describe('asking', () => {
  it('says honestly whether anybody is there, without signing in', async () => {
    const { body } = await doctor.get<OnDemandNow>('/api/on-demand');
    expect(body).toMatchObject({ open: true, onDuty: 2, waiting: 0 });
    expect(body).not.toHaveProperty('waitMinutes');
  });

  it('a visit with nobody yet; asked twice under one key it is one visit, and a second one is refused', async () => {
    const ana = await clinic.person('patient');
    const key = { 'idempotency-key': randomUUID() };
    const body = { type: 'video', reason: 'A rash' };
    const first = await ana.post<AppointmentView>('/api/on-demand', body, key);
    const again = await ana.post<AppointmentView>('/api/on-demand', body, key, other);
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    expect(first.body).toMatchObject({
      state: 'booked',
      onDemand: 'asked',
      clinician: { name: '' },
    });
    expect((await ask(ana)).status).toBe(409);
    await ana.post(`/api/appointments/${first.body.id}/cancel`, {});
    const third = await ask(ana);
    expect(third.status).toBe(201);
    await ana.post(`/api/appointments/${third.body.id}/cancel`, {});
  });

  it('nobody on duty, too many, closed, a way that is not offered, a place that nobody reaches: told why', async () => {
    const ana = await clinic.person('patient');
    const why = async (more = {}): Promise<unknown> => {
      const { status, body } = await ask(ana, more);
      return [
        status,
        (body as unknown as { issue: { diagnostics?: string }[] }).issue?.[0]?.diagnostics,
      ];
    };
    expect(await why({ place: 'FR' })).toEqual([
      403,
      expect.stringMatching(/nobody who is on duty/),
    ]);
    expect((await ask(ana, { type: 'chat' })).status).toBe(422);
    await there(doctor, false);
    await there(colleague, true, true);
    expect(await why()).toEqual([409, 'nobody is on duty now']);
    await there(doctor);
    clinic.clock.advance(80_000);
    expect(await why()).toEqual([409, 'nobody is on duty now']);
    await there(doctor);
    const crowd = await Promise.all([1, 2, 3].map(() => clinic.person('patient')));
    const ids = [];
    for (const one of crowd) ids.push((await ask(one)).body.id);
    expect(await why()).toEqual([409, expect.stringMatching(/too many/)]);
    for (const [n, one] of crowd.entries())
      await one.post(`/api/appointments/${ids[n]}/cancel`, {});
    await office.put('/api/on-demand/settings', { ...settings, open: false });
    expect(await why()).toEqual([409, expect.stringMatching(/without an appointment/)]);
    await office.put('/api/on-demand/settings', settings);
  });

  it('the last place is not given twice: ten at once through two processes, three are let in', async () => {
    const crowd = await Promise.all(Array.from({ length: 10 }, () => clinic.person('patient')));
    const answers = await Promise.all(
      crowd.map((one, n) =>
        one.post<AppointmentView>(
          '/api/on-demand',
          { type: 'video', reason: 'A cough' },
          { 'idempotency-key': randomUUID() },
          n % 2 ? other : undefined,
        ),
      ),
    );
    expect(answers.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([
      201,
      201,
      201,
      ...Array.from({ length: 7 }, () => 409),
    ]);
    for (const [n, { status, body }] of answers.entries())
      if (status === 201) await crowd[n]!.post(`/api/appointments/${body.id}/cancel`, {});
  });

  it('staff ask for whom they care for; for a stranger nothing is made, and nothing is told', async () => {
    const ana = await clinic.person('patient');
    const nurse = await clinic.person('nurse');
    for (const who of [doctor, nurse]) {
      expect((await ask(who, { patient: ana.id })).status).toBe(404);
      expect((await ask(who, { patient: randomUUID() })).status).toBe(404);
    }
    const { rows } = await clinic.data.ownerDb.query<{ n: number }>(
      'select count(*)::int as n from visits.visit where patient = $1',
      [ana.id],
    );
    expect(rows[0]!.n).toBe(0);
  });

  it("settings and the service are the office's", async () => {
    expect((await doctor.put('/api/on-demand/settings', settings)).status).toBe(403);
    expect(
      (await office.put('/api/on-demand/settings', { ...settings, mostWaiting: 0 })).status,
    ).toBe(422);
  });
});

describe('taking', () => {
  it('those on duty see age and complaint, no name; the one who takes her sees the chart, the others do not', async () => {
    const ana = await clinic.person('patient', 'Zebulonquux');
    const id = await waits(ana);
    const { body } = await doctor.get<PoolQueue>('/api/on-demand/queue');
    expect(body.entries).toEqual([
      expect.objectContaining({
        id,
        reason: 'A rash since this morning',
        age: 43,
        mayTake: true,
        present: true,
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain('Zebulonquux');
    expect((await doctor.get(`/fhir/R4/Patient/${ana.id}`)).status).toBe(404);
    expect((await doctor.get(`/api/visits/${id}`)).status).toBe(404);
    const taken = await doctor.post<AppointmentView>(`/api/on-demand/${id}/take`);
    expect(taken.body).toMatchObject({ id, onDemand: 'taken', patient: { id: ana.id } });
    expect((await doctor.get(`/fhir/R4/Patient/${ana.id}`)).status).toBe(200);
    expect((await colleague.get(`/fhir/R4/Patient/${ana.id}`)).status).toBe(404);
    expect((await colleague.get<PoolQueue>('/api/on-demand/queue')).body.entries).toEqual([]);
    const late = await colleague.post(`/api/on-demand/${id}/take`);
    expect(late.status).toBe(409);
    expect((await doctor.get<Queue>('/api/queue')).body.entries.map((one) => one.id)).toEqual([id]);
    await seen(doctor, id);
  });

  it('of twenty takers at the same moment, through two processes, one has her', async () => {
    const ana = await clinic.person('patient');
    const id = await waits(ana);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? doctor : colleague).post(
          `/api/on-demand/${id}/take`,
          {},
          {},
          n % 4 < 2 ? other : undefined,
        ),
      ),
    );
    const winners = new Set(answers.flatMap(({ status }, n) => (status === 200 ? [n % 2] : [])));
    expect(winners.size).toBe(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    await seen(winners.has(1) ? doctor : colleague, id);
  });

  it('given back she is in her old place, and the chart is closed again', async () => {
    const [ana, ben] = [await clinic.person('patient'), await clinic.person('patient')];
    const [first, second] = [await waits(ana), await waits(ben)];
    await doctor.post(`/api/on-demand/${first}/take`);
    expect((await doctor.post(`/api/on-demand/${first}/release`)).status).toBe(204);
    expect((await doctor.get(`/fhir/R4/Patient/${ana.id}`)).status).toBe(404);
    const { body } = await colleague.get<PoolQueue>('/api/on-demand/queue');
    expect(body.entries.map((one) => one.id)).toEqual([first, second]);
    expect((await colleague.post(`/api/on-demand/${first}/release`)).status).toBe(404);
    await seen(colleague, first);
    await seen(doctor, second);
  });

  it("is for clinicians on duty: not off duty, not a patient, not a nurse, not another tenant's guess, not a booked visit", async () => {
    const [ana, nurse] = [await clinic.person('patient'), await clinic.person('nurse')];
    const id = await waits(ana);
    const idle = await clinic.person('practitioner');
    for (const who of [idle, nurse, ana, office]) {
      expect((await who.post(`/api/on-demand/${id}/take`)).status).toBe(403);
    }
    expect((await idle.get('/api/on-demand/queue')).status).toBe(403);
    expect((await ana.get('/api/on-demand/queue')).status).toBe(403);
    expect((await doctor.post(`/api/on-demand/${randomUUID()}/take`)).status).toBe(404);
    const booking = await clinic.book(await clinic.person('patient'), await clinic.clinician());
    expect((await doctor.post(`/api/on-demand/${booking.id}/take`)).status).toBe(404);
    const unlicensed = await clinic.person('practitioner');
    await clinic.license(unlicensed, ['ES']);
    await there(unlicensed);
    await seen(doctor, id);
  });
});

describe('who is on duty without a licence that anybody has verified', () => {
  it('reads no complaints; and whom somebody has taken only her carers put elsewhere in the queue', async () => {
    const [ana, nurse] = [await clinic.person('patient'), await clinic.person('nurse')];
    const fresh = await clinic.person('practitioner');
    await clinic.data.ownerDb.query('delete from access.licence where practitioner = any($1)', [
      [fresh.id, nurse.id],
    ]);
    // Every process reads licences anew.
    await clinic.license(colleague);
    await there(fresh);
    const id = await waits(ana);
    for (const who of [fresh, nurse]) {
      expect((await who.get('/api/on-demand/queue')).status).toBe(403);
      const triaged = await who.post(`/api/on-demand/${id}/triage`, { level: 'urgent' });
      expect(triaged.status).toBe(403);
    }
    const other = await clinic.person('nurse');
    await doctor.post(`/api/on-demand/${id}/take`);
    const said = { level: 'can-wait' };
    expect((await other.post(`/api/on-demand/${id}/triage`, said)).status).toBe(404);
    expect((await colleague.post(`/api/on-demand/${id}/triage`, said)).status).toBe(404);
    await seen(doctor, id);
  });
});

describe('waiting', () => {
  it('position by triage, then arrival; a wait once three visits are known, over all who are on duty', async () => {
    const people = await Promise.all([1, 2, 3].map(() => clinic.person('patient')));
    const ids: string[] = [];
    for (const one of people) ids.push(await waits(one));
    const status = (n: number): Promise<Answer<WaitingStatus>> =>
      people[n]!.post<WaitingStatus>(`/api/visits/${ids[n]}/heartbeat`);
    const nurse = await clinic.person('nurse');
    expect((await status(2)).body).toMatchObject({ position: 3, waitMinutes: 10 });
    expect((await nurse.post(`/api/on-demand/${ids[2]}/triage`, { level: 'urgent' })).status).toBe(
      204,
    );
    expect(
      (await nurse.post(`/api/on-demand/${ids[0]}/triage`, { level: 'can-wait' })).status,
    ).toBe(204);
    expect((await nurse.post(`/api/on-demand/${ids[0]}/triage`, { level: 'soonish' })).status).toBe(
      422,
    );
    expect(
      (await people[0]!.post(`/api/on-demand/${ids[0]}/triage`, { level: 'urgent' })).status,
    ).toBe(403);
    expect([
      (await status(0)).body.position,
      (await status(1)).body.position,
      (await status(2)).body.position,
    ]).toEqual([3, 2, 1]);
    // A red flag comes before what anybody said.
    const flagged = await people[1]!.post(`/api/appointments/${ids[1]}/intake`, {
      answers: { ...well, 'chest-pain': true },
    });
    expect(flagged.status).toBe(200);
    expect((await status(1)).body.position).toBe(1);
    const told = await clinic.access.notices.list(1, doctor.account, 5);
    expect(told[0]).toMatchObject({ kind: 'red-flag', about: { visit: ids[1] } });
    for (const id of [ids[1]!, ids[2]!, ids[0]!]) await seen(doctor, id);
  });

  it('who left the page keeps her place, and is told once when it is nearly her turn and once when she is called', async () => {
    const [ana, ben, cleo] = await Promise.all([1, 2, 3].map(() => clinic.person('patient')));
    const ids = [await waits(ana!), await waits(ben!), await waits(cleo!)];
    clinic.clock.advance(60_000);
    await there(doctor);
    const { db, clock, access, log } = clinic;
    const house = { db, clock, access, log } as unknown as House;
    await callBack(house);
    await callBack(house);
    const kinds = async (who: Person): Promise<string[]> =>
      (await clinic.access.notices.list(1, who.account, 10)).map((one) => one.kind);
    expect(await kinds(ana!)).toEqual(['visit-near']);
    expect(await kinds(ben!)).toEqual(['visit-near']);
    expect(await kinds(cleo!)).toEqual([]);
    await doctor.post(`/api/on-demand/${ids[0]}/take`);
    await doctor.post(`/api/visits/${ids[0]}/admit`);
    clinic.clock.advance(1_000);
    await callBack(house);
    await callBack(house);
    expect(await kinds(ana!)).toEqual(['visit-ready', 'visit-near']);
    expect(await kinds(cleo!)).toEqual(['visit-near']);
    await doctor.post(`/api/visits/${ids[0]}/end`, {});
    for (const id of [ids[1]!, ids[2]!]) await seen(doctor, id);
  });
});

describe('presence', () => {
  it('is online, away, offline by what her page says; colleagues see it, patients do not', async () => {
    const row = async (): Promise<unknown> =>
      (await colleague.get<PresenceView>('/api/presence')).body.colleagues.find(
        (one) => one.id === doctor.id,
      );
    expect(await row()).toMatchObject({ presence: 'online', onDuty: true });
    await there(doctor, true, true);
    expect(await row()).toMatchObject({ presence: 'away', onDuty: false });
    clinic.clock.advance(76_000);
    expect(await row()).toMatchObject({ presence: 'offline' });
    expect((await (await clinic.person('patient')).get('/api/presence')).status).toBe(403);
    expect((await office.put('/api/presence', { away: false, onDuty: true })).status).toBe(403);
    expect((await doctor.put('/api/presence', { away: 'no', onDuty: true })).status).toBe(422);
  });
});

it('age is in full years on the day', () => {
  const day = Date.UTC(2027, 1, 28);
  expect([
    ageOn('1984-02-29', day),
    ageOn('1984-02-28', day),
    ageOn('1984', day),
    ageOn(undefined, day),
  ]).toEqual([42, 43, 43, undefined]);
});
