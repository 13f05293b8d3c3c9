/**
 * `npm run bench:visits`: 3,000 visits at once (6,000 sockets) on two API processes and one PostgreSQL on this machine: booked, arrived,
 * admitted, joined, negotiated, held with renewals, ended. Prints counts, latencies, CPU and errors, and exits with 1 on any error.
 *
 * AFAR_BENCH_VISITS (3000), AFAR_BENCH_HOLD seconds (60), AFAR_BENCH_PORT (8140).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from './load.ts';
import { fillClinic } from './visits/clinic.ts';
import type { Way } from './visits/person.ts';
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
  const relays = new Tally('message to the other end');
  let lost = 0;
  const visits = await visitsUnderWay(run, pairs, ways, () => ({
    relayed: (ms) => relays.took(ms),
    lost: () => void lost++,
    failed: (what) => relays.failed(what),
  }));
  const seats = visits.flatMap((visit) => visit.seats);

  // Negotiation: a dozen messages of each end.
  const cpuTalk = cpu();
  await inParallel(visits.length, async (n) => {
    for (let i = 0; i < 12; i++) {
      for (const seat of visits[n]!.seats) seat.say();
      await sleep(5);
    }
  });
  const sum = (of: (seat: (typeof seats)[number]) => number): number =>
    seats.reduce((all, seat) => all + of(seat), 0);
  const said = sum((seat) => seat.said);
  for (let waited = 0; waited < 100 && sum((seat) => seat.told) < said; waited++) await sleep(100);
  const silent = said - sum((seat) => seat.told);
  for (let n = 0; n < silent; n++) relays.failed('did not arrive');
  console.log(relays.line(cpu() - cpuTalk));

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
    `held ${heldFor.toFixed(0)} s: ${seats.length} sockets, ${lost} lost; CPU ${(spent / heldFor / 10).toFixed(1)} % of one core, ` +
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
  failures = run.errors + relays.errors + lost + (total - visits.length);
  console.log(`${failures} errors`);
} finally {
  await stage.stop();
}
process.exit(failures ? 1 : 0);
