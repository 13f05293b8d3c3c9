/** The waitlist: who is asked when, for whom one may wait, and what nobody may see of others who do. */
import type { Patient, RelatedPerson } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppointmentView, FreeSlot, Waitlist, WaitlistEntry } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
  await clinic.deps.jobs.start();
});
afterAll(() => clinic.closeAll());

/** 12:00 New York time, once a day: who has it has the day. */
const daily = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  day: weekday as 1,
  start: '12:00',
  end: '12:30',
}));
const today = '2027-03-10';
const later = '2027-03-11';

const join = (who: Person, clinician: Person, more = {}) =>
  who.post<WaitlistEntry & { issue: { expression: string[] }[] }>(
    '/api/waitlist',
    {
      clinicians: [clinician.id],
      type: 'video',
      reason: 'Waiting',
      from: today,
      to: today,
      ...more,
    },
    key(),
  );

const entryOf = async (who: Person, id: string, query = ''): Promise<WaitlistEntry | undefined> =>
  (await who.get<Waitlist>(`/api/waitlist${query}`)).body.entries.find((one) => one.id === id);

async function becomes(who: Person, id: string, state: WaitlistEntry['state']): Promise<void> {
  const now = async () => (await entryOf(who, id))?.state;
  await expect.poll(now, { timeout: 15_000, interval: 100 }).toBe(state);
}

const answer = (who: Person, entry: WaitlistEntry | undefined, what: 'accept' | 'decline') =>
  who.post<AppointmentView>(`/api/waitlist/offers/${entry!.offer!.id}/${what}`);

it('urgent first; a no passes it on; leaving passes it on; a yes moves what she gives up for it', async () => {
  const clinician = await clinic.clinician({ hours: daily });
  const [holder, first, urgent, third] = await Promise.all(
    [1, 2, 3, 4].map(() => clinic.person('patient')),
  );
  const visit = await clinic.book(holder!, clinician);
  expect(visit.start).toBe('2027-03-10T17:00:00.000Z');
  const one = (await join(first!, clinician)).body;
  clinic.clock.advance(1_000);
  const two = (await join(urgent!, clinician, { urgent: true })).body;
  clinic.clock.advance(1_000);
  // She has tomorrow's and would rather come today.
  const hers = await clinic.book(third!, clinician);
  expect(hers.start.slice(0, 10)).toBe(later);
  const three = (await join(third!, clinician, { instead: hers.id })).body;

  await holder!.post(`/api/appointments/${visit.id}/cancel`, {});
  await becomes(urgent!, two.id, 'offered');
  expect((await entryOf(first!, one.id))?.state).toBe('waiting');
  expect((await answer(urgent!, await entryOf(urgent!, two.id), 'decline')).status).toBe(204);
  await becomes(first!, one.id, 'offered');
  // Asked once: she is not asked for the same time again.
  expect((await entryOf(urgent!, two.id))?.state).toBe('waiting');
  expect((await first!.post(`/api/waitlist/${one.id}/leave`)).status).toBe(204);
  expect((await first!.post(`/api/waitlist/${one.id}/leave`)).status).toBe(204);
  await becomes(third!, three.id, 'offered');
  const { status, body } = await answer(third!, await entryOf(third!, three.id), 'accept');
  expect([status, body.id, body.start]).toEqual([200, hers.id, visit.start]);
  // The day she gave up came free for nobody who waits for another.
  expect((await clinic.firstSlot(clinician)).start.slice(0, 10)).toBe(later);
  await becomes(third!, three.id, 'booked');
});

it('by the wall clock of the clinician: days, hours and warning that she named', async () => {
  const clinician = await clinic.clinician({ hours: daily, horizonDays: 5 });
  const wish = async (more: object) => {
    const who = await clinic.person('patient');
    return { who, entry: (await join(who, clinician, { to: '2027-03-14', ...more })).body };
  };
  const friday = await wish({ days: [5] });
  const night = await wish({ times: [{ start: '20:00', end: '24:00' }] });
  const slow = await wish({ noticeMinutes: 3 * 24 * 60 });
  await becomes(friday.who, friday.entry.id, 'offered');
  await becomes(slow.who, slow.entry.id, 'offered');
  expect((await entryOf(friday.who, friday.entry.id))?.offer?.start).toBe(
    '2027-03-12T17:00:00.000Z',
  );
  // Three days' warning; the 14th is after the clocks changed.
  expect((await entryOf(slow.who, slow.entry.id))?.offer?.start).toBe('2027-03-13T17:00:00.000Z');
  expect((await entryOf(night.who, night.entry.id))?.state).toBe('waiting');
});

