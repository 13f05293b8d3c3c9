/** What nobody may win twice, asked of two API processes at once: a time, a room, a confirmation, a hold, an offer. */
import type { Appointment } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AppointmentView,
  FreeSlot,
  Hold,
  Resource,
  ScheduleRule,
  Waitlist,
  WaitlistEntry,
} from '../contract.ts';
import { openClinic, type Clinic, type Instance, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
let second: Instance;
beforeAll(async () => {
  clinic = await openClinic();
  second = await clinic.another();
});
afterAll(() => clinic.closeAll());

/** Nobody who is elsewhere at the time that a test is about. */
const patients = (many: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: many }, () => clinic.person('patient')));

const day = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();
/** Every other request goes to the other process. */
const on = (n: number): Instance | undefined => (n % 2 ? second : undefined);
const tally = (answers: { status: number }[]): Record<number, number> =>
  Object.fromEntries(
    [...new Set(answers.map((one) => one.status))].map((status) => [
      status,
      answers.filter((one) => one.status === status).length,
    ]),
  );

async function slots(clinician: Person, from: number, to: number, more = {}): Promise<FreeSlot[]> {
  const ask = { clinician: clinician.id, from: iso(from), to: iso(to), ...more };
  return (await clinician.post<FreeSlot[]>('/api/slots', ask)).body;
}

const bookOn = (who: Person, slotId: string, n: number, more = {}) =>
  who.post<AppointmentView>(
    '/api/appointments',
    { slotId, type: 'video', reason: 'x', ...more },
    key(),
    on(n),
  );

