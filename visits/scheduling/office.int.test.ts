/** What the office keeps, and the calendar that staff look at: times for whoever works there, people only for whoever cares. */
import type { HealthcareService, Location } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  Block,
  Calendar,
  ClinicClosure,
  FreeSlot,
  Hold,
  Resource,
  ScheduleRule,
} from '../contract.ts';
import { baseUrl, openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
let office: Person;
let nurse: Person;
let patient: Person;
beforeAll(async () => {
  clinic = await openClinic();
  office = await clinic.person('administrator');
  nurse = await clinic.person('nurse');
  patient = await clinic.person('patient', 'Featherstonehaugh');
});
afterAll(() => clinic.closeAll());

const hour = 3_600_000;
const day = 24 * hour;
const iso = (ms: number): string => new Date(ms).toISOString();
const drop = async (who: Person, url: string): Promise<number> =>
  (
    await clinic.http.inject({
      method: 'DELETE',
      url,
      headers: { host: 'localhost:8170', origin: baseUrl, cookie: who.cookie },
    })
  ).statusCode;
const daily = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  day: weekday as 1,
  start: '08:00',
  end: '18:00',
}));
const room = {
  kind: 'room',
  name: 'Garden room',
  capacity: 1,
  languages: [],
  zone: 'America/New_York',
  hours: daily,
  exceptions: [],
  closures: [],
  active: true,
};

async function starts(clinician: Person, from: string, more = {}): Promise<string[]> {
  const to = iso(Date.parse(from) + day);
  const ask = { clinician: clinician.id, from, to, ...more };
  const { body } = await patient.post<FreeSlot[]>('/api/slots', ask);
  return body.map((one) => one.start.slice(11, 16));
}

const calendar = async (who: Person, actors: string[], days = 1): Promise<Calendar> =>
  (
    await who.post<Calendar>('/api/calendar', {
      from: iso(opening),
      to: iso(opening + days * day),
      actors,
    })
  ).body;

describe('rooms and interpreters', () => {
  it('are kept by the office alone, as Location and HealthcareService', async () => {
    const { status, body } = await office.post<Resource>('/api/resources', room);
    expect(status).toBe(201);
    const stored = await nurse.get<Location>(`/fhir/R4/Location/${body.id}`);
    expect(stored.body).toMatchObject({ name: 'Garden room', status: 'active' });
    const service = await office.post<Resource>('/api/resources', {
      ...room,
      kind: 'interpreter',
      name: 'Sign language',
      languages: ['ase'],
      capacity: 2,
    });
    const kept = await nurse.get<HealthcareService>(
      `/fhir/R4/HealthcareService/${service.body.id}`,
    );
    expect(kept.body.communication).toEqual([
      { coding: [{ system: 'urn:ietf:bcp:47', code: 'ase' }] },
    ]);
    const shut = { ...room, active: false };
    expect((await office.put<Resource>(`/api/resources/${body.id}`, shut)).body.active).toBe(false);
    expect((await nurse.get<Resource[]>('/api/resources')).body).toHaveLength(2);
    for (const who of [nurse, patient]) {
      expect((await who.post('/api/resources', room)).status).toBe(403);
      expect((await who.put(`/api/resources/${body.id}`, room)).status).toBe(403);
    }
    expect((await patient.get('/api/resources')).status).toBe(403);
    const faults = await office.post<{ issue: { expression: string[] }[] }>('/api/resources', {
      kind: 'van',
      zone: 'Mars/Olympus',
      hours: [null],
      exceptions: {},
      closures: [],
    });
    expect(faults.status).toBe(422);
    expect(faults.body.issue.map((one) => one.expression[0])).toEqual([
      'kind',
      'name',
      'capacity',
      'zone',
      'hours[0].day',
      'hours[0].start',
      'hours[0].end',
      'exceptions[0].date',
      'exceptions[0].hours',
    ]);
  });

  it('a patient says a language, staff say which; neither is booked outside its hours', async () => {
    const { body: interpreter } = await office.post<Resource>('/api/resources', {
      ...room,
      kind: 'interpreter',
      name: 'Quechua',
      languages: ['qu'],
      hours: daily.map((one) => ({ ...one, start: '13:00', end: '14:00' })),
    });
    const clinician = await clinic.clinician();
    const noon = iso(opening);
    expect(await starts(clinician, noon, { interpreter: 'qu' })).toEqual(['18:00', '18:30']);
    const ask = { clinician: clinician.id, from: noon, to: iso(opening + day) };
    const nobody = await patient.post('/api/slots', { ...ask, interpreter: 'tlh' });
    expect(nobody.status).toBe(422);
    // Which one is free when is not for patients to try out.
    expect((await patient.post('/api/slots', { ...ask, with: [interpreter.id] })).status).toBe(403);
    const early = await clinic.firstSlot(clinician);
    const book = { slotId: early.id, type: 'video', reason: 'x', interpreter: 'qu' };
    const refused = await patient.post<{ issue: { expression?: string[] }[] }>(
      '/api/appointments',
      book,
      key(),
    );
    expect([refused.status, refused.body.issue[0]!.expression]).toEqual([409, ['interpreter']]);
    const named = { ...book, interpreter: undefined, with: [interpreter.id] };
    expect((await patient.post('/api/appointments', named, key())).status).toBe(403);
  });
});

