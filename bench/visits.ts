/**
 * `npm run bench:visits`: 3,000 visits at once (6,000 sockets) on two API processes and one PostgreSQL on this machine: booked, arrived,
 * admitted, joined, negotiated, held with renewals, ended. Prints counts, latencies, CPU and errors beside a floor for a message, and exits with 1
 * on any error.
 *
 * AFAR_BENCH_VISITS (3000), AFAR_BENCH_HOLD seconds (60), AFAR_BENCH_PORT (8140).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from './load.ts';
import { measureFloor } from './visits/floor.ts';
import { fillClinic } from './visits/clinic.ts';
import type { Seat, Way } from './visits/person.ts';
import { openStage } from './visits/stage.ts';
import { Tally } from './visits/tally.ts';
import { must, startRun, visitsUnderWay } from './visits/visits.ts';

const total = Number(process.env.AFAR_BENCH_VISITS ?? 3000);
const holdSeconds = Number(process.env.AFAR_BENCH_HOLD ?? 60);
const firstPort = Number(process.env.AFAR_BENCH_PORT ?? 8140);

const stage = await openStage([firstPort, firstPort + 1]);
const { cpu, origin } = stage;
let failures = 0;
try {
  console.log(`${total} visits on two API processes; ${holdSeconds} s held`);
  const ways: Way[] = stage.ports.map((port) => ({ origin, port }));
  const pairs = await fillClinic(stage.env, total);
  const run = startRun(cpu);
  await measureFloor(stage, firstPort + 2);
  let relays = new Tally('');
  const lost = new Map<number, number>();
  const visits = await visitsUnderWay(run, pairs, ways, () => ({
    relayed: (ms) => relays.took(ms),
    lost: (code) => void lost.set(code, (lost.get(code) ?? 0) + 1),
    failed: (what) => relays.failed(what),
  }));
  const seats = visits.flatMap((visit) => visit.seats);

  const sum = (all: typeof seats, of: (seat: Seat) => number): number =>
    all.reduce((sofar, seat) => sofar + of(seat), 0);
  /** Until all that was said has arrived; what has not within a minute is an error. */
  const arrived = async (all: typeof seats, tally: Tally): Promise<void> => {
    const said = sum(all, (seat) => seat.said);
    const until = performance.now() + 60_000;
    while (sum(all, (seat) => seat.told) < said && performance.now() < until) await sleep(5);
    for (let n = sum(all, (seat) => seat.told); n < said; n++) tally.failed('did not arrive');
  };
  // Negotiation: a dozen messages of each end, in sixteen visits at a time.
  const cpuTalk = cpu();
  relays = new Tally('message to the other end');
  await inParallel(visits.length, async (n) => {
    const { seats: both } = visits[n]!;
    for (let i = 0; i < 12; i++) {
      for (const seat of both) seat.say();
      await sleep(5);
    }
    await arrived(both, relays);
  });
  console.log(relays.line(cpu() - cpuTalk));
  const failed = relays.errors;
  // After a network came back everybody speaks in the same moment: nobody is cut off, and nothing is lost.
  const cpuAll = cpu();
  relays = new Tally('the same, everybody at once');
  for (const seat of seats) for (let i = 0; i < 4; i++) seat.say();
  await arrived(seats, relays);
  console.log(relays.line(cpu() - cpuAll));

  const cpuHold = cpu();
  const holdBegan = performance.now();
  await sleep(holdSeconds * 1000);
  const heldFor = (performance.now() - holdBegan) / 1000;
  const spent = cpu() - cpuHold;
  const codes = [...lost].map(([code, times]) => `${times} (${code})`).join(', ');
  console.log(
    `held ${heldFor.toFixed(0)} s: ${seats.length} sockets, ${codes || 'none'} lost; CPU ${(spent / heldFor / 10).toFixed(1)} % of one core, ` +
      `${(spent / heldFor / visits.length).toFixed(3)} ms a second and visit; ` +
      `memory ${stage
        .memory()
        .map((one) => `${one.toFixed(0)} MiB`)
        .join(', ')}`,
  );
  await run.phase('end', (tally) =>
    inParallel(visits.length, async (n) => {
      const { id, clinician, seats: both } = visits[n]!;
      for (const seat of both) seat.leave();
      await must(tally, 200, ways[n % 2]!, clinician, 'POST', `/api/visits/${id}/end`, {});
    }),
  );
  const cut = [...lost.values()].reduce((all, one) => all + one, 0);
  failures = run.errors + failed + relays.errors + cut + (total - visits.length);
  console.log(`${failures} errors`);
} finally {
  await stage.stop();
}
process.exit(failures ? 1 : 0);
