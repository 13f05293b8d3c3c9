/** Calendar files and feeds, read back by ical.js; free times, holds and bookings by FHIR operations. */
import { randomBytes } from 'node:crypto';
import type { Appointment, Bundle } from '@afar/fhir';
import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, Feed, FreeSlot, NewFeed } from '../contract.ts';
import { baseUrl, openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Wigglesworth');
  clinician = await clinic.clinician();
});
afterAll(() => clinic.closeAll());

const day = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const fetch = (url: string, headers: Record<string, string> = {}) =>
  clinic.http.inject({ url, headers: { host: 'localhost:8170', ...headers } });
const parsed = (text: string) => new ICAL.Component(ICAL.parse(text) as unknown[]);
const events = (text: string) =>
  parsed(text)
    .getAllSubcomponents('vevent')
    .map((one) => ({
      uid: one.getFirstPropertyValue('uid'),
      summary: one.getFirstPropertyValue('summary'),
      status: one.getFirstPropertyValue('status'),
      sequence: one.getFirstPropertyValue('sequence'),
      start: (one.getFirstPropertyValue('dtstart') as InstanceType<typeof ICAL.Time>)
        .toJSDate()
        .toISOString(),
    }));

describe('a file of one appointment', () => {
  it('says when and no more; moved and called off it is the same event, further on', async () => {
    const visit = await clinic.book(patient, clinician, 'Palpitations');
    const url = `/api/appointments/${visit.id}/calendar.ics`;
    const file = async (more = '') => (await fetch(url + more, { cookie: patient.cookie })).body;
    const first = await fetch(url, { cookie: patient.cookie });
    expect(first.headers['content-type']).toBe('text/calendar; charset=utf-8');
    expect(parsed(first.body).getFirstPropertyValue('method')).toBe('PUBLISH');
    expect(events(first.body)).toEqual([
      {
        uid: visit.id,
        summary: 'Appointment',
        status: 'CONFIRMED',
        sequence: 0,
        start: visit.start,
      },
    ]);
    for (const word of ['Wigglesworth', 'Palpitations', patient.id, clinician.id])
      expect(first.body).not.toContain(word);
    expect(events(await file('?words=mode'))[0]!.summary).toBe('Video visit');
    expect(events(await file('?words=person'))[0]!.summary).toMatch(/^Appointment with /);
    const asked = { clinician: clinician.id, from: visit.start, to: iso(opening + day) };
    const [slot] = (await patient.post<FreeSlot[]>('/api/slots', asked)).body;
    await patient.post(`/api/appointments/${visit.id}/reschedule`, { slotId: slot!.id }, key());
    expect(events(await file())).toMatchObject([
      { uid: visit.id, sequence: 1, start: slot!.start, status: 'CONFIRMED' },
    ]);
    await patient.post(`/api/appointments/${visit.id}/cancel`, {});
    const last = await file();
    expect(parsed(last).getFirstPropertyValue('method')).toBe('CANCEL');
    expect(events(last)).toMatchObject([{ uid: visit.id, sequence: 2, status: 'CANCELLED' }]);
    const stranger = await clinic.person('patient');
    expect((await fetch(url, { cookie: stranger.cookie })).statusCode).toBe(404);
    expect((await fetch(url)).statusCode).toBe(401);
    // A patient's name does not leave by a file of staff.
    const other = await clinic.book(patient, clinician);
    const by = `/api/appointments/${other.id}/calendar.ics?words=person`;
    expect((await fetch(by, { cookie: clinician.cookie })).statusCode).toBe(422);
  });
});

