/**
 * Proof: at ten times the load one API process answers what it lets in within twice its normal time (99th percentile), and turns the rest
 * away with 503 within 50 ms. Requests come when they come (open loop), whether or not earlier ones were answered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fillClinic } from '../../bench/visits/clinic.ts';
import { signIn } from '../../bench/visits/person.ts';
import { openStage } from '../../bench/visits/stage.ts';
import { freePort } from '../product.ts';
import { PlainClient } from './net/plain-client.ts';

const seconds = { learn: 10, normal: 20, flood: 30 };
const people = 50;
/** Of what it can do at most: a clinic's day. Ten times that is twice what it can do. */
const normalShare = 0.2;

const port = await freePort();
const stage = await openStage([port], { AFAR_MOST_AT_ONCE: '256' });
const client = new PlainClient(port);

interface Answers {
  served: number[];
  away: number[];
  /** Neither 200 nor 503; 0: no answer. */
  wrong: Map<number, number>;
}

const nothing = (): Answers => ({ served: [], away: [], wrong: new Map() });

async function ask(path: string, cookie: string, answers: Answers): Promise<void> {
  const { status, ms } = await client.get(path, cookie);
  if (status === 200) answers.served.push(ms);
  else if (status === 503) answers.away.push(ms);
  else answers.wrong.set(status, (answers.wrong.get(status) ?? 0) + 1);
}

const at = (all: number[], part: number): number =>
  all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) * part)] ?? 0;

let failed = true;
try {
  const pairs = await fillClinic(stage.env, people);
  const way = { origin: stage.origin, port };
  const visitors = await Promise.all(
    pairs.map(async ({ patient }) => ({
      cookie: await signIn(way, patient.email),
      path: `/fhir/R4/Patient/${patient.id}`,
    })),
  );
  const next = (n: number) => visitors[n % visitors.length]!;

  /** So many a second, evenly. */
  async function offer(perSecond: number, length: number): Promise<Answers> {
    const answers = nothing();
    const open: Promise<void>[] = [];
    const began = performance.now();
    for (let n = 0; ;) {
      const due = ((performance.now() - began) / 1000) * perSecond;
      for (; n < due; n++) {
        const { path, cookie } = next(n);
        open.push(ask(path, cookie, answers));
      }
      if (performance.now() - began > length * 1000) break;
      await sleep(2);
    }
    await Promise.all(open);
    return answers;
  }

  /** What those who never wait get done. */
  async function most(length: number): Promise<number> {
    const answers = nothing();
    const until = performance.now() + length * 1000;
    await Promise.all(
      Array.from({ length: 24 }, async (_, worker) => {
        for (let n = worker; performance.now() < until; n += 24) {
          const { path, cookie } = next(n);
          await ask(path, cookie, answers);
        }
      }),
    );
    return answers.served.length / length;
  }

  await offer(50, 3);
  client.open(300);
  const capacity = await most(seconds.learn);
  await sleep(2_000);
  const normalRate = capacity * normalShare;
  const normal = await offer(normalRate, seconds.normal);
  const flood = await offer(normalRate * 10, seconds.flood);
  const line = (name: string, { served, away, wrong }: Answers, length: number): void =>
    console.log(
      `${name.padEnd(10)} served ${(served.length / length).toFixed(0)}/s p50 ${at(served, 0.5).toFixed(1)} p99 ${at(served, 0.99).toFixed(1)} ms; ` +
        `turned away ${(away.length / length).toFixed(0)}/s p99 ${at(away, 0.99).toFixed(1)} most ${at(away, 1).toFixed(1)} ms` +
        [...wrong].map(([what, times]) => `; ${what} x ${times}`).join(''),
    );
  console.log(
    `at most ${capacity.toFixed(0)}/s; normal ${normalRate.toFixed(0)}/s, flood ${(normalRate * 10).toFixed(0)}/s`,
  );
  line('normal', normal, seconds.normal);
  line('flood', flood, seconds.flood);
  const ratio = at(flood.served, 0.99) / at(normal.served, 0.99);
  console.log(
    `p99 of what is served: ${ratio.toFixed(2)} x normal (must 2); turned away within ${at(flood.away, 0.99).toFixed(1)} ms (must 50)`,
  );
  failed =
    ratio > 2 ||
    at(flood.away, 0.99) > 50 ||
    normal.away.length > 0 ||
    flood.wrong.size + normal.wrong.size > 0 ||
    flood.served.length / seconds.flood < normalRate;
} finally {
  client.close();
  await stage.stop();
}
process.exit(failed ? 1 : 0);
