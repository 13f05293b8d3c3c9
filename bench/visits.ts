/**
 * `npm run bench:visits`: 3,000 visits at once (6,000 sockets) on two API processes and one PostgreSQL on this machine: booked, arrived,
 * admitted, joined, negotiated, held with renewals, ended. Prints counts, latencies, CPU and errors, and exits with 1 on any error.
 *
 * AFAR_BENCH_VISITS (3000), AFAR_BENCH_HOLD seconds (60), AFAR_BENCH_PORT (8140).
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '@afar/platform';
import { inParallel } from './load.ts';
import { cpuOfTree, startProgram, untilAnswers, type Program } from './processes.ts';
import { fillClinic, type Pair } from './visits/clinic.ts';
import { ask, Seat, signIn, type Way } from './visits/person.ts';
import { Tally } from './visits/tally.ts';

const total = Number(process.env.AFAR_BENCH_VISITS ?? 3000);
const holdSeconds = Number(process.env.AFAR_BENCH_HOLD ?? 60);
const firstPort = Number(process.env.AFAR_BENCH_PORT ?? 8140);

const folder = mkdtempSync(join(tmpdir(), 'afar-bench-visits-'));
const data = join(folder, 'data');
mkdirSync(data, { mode: 0o711 });
const quiet = { info() {}, warn() {}, error() {}, debug() {}, child: () => quiet };
const cluster = await startCluster({
  folder: join(folder, 'database'),
  adminPassword: randomUUID(),
  log: quiet,
});
const origin = `http://localhost:${firstPort}`;
const common = {
  AFAR_DATA: data,
  AFAR_MODE: 'demo',
  AFAR_BASE_URL: origin,
  AFAR_LICENCES: 'off',
  AFAR_RATE_SOURCE: '0',
  AFAR_RATE_USER: '0',
  AFAR_RATE_CLIENT: '0',
  AFAR_MOST_AT_ONCE: '0',
  DATABASE_URL: cluster.adminUrl,
};

interface Visit {
  pair: Pair;
  patient: string;
  clinician: string;
  id: string;
  seats: Seat[];
}

const programs: Program[] = [];
const tallies: Tally[] = [];
let failures = 0;

const cpu = (): number =>
  cpuOfTree(cluster.pid) + programs.reduce((sum, { pid }) => sum + cpuOfTree(pid), 0);

/** Resident memory of a process, MiB. */
const rss = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

async function phase(name: string, work: (tally: Tally) => Promise<void>): Promise<void> {
  const tally = new Tally(name);
  tallies.push(tally);
  const before = cpu();
  await work(tally);
  console.log(tally.line(cpu() - before));
  failures += tally.errors;
}