describe('one time', () => {
  it('a capacity of three sells three of twelve', async () => {
    const people = await patients(6);
    const clinician = await clinic.clinician({ capacity: 3 });
    const slot = await clinic.firstSlot(clinician);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => bookOn(people[n % 6]!, slot.id, n)),
    );
    expect(tally(answers)).toEqual({ 201: 3, 409: 9 });
    expect((await clinic.firstSlot(clinician)).id).not.toBe(slot.id);
  });

  it('of two requests for it that wait for the clinic only one can be confirmed', async () => {
    const people = await patients(2);
    const clinician = await clinic.clinician({ confirm: true });
    const slot = await clinic.firstSlot(clinician);
    const [one, two] = await Promise.all([
      bookOn(people[0]!, slot.id, 0),
      bookOn(people[1]!, slot.id, 1),
    ]);
    expect([one.body.state, two.body.state]).toEqual(['requested', 'requested']);
    // A request takes no time, and nobody arrives to it.
    expect((await clinic.firstSlot(clinician)).id).toBe(slot.id);
    const early = await people[0]!.post(`/api/visits/${one.body.id}/arrive`, {
      checks: { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' },
    });
    expect(early.status).toBe(409);
    expect((await people[0]!.post(`/api/appointments/${one.body.id}/confirm`)).status).toBe(403);
    const answers = await Promise.all(
      [one, two].map(({ body }, n) =>
        clinician.post<AppointmentView>(`/api/appointments/${body.id}/confirm`, {}, {}, on(n)),
      ),
    );
    expect(tally(answers)).toEqual({ 200: 1, 409: 1 });
    const won = answers.findIndex((answer) => answer.status === 200);
    const [winner, loser] = won === 0 ? [one, two] : [two, one];
    const read = async (id: string) =>
      (await clinician.get<Appointment>(`/fhir/R4/Appointment/${id}`)).body.status;
    expect([await read(winner.body.id), await read(loser.body.id)]).toEqual(['booked', 'pending']);
    // Again, it is confirmed already; the other one still cannot be.
    const again = (id: string) => clinician.post(`/api/appointments/${id}/confirm`);
    expect((await again(winner.body.id)).status).toBe(200);
    expect((await again(loser.body.id)).status).toBe(409);
    expect((await clinic.firstSlot(clinician)).id).not.toBe(slot.id);
  });

  it('twenty want to hold it: one does, and others cannot book it until that runs out', async () => {
    const people = await patients(5);
    const clinician = await clinic.clinician();
    const slot = await clinic.firstSlot(clinician);
    const holds = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        people[n % 5]!.post<Hold>('/api/holds', { slotId: slot.id }, {}, on(n)),
      ),
    );
    const held = holds.flatMap((one, n) => (one.status === 201 ? [{ n: n % 5, ...one.body }] : []));
    // The same person again is the same hold.
    expect(new Set(held.map((one) => one.id)).size).toBe(1);
    expect(held[0]).toMatchObject({
      start: slot.start,
      expires: iso(clinic.clock.now() + 300_000),
    });
    const holder = people[held[0]!.n]!;
    const rival = people.find((one) => one !== holder)!;
    expect((await clinic.firstSlot(clinician)).id).not.toBe(slot.id);
    expect((await bookOn(rival, slot.id, 0)).status).toBe(409);
    // Knowing its id is not having it.
    expect((await bookOn(rival, slot.id, 1, { hold: held[0]!.id })).status).toBe(409);
    clinic.clock.advance(299_999);
    expect((await bookOn(rival, slot.id, 1)).status).toBe(409);
    clinic.clock.advance(1);
    expect((await clinic.firstSlot(clinician)).id).toBe(slot.id);
    expect((await bookOn(rival, slot.id, 1)).status).toBe(201);
    // Gone with the booking that was in its way, not by a sweep.
    const { rowCount } = await clinic.data.ownerDb.query(
      'select from visits.busy where actor = $1 and expires is not null',
      [clinician.id],
    );
    expect(rowCount).toBe(0);
    expect((await bookOn(holder, slot.id, 0, { hold: held[0]!.id })).status).toBe(409);
  });

  it('a hold is consumed by its own booking, once, and let go of when she wants', async () => {
    const [who, other, third] = (await patients(3)) as [Person, Person, Person];
    const clinician = await clinic.clinician();
    const [slot, next] = await slots(clinician, clinic.clock.now(), clinic.clock.now() + day);
    const { body: hold } = await who.post<Hold>('/api/holds', { slotId: slot!.id });
    const { status } = await bookOn(who, slot!.id, 1, { hold: hold.id });
    expect(status).toBe(201);
    expect((await bookOn(other, slot!.id, 0)).status).toBe(409);
    // A patient holds one time: the second lets the first one go.
    const { body: kept } = await other.post<Hold>('/api/holds', { slotId: next!.id });
    const [, , later] = await slots(clinician, clinic.clock.now(), clinic.clock.now() + day);
    await other.post('/api/holds', { slotId: later!.id });
    expect((await bookOn(third, next!.id, 0)).status).toBe(201);
    const gone = await clinic.http.inject({
      method: 'DELETE',
      url: `/api/holds/${kept.id}`,
      headers: { host: 'localhost:8170', origin: 'http://localhost:8170', cookie: other.cookie },
    });
    expect(gone.statusCode).toBe(404);
  });

  it('her own hold is not in her way before she knows that she has it', async () => {
    const [who, other] = (await patients(2)) as [Person, Person];
    const clinician = await clinic.clinician();
    const from = clinic.clock.now();
    // On a bad link the booking leaves before the hold is answered.
    for (let n = 0; n < 6; n++) {
      const [slot] = await slots(clinician, from, from + 7 * day);
      const [, booked] = await Promise.all([
        who.post<Hold>('/api/holds', { slotId: slot!.id }, {}, on(n)),
        bookOn(who, slot!.id, n + 1),
      ]);
      expect(booked.status).toBe(201);
      await who.post(`/api/appointments/${booked.body.id}/cancel`, {});
    }
    const [slot, next] = await slots(clinician, from, from + 7 * day);
    expect((await who.post('/api/holds', { slotId: slot!.id })).status).toBe(201);
    expect((await bookOn(other, slot!.id, 0)).status).toBe(409);
    const booked = await bookOn(who, slot!.id, 0);
    expect(booked.status).toBe(201);
    // And when she moves it.
    expect((await who.post('/api/holds', { slotId: next!.id })).status).toBe(201);
    const moved = await who.post(
      `/api/appointments/${booked.body.id}/reschedule`,
      { slotId: next!.id },
      key(),
    );
    expect(moved.status).toBe(200);
    const { rowCount } = await clinic.data.ownerDb.query(
      'select from visits.busy where actor = $1',
      [clinician.id],
    );
    expect(rowCount).toBe(1);
  });
});