describe('hours', () => {
  it('closed to the whole clinic by each schedule’s own day, and open again', async () => {
    const [home, away] = [
      await clinic.clinician({ slotMinutes: 240 }),
      await clinic.clinician({ zone: 'Asia/Kolkata', slotMinutes: 240 }),
    ];
    await clinic.book(await clinic.person('patient'), home);
    const rule = (await office.get<ScheduleRule>(`/api/schedules/${home.id}`)).body;
    const ask = { from: '2027-03-10', to: '2027-03-11', label: 'Stocktaking' };
    expect((await nurse.post('/api/closures', ask)).status).toBe(403);
    const once = key();
    const { status, body } = await office.post<ClinicClosure>('/api/closures', ask, once);
    expect((await office.post('/api/closures', ask, once)).body).toEqual(body);
    expect((await office.post('/api/closures', { ...ask, to: ask.from }, once)).status).toBe(422);
    expect((await office.get<unknown[]>('/api/closures')).body).toHaveLength(1);
    expect([status, body.appointments]).toEqual([201, 1]);
    // 13:00Z of the 12th is 09:00 in New York; Kolkata opened at 03:30Z.
    expect(await starts(home, '2027-03-10T15:00:00Z')).toEqual([]);
    expect((await starts(home, '2027-03-11T15:00:00Z'))[0]).toBe('14:00');
    expect((await starts(away, '2027-03-10T18:30:00Z')).length).toBe(0);
    expect((await starts(away, '2027-03-11T18:30:00Z'))[0]).toBe('03:30');
    const shown = await calendar(office, [home.id]);
    expect(shown.actors[0]).toMatchObject({
      open: [],
      closures: [{ label: 'Stocktaking', clinic: true, start: '2027-03-10T05:00:00.000Z' }],
    });
    // What is set by hand is left as it was.
    expect((await office.get<ScheduleRule>(`/api/schedules/${home.id}`)).body).toEqual(rule);
    expect(await drop(nurse, `/api/closures/${body.id}`)).toBe(403);
    expect(await drop(office, `/api/closures/${body.id}`)).toBe(204);
    expect(await drop(office, `/api/closures/${body.id}`)).toBe(404);
    expect((await starts(home, '2027-03-11T00:00:00Z')).length).toBeGreaterThan(0);
  });

  it('added to a day come on top of the week’s; hours that replace it do not', async () => {
    const evening = { date: '2027-03-11', hours: [{ start: '16:30', end: '18:00' }] };
    const clinician = await clinic.clinician({ exceptions: [{ ...evening, adds: true }] });
    const after = (times: string[]) => times.filter((one) => one >= '20:30');
    // 09:00 to 17:00 goes on to 18:00, on one grid.
    const long = ['20:30', '21:00', '21:30', '22:00', '22:30'];
    expect(after(await starts(clinician, '2027-03-11T14:00:00Z'))).toEqual(long);
    const other = await clinic.clinician({ exceptions: [evening] });
    expect(await starts(other, '2027-03-11T14:00:00Z')).toEqual(
      expect.arrayContaining(['21:30', '22:00', '22:30']),
    );
    expect((await starts(other, '2027-03-11T14:00:00Z'))[0]).toBe('21:30');
  });

  it('blocked by hand by whoever’s they are; what is booked stays in the way; more seats are blocked too', async () => {
    const clinician = await clinic.clinician();
    const stranger = await clinic.clinician();
    const visit = await clinic.book(await clinic.person('patient'), clinician);
    const block = (by: Person, from: string, to: string) =>
      by.post<Block & { issue: { diagnostics: string }[] }>('/api/blocks', {
        actor: clinician.id,
        from,
        to,
      });
    const busy = await block(clinician, visit.start, visit.end);
    expect([busy.status, busy.body.issue[0]!.diagnostics]).toEqual([
      409,
      '1 bookings or holds are in the way',
    ]);
    const [from, to] = ['2027-03-10T18:00:00.000Z', '2027-03-10T19:00:00.000Z'];
    for (const who of [stranger, nurse, patient])
      expect((await block(who, from, to)).status).toBe(403);
    const { status, body } = await block(clinician, from, to);
    expect(status).toBe(201);
    const rule = (await clinician.get<ScheduleRule>(`/api/schedules/${clinician.id}`)).body;
    await office.put(`/api/schedules/${clinician.id}`, { ...rule, capacity: 3 });
    const times = await starts(clinician, iso(opening));
    expect(times).not.toContain('18:00');
    expect(times).toContain('19:00');
    const shown = await calendar(clinician, [clinician.id]);
    expect(shown.actors[0]!.blocks).toEqual([{ id: body.id, start: from, end: to }]);
    expect(await drop(stranger, `/api/blocks/${body.id}`)).toBe(403);
    expect(await drop(clinician, `/api/blocks/${body.id}`)).toBe(204);
    expect(await starts(clinician, iso(opening))).toContain('18:00');
  });
});

