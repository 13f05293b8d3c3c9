/** The order of the queue, and the wait that is told. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, IntakeResult, Queue, WaitingStatus } from '../contract.ts';
import { checks, openClinic, type Clinic } from '../testing/clinic.ts';
import { well } from '../testing/samples.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.closeAll());

describe('the order of the queue', () => {
  it('a red flag answer is told at once and comes first; others wait by arrival', async () => {
    const doctor = await clinic.clinician();
    const people = await Promise.all([1, 2, 3].map(() => clinic.person('patient')));
    const visits: AppointmentView[] = [];
    for (const one of people) {
      const visit = await clinic.book(one, doctor);
      visits.push(visit);
      clinic.clock.advance(1000);
      await one.post(`/api/visits/${visit.id}/arrive`, { checks });
    }
    const positions = async (): Promise<unknown[]> =>
      Promise.all(
        people.map(
          async (one, n) =>
            (await one.post<WaitingStatus>(`/api/visits/${visits[n]!.id}/heartbeat`)).body.position,
        ),
      );
    expect(await positions()).toEqual([1, 2, 3]);
    const flagged = await people[2]!.post<IntakeResult>(
      `/api/appointments/${visits[2]!.id}/intake`,
      {
        answers: { ...well, 'chest-pain': true },
      },
    );
    expect(flagged.body).toMatchObject({
      redFlag: true,
      messageKey: 'intake.emergency',
      flagged: ['chest-pain'],
    });
    expect(await positions()).toEqual([2, 3, 1]);
    const [first] = (await doctor.get<Queue>('/api/queue')).body.entries;
    expect(first).toMatchObject({ id: visits[2]!.id, redFlag: true, priority: 0 });
  });

  it('the wait is told only when it is known from three visits', async () => {
    const doctor = await clinic.clinician();
    const wait = async (): Promise<unknown> => {
      const who = await clinic.person('patient');
      const visit = await clinic.book(who, doctor);
      await who.post(`/api/visits/${visit.id}/arrive`, { checks });
      const { body } = await who.post<WaitingStatus>(`/api/visits/${visit.id}/heartbeat`);
      await doctor.post(`/api/visits/${visit.id}/admit`);
      clinic.clock.advance(10 * 60_000);
      await doctor.post(`/api/visits/${visit.id}/end`, {});
      return body.waitMinutes;
    };
    expect([await wait(), await wait(), await wait(), await wait()]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
    const ahead = await clinic.person('patient');
    const behind = await clinic.person('patient');
    await clinic.admitted(ahead, doctor);
    const visit = await clinic.book(behind, doctor);
    await behind.post(`/api/visits/${visit.id}/arrive`, { checks });
    const { body } = await behind.post<WaitingStatus>(`/api/visits/${visit.id}/heartbeat`);
    expect(body).toMatchObject({ position: 1, waitMinutes: 10 });
  });
});