describe('a feed', () => {
  let reader: Person;
  beforeAll(async () => {
    reader = await clinic.person('patient', 'Wigglesworth');
  });
  const path = (feed: NewFeed): string => new URL(feed.url).pathname;

  it('is read by its secret address alone, in no log, until its owner ends it', async () => {
    const visit = await clinic.book(reader, await clinic.clinician());
    const { status, body: feed } = await reader.post<NewFeed>('/api/feeds', { words: 'person' });
    expect(status).toBe(201);
    const secret = path(feed).split('/')[3]!;
    expect(secret).toMatch(/^[\w-]{43}$/);
    const answer = await fetch(path(feed));
    const mine = events(answer.body).find((one) => one.uid === visit.id);
    expect(mine).toMatchObject({ start: visit.start, status: 'CONFIRMED' });
    expect(mine!.summary).toContain('Appointment with ');
    expect(answer.body).not.toContain('Wigglesworth');
    const tag = answer.headers.etag as string;
    clinic.clock.advance(60_000);
    expect((await fetch(path(feed), { 'if-none-match': tag })).statusCode).toBe(304);
    // Kept as a hash, and nowhere else: not in a line of the log, not in the trail.
    expect(clinic.log.text()).toContain('/api/feeds/:feed/calendar.ics');
    expect(clinic.log.text()).not.toContain(secret);
    const { rows } = await clinic.data.ownerDb.query<{ secret: Buffer }>(
      'select * from visits.feed',
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
    const { rows: trail } = await clinic.data.ownerDb.query('select * from access.audit_event');
    expect(JSON.stringify(trail)).not.toContain(secret);
    const list = await reader.get<Feed[]>('/api/feeds');
    expect(list.body).toMatchObject([{ id: feed.id, words: 'person', lastRead: iso(opening) }]);
    expect(JSON.stringify(list.body)).not.toContain(secret);
    const drop = (who: Person) =>
      clinic.http.inject({
        method: 'DELETE',
        url: `/api/feeds/${feed.id}`,
        headers: { host: 'localhost:8170', origin: baseUrl, cookie: who.cookie },
      });
    expect((await drop(clinician)).statusCode).toBe(404);
    expect((await drop(reader)).statusCode).toBe(204);
    expect((await fetch(path(feed))).statusCode).toBe(404);
    expect((await fetch('/api/feeds/nothing/calendar.ics')).statusCode).toBe(404);
  });

  it('of staff tells no patient, whatever is asked; it ends with the account', async () => {
    const who = await clinic.clinician();
    const mine = await clinic.person('patient', 'Wigglesworth');
    await clinic.book(mine, who, 'Palpitations');
    expect((await who.post('/api/feeds', { words: 'person' })).status).toBe(422);
    const { body: feed } = await who.post<NewFeed>('/api/feeds', {});
    const { body } = await fetch(path(feed));
    expect(events(body).map((one) => one.summary)).toEqual(['Appointment']);
    for (const word of ['Wigglesworth', 'Palpitations', mine.id]) expect(body).not.toContain(word);
    const more = await Promise.all(Array.from({ length: 8 }, () => who.post('/api/feeds', {})));
    expect(more.filter(({ status }) => status === 201)).toHaveLength(4);
    expect((await who.post('/api/feeds', {})).status).toBe(409);
    await clinic.access.accounts.change(1, who.account, { status: 'disabled' });
    expect((await fetch(path(feed))).statusCode).toBe(404);
  });
});

describe('[IHE ITI Scheduling] Appointment/$find, $hold, $book', () => {
  it('who books nothing holds nothing, by whichever door', async () => {
    const trainee = await clinic.person('trainee');
    const slot = await clinic.firstSlot(clinician);
    expect((await trainee.post('/api/holds', { slotId: slot.id })).status).toBe(403);
  });

  const call = (who: Person, name: string, parameter: object[], headers = {}) =>
    who.post<Bundle>(
      `/fhir/R4/Appointment/$${name}`,
      { resourceType: 'Parameters', parameter },
      { 'content-type': 'application/fhir+json', ...headers },
    );
  const reference = (name: string, value: string) => ({
    name,
    valueReference: { reference: value },
  });

  it('find, hold and book one time; somebody else is told that it is gone', async () => {
    const doctor = await clinic.clinician();
    const patient = await clinic.person('patient');
    const range = [
      { name: 'start', valueDateTime: iso(opening) },
      { name: 'end', valueDateTime: iso(opening + day) },
    ];
    const found = await call(patient, 'find', [
      ...range,
      reference('practitioner', `Practitioner/${doctor.id}`),
    ]);
    const proposals = found.body.entry!.map((one) => one.resource as Appointment);
    expect(proposals[0]).toMatchObject({ status: 'proposed', start: expect.any(String) as string });
    expect(new Set(proposals.map((one) => one.participant[0]!.actor!.reference))).toEqual(
      new Set([`Practitioner/${doctor.id}`]),
    );
    const [first] = proposals;
    const held = await call(patient, 'hold', [
      reference('appointment-reference', `Appointment/${first!.id}`),
    ]);
    const pending = held.body.entry![0]!.resource as Appointment;
    const hold = pending.extension![0]!.extension!.find((one) => one.url === 'id')!.valueId!;
    expect(pending.status).toBe('pending');
    const rival = await clinic.person('patient');
    const book = (who: Person, more: object[] = []) =>
      call(who, 'book', [
        reference('appointment-reference', `Appointment/${first!.id}`),
        { name: 'reason', valueString: 'A rash' },
        ...more,
      ]);
    expect((await book(rival)).status).toBe(409);
    const done = await book(patient, [{ name: 'hold', valueString: hold }]);
    const booked = done.body.entry![0]!.resource as Appointment;
    expect(booked).toMatchObject({ status: 'booked', start: first!.start });
    const { body } = await patient.get<AppointmentView>(`/api/visits/${booked.id}`);
    expect(body).toMatchObject({ state: 'booked', reason: 'A rash' });
    // Not for another, not by whoever has no appointments.
    const forOther = [reference('patient-reference', `Patient/${patient.id}`)];
    expect((await book(rival, forOther)).status).toBe(403);
    for (const role of ['administrator', 'auditor', 'pharmacist'] as const)
      expect((await book(await clinic.person(role))).status).toBe(403);
  });

  it('grants nothing: a program that may only read finds times and books none', async () => {
    const doctor = await clinic.clinician();
    const who = await clinic.person('patient');
    const token = async (id: string, scope: string): Promise<string> => {
      const secret = randomBytes(32).toString('base64url');
      await clinic.access.clients.create({ tenant: 1, id, secret, scope });
      const answer = await clinic.http.inject({
        method: 'POST',
        url: '/oauth/token',
        headers: {
          host: 'localhost:8170',
          authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
      });
      return answer.json<{ access_token: string }>().access_token;
    };
    const slot = await clinic.firstSlot(doctor);
    const by = (bearer: string, name: string, parameter: object[]) =>
      clinic.http.inject({
        method: 'POST',
        url: `/fhir/R4/Appointment/$${name}`,
        headers: {
          host: 'localhost:8170',
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/fhir+json',
        },
        payload: { resourceType: 'Parameters', parameter },
      });
    const time = reference('appointment-reference', `Appointment/${slot.id}`);
    const booking = [
      time,
      reference('patient-reference', `Patient/${who.id}`),
      { name: 'reason', valueString: 'x' },
    ];
    const looking = await token('looker', 'system/Slot.rs system/Appointment.rs');
    const range = [
      { name: 'start', valueDateTime: iso(opening) },
      { name: 'end', valueDateTime: iso(opening + day) },
    ];
    expect((await by(looking, 'find', range)).statusCode).toBe(200);
    expect((await by(looking, 'find', range.slice(1))).statusCode).toBe(400);
    expect((await by(looking, 'hold', [time])).statusCode).toBe(403);
    expect((await by(looking, 'book', booking)).statusCode).toBe(403);
    const desk = await token('desk', 'system/*.cruds');
    expect((await by(desk, 'book', booking.slice(0, 1))).statusCode).toBe(422);
    const done = await by(desk, 'book', booking);
    expect([done.statusCode, done.json<Bundle>().total]).toEqual([200, 1]);
  });
});