describe('the calendar', () => {
  it('shows several side by side: people to whoever cares for them, taken time to everybody else', async () => {
    const { body: garden } = await office.post<Resource>('/api/resources', room);
    const [mine, other] = [
      await clinic.clinician({ rooms: [garden.id] }),
      await clinic.clinician(),
    ];
    const slot = await clinic.firstSlot(mine);
    const ask = { slotId: slot.id, type: 'in-person', reason: 'A swollen knee' };
    const booked = await patient.post<{ id: string }>('/api/appointments', ask, key());
    expect(booked.status).toBe(201);
    const [held] = (await calendarFree(other)).slice(2);
    await patient.post<Hold>('/api/holds', { slotId: held!.id });
    const actors = [other.id, mine.id, garden.id];
    const own = await calendar(mine, actors);
    expect(own.actors.map((one) => one.kind)).toEqual(['clinician', 'clinician', 'room']);
    expect(own.actors[0]!.holds).toEqual([
      { start: held!.start, end: held!.end, expires: iso(opening + 300_000) },
    ]);
    expect(own.actors[1]!.open).toEqual([
      { start: iso(opening), end: '2027-03-10T22:00:00.000Z' },
      { start: '2027-03-11T14:00:00.000Z', end: iso(opening + day) },
    ]);
    expect(own.entries).toEqual([
      {
        id: booked.body.id,
        start: slot.start,
        end: slot.end,
        state: 'booked',
        mode: 'in-person',
        reason: 'A swollen knee',
        urgent: false,
        redFlag: false,
        patient: {
          id: patient.id,
          name: 'Test Featherstonehaugh',
          birthDate: '1984-02-29',
        },
        actors: [mine.id, garden.id],
        canReschedule: true,
        canCancel: true,
      },
    ]);
    // Nobody else: the office and a colleague see that the room is taken.
    for (const who of [office, other, nurse]) {
      const { entries } = await calendar(who, [garden.id]);
      expect(entries).toEqual([
        {
          start: slot.start,
          end: slot.end,
          state: 'booked',
          urgent: false,
          redFlag: false,
          actors: [garden.id],
          canReschedule: false,
          canCancel: false,
        },
      ]);
    }
    expect(
      (await patient.post('/api/calendar', { from: iso(opening), to: iso(opening) })).status,
    ).toBe(403);
    const all = await calendar(office, ['*']);
    expect(all.actors.length).toBeGreaterThan(5);
    const moving = { clinician: mine.id, from: iso(opening), to: iso(opening + hour) };
    const named = { ...moving, moving: booked.body.id };
    expect((await other.post('/api/calendar/free', named)).status).toBe(404);
    const free = await mine.post<FreeSlot[]>('/api/calendar/free', named);
    expect(free.body.map((one) => one.start)).toContain(slot.start);
    const without = await mine.post<FreeSlot[]>('/api/calendar/free', moving);
    expect(without.body.map((one) => one.start)).not.toContain(slot.start);
  });

  const calendarFree = async (who: Person): Promise<FreeSlot[]> =>
    (
      await who.post<FreeSlot[]>('/api/calendar/free', {
        clinician: who.id,
        from: iso(opening),
        to: iso(opening + day),
      })
    ).body;

  it('refuses ranges no screen shows', async () => {
    const { status, body } = await office.post<{ issue: { expression: string[] }[] }>(
      '/api/calendar',
      { from: 'yesterday', to: iso(opening + 43 * day), actors: ['me'] },
    );
    expect(status).toBe(422);
    expect(body.issue.map((one) => one.expression[0])).toEqual(['from', 'to', 'actors']);
  });
});
