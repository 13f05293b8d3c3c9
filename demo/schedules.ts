/** When each clinician of the demo can be booked. */
import { members, type MemberKey } from './clinic.ts';
import type { DemoSchedule } from './types.ts';

const week = [1, 2, 3, 4, 5, 6, 7] as const;
const workdays = [1, 2, 3, 4, 5] as const;

/** When each clinician can be booked: two by office hours, one every day from early to late. */
export function schedules(id: (name: string) => string): DemoSchedule[] {
  const rule = (
    key: MemberKey,
    rest: Pick<DemoSchedule, 'slotMinutes' | 'bufferAfter' | 'noticeMinutes' | 'hours' | 'modes'>,
  ): DemoSchedule => ({
    clinician: id(`practitioner ${key}`),
    zone: members[key].zone,
    bufferBefore: 0,
    capacity: 1,
    horizonDays: 60,
    exceptions: [],
    closures: [],
    active: true,
    ...rest,
  });
  return [
    rule('castellanos', {
      slotMinutes: 30,
      bufferAfter: 0,
      noticeMinutes: 30,
      modes: ['video', 'audio', 'in-person'],
      hours: workdays.flatMap((day) => [
        { day, start: '09:00', end: '12:00' },
        { day, start: '13:00', end: '17:00' },
      ]),
    }),
    rule('iturbide', {
      slotMinutes: 20,
      bufferAfter: 10,
      noticeMinutes: 60,
      modes: ['video', 'in-person'],
      hours: workdays.flatMap((day) => [
        { day, start: '09:00', end: '14:00' },
        ...(day === 5 ? [] : [{ day, start: '16:00', end: '19:00' }]),
      ]),
    }),
    rule('adeyemi', {
      slotMinutes: 20,
      bufferAfter: 0,
      // Ten minutes: whoever tries the demo wants a visit today.
      noticeMinutes: 10,
      modes: ['video', 'audio'],
      hours: week.map((day) => ({ day, start: '06:00', end: '24:00' })),
    }),
  ];
}
