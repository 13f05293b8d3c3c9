/** A visit with its patient and clinician over two API processes: another one for each test, and nothing left open after it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { AppointmentView, JoinTicket } from '../contract.ts';
import type { Peer, ServerMessage } from '../messages.ts';
import { socketOf, type BrowserSocket } from './browser-socket.ts';
import { openClinic, type Clinic, type Instance, type Person } from './clinic.ts';

interface Seated {
  at: BrowserSocket;
  is: Extract<ServerMessage, { type: 'joined' }>;
}

interface Meeting {
  clinic: Clinic;
  second: Instance;
  clinician: Person;
  patient: Person;
  /** Admitted. */
  visit: AppointmentView;
  /** Closed after the test. */
  kept(at: BrowserSocket): BrowserSocket;
  socket(who: Person, on?: Instance, visit?: string): Promise<BrowserSocket>;
  ticket(who: Person, visit?: string): Promise<JoinTicket>;
  joined(who: Person, on?: Instance): Promise<Seated>;
  /** Of somebody who has said with which ticket she comes. */
  seated(at: BrowserSocket): Promise<Seated>;
}

/** To be called once in a file of tests: it opens its clinic before the first of them, and a visit before each. */
export function meetings(...opening: Parameters<typeof openClinic>): Meeting {
  const open: BrowserSocket[] = [];
  const day = {
    kept(at) {
      open.push(at);
      return at;
    },
    socket: async (who, on = day.clinic, visit = day.visit.id) =>
      day.kept(await socketOf(on, who, visit)),
    ticket: async (who, visit = day.visit.id) =>
      (await who.post<JoinTicket>(`/api/visits/${visit}/join`)).body,
    async joined(who, on) {
      const { token } = await day.ticket(who);
      const at = await day.socket(who, on);
      at.say({ type: 'join', token });
      return { at, is: await at.hear('joined') };
    },
    seated: async (at) => ({ at: day.kept(at), is: await at.hear('joined') }),
  } as Meeting;
  beforeAll(async () => {
    day.clinic = await openClinic(...opening);
    day.second = await day.clinic.another();
    day.clinician = await day.clinic.clinician();
  });
  afterAll(() => day.clinic.closeAll());
  beforeEach(async () => {
    day.patient = await day.clinic.person('patient');
    day.visit = await day.clinic.admitted(day.patient, day.clinician);
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.close();
    await day.clinician.post(`/api/visits/${day.visit.id}/end`, {});
  });
  return day;
}

/** The first roster from here on that fits. */
export async function rosterWhen(
  at: BrowserSocket,
  fits: (told: Extract<ServerMessage, { type: 'roster' }>) => boolean,
): Promise<Extract<ServerMessage, { type: 'roster' }>> {
  for (;;) {
    const told = await at.hear('roster');
    if (fits(told)) return told;
  }
}

export const seatIn = (people: readonly Peer[], role: Peer['role']): Peer =>
  people.find((one) => one.role === role)!;
