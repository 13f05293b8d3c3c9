/**
 * Proof: two API processes behind a load balancer are restarted one after the other, three times, under load: no request fails, and every
 * socket comes back by its cursor with each message told once, in order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startBalancer } from '../../bench/visits/balancer.ts';
import { fillClinic } from '../../bench/visits/clinic.ts';
import { ask, type Way } from '../../bench/visits/person.ts';
import { openStage } from '../../bench/visits/stage.ts';
import { Tally } from '../../bench/visits/tally.ts';
import { startRun, visitsUnderWay } from '../../bench/visits/visits.ts';
import { freePort } from '../product.ts';

const visitsAtOnce = 100;
const restarts = 3;
const clients = 16;

const [balancerPort, one, two] = [await freePort(), await freePort(), await freePort()];
const origin = `http://localhost:${balancerPort}`;
// The balancer looks every 100 ms: a second is time enough to notice.
const stage = await openStage([one, two], { origin, AFAR_DRAIN_NOTICE_SECONDS: '1' });
const balancer = await startBalancer([one, two], balancerPort);
let failed = true;
try {
  const way: Way = { origin, port: balancerPort };
  const run = startRun(stage.cpu);
  const pairs = await fillClinic(stage.env, visitsAtOnce);
  const relays = new Tally('message to the other end');
  const back = new Tally('socket back after a close');
  let going = true;
  let away = 0;
  const visits = await visitsUnderWay(run, pairs, [way], (visit, which) => ({
    relayed: (ms) => relays.took(ms),
    failed: (what) => relays.failed(what),
    lost(code) {
      if (code !== 1001) back.failed(`closed with ${code}`);
      away++;
      const began = performance.now();
      visit.seats[which]!.resume(0)
        .then(() => back.took(performance.now() - began))
        .catch((error: Error) => back.failed(error.message))
        .finally(() => void away--);
    },
  }));
  const seats = visits.flatMap((visit) => visit.seats);

  const requests = new Tally('request through the balancer');
  const load = Array.from({ length: clients }, async (_, n) => {
    for (let i = n; going; i++) {
      const { id, clinician, patient, pair } = visits[i % visits.length]!;
      const [cookie, method, path] = [
        [clinician, 'GET', `/api/visits/${id}`],
        [patient, 'GET', `/fhir/R4/Patient/${pair.patient.id}`],
        [patient, 'POST', `/api/visits/${id}/heartbeat`],
      ][i % 3] as [string, string, string];
      try {
        const { status, ms } = await ask(way, cookie, method, path);
        if (status === 200) requests.took(ms);
        else requests.failed(`${method} ${path.replace(id, ':id')}: ${status}`);
      } catch (error) {
        requests.failed((error as Error).message);
      }
    }
  });
  const talk = (async () => {
    while (going) {
      for (const seat of seats) seat.say();
      await sleep(1_000);
    }
  })();

  await sleep(3_000);
  for (let n = 0; n < restarts; n++) {
    await stage.restart(n % 2);
    await sleep(3_000);
  }
  going = false;
  await Promise.all([...load, talk]);
  const sum = (of: (seat: (typeof seats)[number]) => number): number =>
    seats.reduce((all, seat) => all + of(seat), 0);
  const said = sum((seat) => seat.said);
  for (let waited = 0; waited < 100 && (away || sum((seat) => seat.told) < said); waited++)
    await sleep(100);
  const silent = said - sum((seat) => seat.told);
  for (let n = 0; n < silent; n++) relays.failed('did not arrive');
  for (let n = 0; n < away; n++) back.failed('not back');
  for (const tally of [requests, relays, back]) console.log(tally.line());
  failed = run.errors + requests.errors + relays.errors + back.errors > 0;
  console.log(
    failed
      ? 'Something was lost.'
      : `${restarts} restarts: no request failed, every socket came back.`,
  );
} finally {
  await balancer.close();
  await stage.stop();
}
process.exit(failed ? 1 : 0);