it('a mother waits for her child, and for nobody else’s; staff see and ask those they care for', async () => {
  const clinician = await clinic.clinician({ hours: daily });
  const stranger = await clinic.clinician({ hours: daily });
  const mother = await clinic.person('patient');
  const child = async () =>
    (
      await clinic.records.create<Patient>(clinic.system, {
        resourceType: 'Patient',
        name: [{ family: 'Okonjo', given: ['Bo'] }],
      })
    ).id;
  const [own, foreign] = [await child(), await child()];
  const related = await clinic.records.create<RelatedPerson>(clinic.system, {
    resourceType: 'RelatedPerson',
    active: true,
    patient: { reference: `Patient/${own}` },
  });
  await clinic.access.accounts.change(1, mother.account, {
    personal: { proxies: [{ related: related.id, patient: own }] },
  });
  const far = { from: '2027-06-01', to: '2027-06-02', place: 'US-NY' };
  const made = await join(mother, clinician, { ...far, patient: own });
  expect(made.status).toBe(201);
  expect((await join(mother, clinician, { ...far, patient: foreign })).status).toBe(403);
  const { id } = made.body;
  expect(await entryOf(mother, id)).toBeUndefined();
  expect((await entryOf(mother, id, `?patient=${own}`))?.reason).toBe('Waiting');
  const other = await clinic.person('patient');
  expect((await other.post(`/api/waitlist/${id}/leave`)).status).toBe(404);
  expect((await other.get(`/api/waitlist?patient=${own}`)).status).toBe(403);
  expect((await other.get(`/api/waitlist?clinician=${clinician.id}`)).status).toBe(403);
  // She does not care for the child yet: the entry is not there for her.
  expect(await entryOf(clinician, id, `?clinician=${clinician.id}`)).toBeUndefined();
  const slot = await clinic.firstSlot(clinician);
  const offer = (by: Person) =>
    by.post<WaitlistEntry>(`/api/waitlist/${id}/offer`, { slotId: slot.id });
  expect((await offer(clinician)).status).toBe(404);
  const week = { slotId: (await tomorrow(clinician)).id, type: 'video', reason: 'x', patient: own };
  const booked = await mother.post('/api/appointments', { ...week, place: 'US-NY' }, key());
  expect(booked.status).toBe(201);
  expect((await entryOf(clinician, id, `?clinician=${clinician.id}`))?.patient?.name).toBe(
    'Bo Okonjo',
  );
  expect(await entryOf(stranger, id, `?clinician=${clinician.id}`)).toBeUndefined();
  expect((await offer(clinician)).body.offer?.start).toBe(slot.start);
  expect((await offer(clinician)).status).toBe(409);
  const mine = await entryOf(mother, id, `?patient=${own}`);
  expect((await answer(other, mine, 'accept')).status).toBe(404);
  expect((await answer(stranger, mine, 'decline')).status).toBe(404);
  await clinic.records.update(clinic.system, { ...related.resource, active: false });
  expect((await answer(mother, mine, 'accept')).status).toBe(404);
});

async function tomorrow(clinician: Person): Promise<FreeSlot> {
  return clinic.firstSlot(clinician, Date.parse(`${later}T00:00:00Z`));
}

it('faults are told all at once, and five wishes are enough', async () => {
  const clinician = await clinic.clinician({ hours: daily });
  const who = await clinic.person('patient');
  const { status, body } = await join(who, clinician, {
    clinicians: [],
    type: 'dream',
    reason: ' ',
    from: '2027-03-10',
    to: '2028-03-10',
    days: [8],
    times: [{ start: '12:00', end: '11:00' }],
    noticeMinutes: -1,
    place: 'Atlantis',
  });
  expect(status).toBe(422);
  expect(body.issue.map((one) => one.expression[0])).toEqual([
    'clinicians',
    'type',
    'reason',
    'to',
    'days',
    'times',
    'noticeMinutes',
    'place',
  ]);
  const far = { from: '2027-06-01', to: '2027-06-02' };
  const all = await Promise.all(Array.from({ length: 7 }, () => join(who, clinician, far)));
  expect(all.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([
    201, 201, 201, 201, 201, 409, 409,
  ]);
  // What another has booked is not hers to give up.
  const other = await clinic.person('patient');
  const visit = await clinic.book(other, clinician);
  const swap = await join(await clinic.person('patient'), clinician, { instead: visit.id });
  expect(swap.status).toBe(422);
});