describe('several actors', () => {
  const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    day: weekday as 1,
    start: '00:00',
    end: '24:00',
  }));
  const common = { zone: 'America/New_York', hours: always, exceptions: [], closures: [] };

  it('two clinicians, one room, one interpreter: all or nothing, and nobody waits in a circle', async () => {
    const people = await patients(6);
    const office = await clinic.person('administrator');
    const add = async (resource: object): Promise<Resource> => {
      const { status, body } = await office.post<Resource>('/api/resources', {
        ...common,
        capacity: 1,
        languages: [],
        active: true,
        ...resource,
      });
      expect(status).toBe(201);
      return body;
    };
    const room = await add({ kind: 'room', name: 'Room 1' });
    const interpreter = await add({ kind: 'interpreter', name: 'Spanish', languages: ['es'] });
    const rule: Partial<ScheduleRule> = { rooms: [room.id] };
    const [a, b] = [await clinic.clinician(rule), await clinic.clinician(rule)];
    const wish = { type: 'in-person', interpreter: 'es' };
    const [from, to] = [clinic.clock.now(), clinic.clock.now() + day];
    const [ofA, ofB] = [await slots(a, from, to, wish), await slots(b, from, to, wish)];
    const wanted = ofA.slice(2, 5).flatMap((one, n) => [one, ofB[n + 2]!]);
    const answers = await Promise.all(
      wanted.map((slot, n) => bookOn(people[n]!, slot.id, n, wish)),
    );
    expect(tally(answers)).toEqual({ 201: 3, 409: 3 });
    const booked = answers.filter((one) => one.status === 201);
    expect(booked[0]!.body.with.map((one) => one.name)).toEqual(['Room 1', 'Spanish']);
    const won = answers.findIndex((one) => one.status === 201);
    const { body: stored } = await people[won]!.get<Appointment>(
      `/fhir/R4/Appointment/${answers[won]!.body.id}`,
    );
    expect(stored.participant.map((one) => one.actor?.reference)).toEqual([
      `Patient/${people[won]!.id}`,
      `Practitioner/${won % 2 ? b.id : a.id}`,
      `HealthcareService/${interpreter.id}`,
      `Location/${room.id}`,
    ]);
    // Four actors each, and of the losers nothing at all.
    const { rows } = await clinic.data.ownerDb.query<{ n: number }>(
      'select count(*)::int as n from visits.busy where source = any($1::uuid[])',
      [booked.map((one) => one.body.id)],
    );
    expect(rows[0]!.n).toBe(12);
    const { rows: all } = await clinic.data.ownerDb.query<{ n: number }>(
      'select count(*)::int as n from visits.busy where actor = any($1::uuid[])',
      [[a.id, b.id, room.id, interpreter.id]],
    );
    expect(all[0]!.n).toBe(9);
    // Where the room is gone the other clinician's time is offered for a picture, and not for a visit in person.
    const start = booked[0]!.body.start;
    const free = await slots(a, from, to, { type: 'in-person' });
    expect(free.map((one) => one.start)).not.toContain(start);
    const other = await slots(booked[0]!.body.clinician.id === a.id ? b : a, from, to);
    expect(other.map((one) => one.start)).toContain(start);
  });
});