/** One request; another answer than the one that is due is an error. */
async function must<T>(
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

try {
  const ways: Way[] = [];
  for (const n of [0, 1]) {
    const port = firstPort + n;
    const program = startProgram(
      [resolve(import.meta.dirname, '..', 'server/main.ts')],
      { ...common, AFAR_PORT: String(port) },
      join(folder, `server-${n}.log`),
    );
    programs.push(program);
    await untilAnswers(`http://127.0.0.1:${port}/readyz`, program);
    ways.push({ origin, port });
  }
  console.log(`${total} visits on two API processes; ${holdSeconds} s held`);
  const pairs = await fillClinic(common, total);
  const visits: Visit[] = pairs.map((pair) => ({
    pair,
    patient: '',
    clinician: '',
    id: '',
    seats: [],
  }));
  const way = (n: number): Way => ways[n % 2]!;

  console.log(Tally.head);
  await phase('sign in', async (tally) => {
    await inParallel(total, async (n) => {
      const visit = visits[n]!;
      const began = performance.now();
      visit.patient = await signIn(way(n), visit.pair.patient.email);
      visit.clinician = await signIn(way(n + 1), visit.pair.clinician.email);
      tally.took((performance.now() - began) / 2);
    });
  });
  const from = new Date().toISOString();
  const to = new Date(Date.now() + 2 * 86_400_000).toISOString();
  await phase('find a time and book', (tally) =>
    inParallel(total, async (n) => {
      const visit = visits[n]!;
      const clinician = visit.pair.clinician.id;
      const slots = await must<{ id: string }[]>(
        tally,
        200,
        way(n),
        visit.patient,
        'POST',
        '/api/slots',
        { clinician, from, to },
      );
      if (!slots?.[0]) return;
      const body = { slotId: slots[0].id, type: 'video', reason: 'A cough for a week' };
      const booked = await must<{ id: string }>(
        tally,
        201,
        way(n),
        visit.patient,
        'POST',
        '/api/appointments',
        body,
      );
      visit.id = booked?.id ?? '';
    }),
  );
  const held = visits.filter(({ id }) => id);
  const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
  await phase('arrive', (tally) =>
    inParallel(held.length, async (n) => {
      const { id, patient } = held[n]!;
      await must(tally, 200, way(n), patient, 'POST', `/api/visits/${id}/arrive`, { checks });
    }),
  );
  await phase('admit', (tally) =>
    inParallel(held.length, async (n) => {
      const { id, clinician } = held[n]!;
      await must(tally, 200, way(n + 1), clinician, 'POST', `/api/visits/${id}/admit`);
    }),
  );
  const relays = new Tally('message to the other end');
  let lost = 0;
  await phase('join: ticket, socket, seat', (tally) =>
    inParallel(held.length, async (n) => {
      const visit = held[n]!;
      for (const [which, cookie] of [
        [n, visit.patient],
        [n >> 1, visit.clinician],
      ] as const) {
        const ticket = await must<{ token: string }>(
          tally,
          200,
          way(which),
          cookie,
          'POST',
          `/api/visits/${visit.id}/join`,
        );
        if (!ticket) continue;
        const seat = new Seat(ways, visit.id, cookie, {
          relayed: (ms) => relays.took(ms),
          lost: (code) => {
            lost++;
            tally.failed(`socket closed with ${code}`);
          },
          failed: (code) => tally.failed(code),
        });
        await seat.take(which, ticket.token).catch((error: Error) => tally.failed(error.message));
        visit.seats.push(seat);
      }
    }),
  );
  const seats = held.flatMap((visit) => visit.seats);
  const before = cpu();
  const saidBefore = performance.now();
  let said = 0;
  // Negotiation: a dozen messages of each end, over a minute's worth of calls beginning.
  await inParallel(held.length, async (n) => {
    for (let i = 0; i < 12; i++)
      for (const seat of held[n]!.seats) {
        if (!seat.other) continue;
        seat.say();
        said++;
      }
    await sleep(20);
  });
  await sleep(2_000);
  console.log(relays.line(cpu() - before));
  const silent = said - Number(/^.{28}\s*(\d+)/.exec(relays.line())![1]);
  if (silent) console.log(`${silent} of ${said} messages did not arrive`);
  failures += silent;
  console.log(
    `(${(said / ((performance.now() - saidBefore) / 1000)).toFixed(0)} messages a second offered)`,
  );

  const cpuHold = cpu();
  const holdBegan = performance.now();
  for (let second = 0; second < holdSeconds; second++) {
    const tick = performance.now();
    // Each renews every 20 s, spread evenly.
    for (let n = second % 20; n < seats.length; n += 20) seats[n]!.renew();
    await sleep(Math.max(0, 1000 - (performance.now() - tick)));
  }
  const heldFor = (performance.now() - holdBegan) / 1000;
  const spent = cpu() - cpuHold;
  console.log(
    `held ${heldFor.toFixed(0)} s: ${seats.length} sockets, ${lost} lost; CPU ${((spent / heldFor / 1000) * 100).toFixed(1)} % of one core, ` +
      `${(spent / heldFor / held.length).toFixed(3)} ms a second and visit; memory ${programs.map(({ pid }) => `${rss(pid).toFixed(0)} MiB`).join(', ')}`,
  );
  await phase('end', (tally) =>
    inParallel(held.length, async (n) => {
      const { id, clinician, seats: both } = held[n]!;
      for (const seat of both) seat.leave();
      await must(tally, 200, way(n), clinician, 'POST', `/api/visits/${id}/end`, {});
    }),
  );
  failures += total - held.length;
  console.log(`${failures} errors`);
} finally {
  if (process.env.AFAR_BENCH_KEEP) console.log(`kept: ${folder}`);
  for (const program of programs) await program.stop();
  await cluster.stop();
  if (!process.env.AFAR_BENCH_KEEP) rmSync(folder, { recursive: true, force: true });
}
process.exit(failures ? 1 : 0);
