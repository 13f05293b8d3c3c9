/** Visits from a free time to two seats taken, each step a phase that is counted. */
import { inParallel } from '../load.ts';
import type { Pair } from './clinic.ts';
import { ask, Seat, signIn, type SocketEvents, type Way } from './person.ts';
import { Tally } from './tally.ts';

export interface Visit {
  pair: Pair;
  /** Cookies. */
  patient: string;
  clinician: string;
  id: string;
  seats: Seat[];
}

export interface Run {
  /** One phase: its line is printed, its errors are added up. */
  phase(name: string, work: (tally: Tally) => Promise<void>): Promise<void>;
  readonly errors: number;
}

/** @param cpu CPU ms of what is measured, since its start */
export function startRun(cpu: () => number): Run {
  let errors = 0;
  console.log(Tally.head);
  return {
    async phase(name, work) {
      const tally = new Tally(name);
      const before = cpu();
      await work(tally);
      console.log(tally.line(cpu() - before));
      errors += tally.errors;
    },
    get errors() {
      return errors;
    },
  };
}

/** One request; another answer than the one that is due is an error. */
export async function must<T>(
  tally: Tally,
  due: number,
  ...request: Parameters<typeof ask>
): Promise<T | undefined> {
  try {
    const { status, body, ms } = await ask<T>(...request);
    tally.took(ms);
    if (status === due) return body;
    tally.failed(`${request[2]} ${request[3].replace(/[0-9a-f-]{36}/, ':id')}: ${status}`);
  } catch (error) {
    tally.failed((error as Error).message);
  }
  return undefined;
}

const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };

/**
 * Signs everybody in, books, lets patients arrive and clinicians admit them, takes both seats.
 * @param ways of the API processes; patient and clinician of a visit sit on the same one, or on two, in turns
 * @returns visits with their seats; one that failed on the way is not among them
 */
export async function visitsUnderWay(
  run: Run,
  pairs: readonly Pair[],
  ways: Way[],
  events: (visit: Visit, which: number) => SocketEvents,
): Promise<Visit[]> {
  const visits: Visit[] = pairs.map((pair) => ({
    pair,
    patient: '',
    clinician: '',
    id: '',
    seats: [],
  }));
  const way = (n: number): Way => ways[n % ways.length]!;
  await run.phase('sign in', (tally) =>
    inParallel(visits.length, async (n) => {
      const visit = visits[n]!;
      const began = performance.now();
      visit.patient = await signIn(way(n), visit.pair.patient.email);
      visit.clinician = await signIn(way(n + 1), visit.pair.clinician.email);
      tally.took((performance.now() - began) / 2);
    }),
  );
  const from = new Date().toISOString();
  const to = new Date(Date.now() + 2 * 86_400_000).toISOString();
  await run.phase('find a time and book', (tally) =>
    inParallel(visits.length, async (n) => {
      const visit = visits[n]!;
      const look = { clinician: visit.pair.clinician.id, from, to };
      const slots = await must<{ id: string }[]>(
        tally,
        200,
        way(n),
        visit.patient,
        'POST',
        '/api/slots',
        look,
      );
      if (!slots?.[0]) return;
      const wish = { slotId: slots[0].id, type: 'video', reason: 'A cough for a week' };
      const booked = await must<{ id: string }>(
        tally,
        201,
        way(n),
        visit.patient,
        'POST',
        '/api/appointments',
        wish,
      );
      visit.id = booked?.id ?? '';
    }),
  );
  const held = visits.filter(({ id }) => id);
  await run.phase('arrive', (tally) =>
    inParallel(held.length, async (n) => {
      const { id, patient } = held[n]!;
      await must(tally, 200, way(n), patient, 'POST', `/api/visits/${id}/arrive`, { checks });
    }),
  );
  await run.phase('admit', (tally) =>
    inParallel(held.length, async (n) => {
      const { id, clinician } = held[n]!;
      await must(tally, 200, way(n + 1), clinician, 'POST', `/api/visits/${id}/admit`);
    }),
  );
  await run.phase('join: ticket, socket, seat', (tally) =>
    inParallel(held.length, async (n) => {
      const visit = held[n]!;
      for (const [which, cookie] of [
        [n, visit.patient],
        [n >> 1, visit.clinician],
      ] as const) {
        const path = `/api/visits/${visit.id}/join`;
        const ticket = await must<{ token: string }>(tally, 200, way(which), cookie, 'POST', path);
        if (!ticket) continue;
        const seat = new Seat(ways, visit.id, cookie, events(visit, visit.seats.length));
        await seat.take(which, ticket.token).catch((error: Error) => tally.failed(error.message));
        visit.seats.push(seat);
      }
    }),
  );
  return held;
}