describe('the waitlist', () => {
  const daily = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    day: weekday as 1,
    start: '12:00',
    end: '12:30',
  }));
  const mine = async (who: Person, id: string): Promise<WaitlistEntry> =>
    (await who.get<Waitlist>('/api/waitlist')).body.entries.find((one) => one.id === id)!;
  const answer = (who: Person, offer: string, n: number) =>
    who.post<AppointmentView>(`/api/waitlist/offers/${offer}/accept`, {}, {}, on(n));

  it('gives what comes free to one at a time; a late yes against the next one’s: one winner', async () => {
    await Promise.all([clinic.deps.jobs.start(), second.deps.jobs.start()]);
    const clinician = await clinic.clinician({ hours: daily, horizonDays: 1 });
    const [holder, first, next] = (await patients(3)) as [Person, Person, Person];
    const visit = await clinic.book(holder, clinician, 'before');
    const date = visit.start.slice(0, 10);
    const wish = {
      clinicians: [clinician.id],
      type: 'video',
      reason: 'It got worse',
      from: date,
      to: date,
    };
    const join = async (who: Person, headers = key()): Promise<WaitlistEntry> => {
      const { status, body } = await who.post<WaitlistEntry>('/api/waitlist', wish, headers);
      expect(status).toBe(201);
      return body;
    };
    const once = key();
    const [one, again] = [await join(first, once), await join(first, once)];
    expect(again.id).toBe(one.id);
    clinic.clock.advance(1_000);
    const two = await join(next);
    expect([one.state, one.reason]).toEqual(['waiting', 'It got worse']);

    await holder.post(`/api/appointments/${visit.id}/cancel`, {});
    await expect
      .poll(async () => (await mine(first, one.id)).state, { timeout: 15_000 })
      .toBe('offered');
    const { offer } = await mine(first, one.id);
    expect(offer).toMatchObject({
      start: visit.start,
      expires: iso(clinic.clock.now() + 1_800_000),
    });
    expect((await mine(next, two.id)).state).toBe('waiting');
    // The time is hers while the offer stands, and the offer is nobody else's.
    expect(await slots(clinician, clinic.clock.now(), clinic.clock.now() + day)).toEqual([]);
    expect((await answer(next, offer!.id, 0)).status).toBe(404);
    const told = await first.get<{ notices: { kind: string }[] }>('/api/notices');
    expect(told.body.notices.map((notice) => notice.kind)).toContain('waitlist-offer');

    // She says yes when it is too late, just when the next in turn says yes.
    clinic.clock.advance(1_800_000);
    await clinic.data.ownerDb.query(
      `update graphile_worker._private_jobs set run_at = now() - interval '1 second'`,
    );
    for (const who of [first, next]) await who.signIn();
    await expect
      .poll(async () => (await mine(next, two.id)).state, { timeout: 15_000 })
      .toBe('offered');
    const hers = (await mine(next, two.id)).offer!;
    const answers = await Promise.all([
      answer(first, offer!.id, 0),
      answer(next, hers.id, 1),
      answer(next, hers.id, 0),
    ]);
    expect(answers.map((one) => one.status)).toEqual([409, 200, 200]);
    // Twice yes is one appointment.
    expect(answers[1]!.body.id).toBe(answers[2]!.body.id);
    expect(answers[1]!.body).toMatchObject({ state: 'booked', start: visit.start });
    const { rows } = await clinic.data.ownerDb.query(
      `select state from visits.visit where clinician = $1 order by state`,
      [clinician.id],
    );
    expect(rows).toEqual([{ state: 'booked' }, { state: 'cancelled' }]);
    expect((await mine(next, two.id)).state).toBe('booked');
    expect((await mine(first, one.id)).state).toBe('waiting');
    // Nothing she wrote lies in the clear.
    const { rows: kept } = await clinic.data.ownerDb.query<{ body: Buffer }>(
      'select * from visits.waitlist',
    );
    expect(
      JSON.stringify(kept) + kept.map((row) => row.body.toString('latin1')).join(),
    ).not.toContain('worse');
  });
});
