/** Two people in a call across a small internet: the meeting, and what their connections say of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openClinic } from '../../clinic-day.ts';
import type { Page } from '../../expect-page.ts';
import { book, enterWaitingRoom, seesTheOther, signInOnScreen } from '../../steps.ts';
import { openWorld, whyNoNamespaces, type Place, type World } from './namespaces.ts';
import { startThere } from './people.ts';
import { voiceFile } from './voice.ts';

/** Keeps every connection a page makes, so that a proof may ask it. */
const keepConnections = `{
  const Plain = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
}`;

/** Totals since the call began, summed over connections that are open. */
export interface Counts {
  at: number;
  /** Pictures decoded, how often they froze, and their size now. */
  frames: number;
  freezes: number;
  width: number;
  height: number;
  /** Samples of sound, and those made up for what was lost. */
  sound: number;
  concealed: number;
  /** RTP bytes that came. */
  bytes: number;
  connections: number;
  tracks: number;
  localType: string;
  remoteType: string;
}

export const countsOf = (page: Page): Promise<Counts> =>
  page.evaluate(async () => {
    const counts = {
      at: Date.now(),
      frames: 0,
      freezes: 0,
      width: 0,
      height: 0,
      sound: 0,
      concealed: 0,
      bytes: 0,
      connections: 0,
      tracks: 0,
      localType: '',
      remoteType: '',
    };
    const all = (window as unknown as { connections: RTCPeerConnection[] }).connections;
    for (const connection of all) {
      if (connection.connectionState === 'closed') continue;
      counts.connections += 1;
      counts.tracks += connection
        .getSenders()
        .filter((sender) => sender.track?.readyState === 'live').length;
      const stats = new Map<string, Record<string, unknown>>();
      for (const [id, stat] of (await connection.getStats()) as unknown as Iterable<
        [string, Record<string, unknown>]
      >)
        stats.set(id, stat);
      for (const stat of stats.values()) {
        const number = (name: string): number => Number(stat[name] ?? 0);
        if (stat['type'] === 'inbound-rtp') {
          counts.bytes += number('bytesReceived');
          if (stat['kind'] === 'audio') {
            counts.sound += number('totalSamplesReceived');
            counts.concealed += number('concealedSamples') - number('silentConcealedSamples');
          } else if (number('framesDecoded') > 0) {
            counts.frames += number('framesDecoded');
            counts.freezes += number('freezeCount');
            counts.width = number('frameWidth');
            counts.height = number('frameHeight');
          }
        } else if (stat['type'] === 'transport') {
          const pair = stats.get(String(stat['selectedCandidatePairId']));
          const typeOf = (name: string): string =>
            String(stats.get(String(pair?.[name]))?.['candidateType'] ?? '');
          if (pair) counts.localType = typeOf('localCandidateId');
          if (pair) counts.remoteType = typeOf('remoteCandidateId');
        }
      }
    }
    return counts;
  });

export interface Span {
  fps: number;
  /** Share of the sound that was made up, per cent. */
  concealed: number;
  freezes: number;
  width: number;
}

export function between(before: Counts, now: Counts): Span {
  const seconds = (now.at - before.at) / 1000;
  const sound = now.sound - before.sound;
  return {
    fps: (now.frames - before.frames) / seconds,
    concealed: sound > 0 ? ((now.concealed - before.concealed) / sound) * 100 : 100,
    freezes: now.freezes - before.freezes,
    width: now.width,
  };
}

export type Who = 'doctor' | 'patient';
export const both: readonly Who[] = ['doctor', 'patient'];

export interface Meeting {
  world: World<'home' | 'clinic'>;
  home: Place;
  clinic: Place;
  page: Record<Who, Page>;
  visit: string;
  baseUrl: string;
  counts(): Promise<Record<Who, Counts>>;
  /** What happened to both over some seconds. */
  over(seconds: number): Promise<Record<Who, Span>>;
  close(): Promise<void>;
}

/** Says loudly why nothing is proved, and ends, where namespaces cannot be made. */
export function needsNamespaces(): void {
  const why = whyNoNamespaces();
  if (!why) return;
  console.log(`\n!!! SKIPPED: ${why}. Nothing was proved here.\n`);
  process.exit(0);
}

/** A patient at home and a doctor in the clinic, each behind a link of her own, talking. */
export async function meet(env: Record<string, string> = {}): Promise<Meeting> {
  const world = openWorld(['home', 'clinic']);
  const there = await startThere(world.server, env);
  const { baseUrl } = there.product;
  const day = await openClinic(there.product);
  const args = [`--use-file-for-fake-audio-capture=${voiceFile()}`];
  const { home, clinic } = world.clients;
  const people = {
    patient: await there.browserAt(home, { width: 360, height: 740, args }),
    doctor: await there.browserAt(clinic, { args }),
  };
  const pages = {} as Record<Who, Page>;
  for (const who of both) {
    await people[who].context.addInitScript(keepConnections);
    pages[who] = await people[who].context.newPage();
    pages[who].setDefaultTimeout(60_000);
  }
  const { patient, doctor } = pages;
  await signInOnScreen(patient, baseUrl, day.patient);
  const visit = await book(patient, day);
  await enterWaitingRoom(patient, baseUrl, visit);
  await signInOnScreen(doctor, baseUrl, day.doctor);
  await doctor.goto(`${baseUrl}/clinician/visits/${visit}`);
  await sleep(3_000);
  await doctor.getByTestId('admit').click();
  await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
  const counts = async (): Promise<Record<Who, Counts>> => {
    const [ofDoctor, ofPatient] = await Promise.all([countsOf(doctor), countsOf(patient)]);
    return { doctor: ofDoctor, patient: ofPatient };
  };
  return {
    world,
    home,
    clinic,
    page: pages,
    visit,
    baseUrl,
    counts,
    async over(seconds) {
      const before = await counts();
      await sleep(seconds * 1000);
      const now = await counts();
      return {
        doctor: between(before.doctor, now.doctor),
        patient: between(before.patient, now.patient),
      };
    },
    async close() {
      await Promise.all(both.map((who) => people[who].close()));
      await there.stop();
      world.close();
    },
  };
}

/** Waits until something holds; how long it took, ms. Infinity when it never did. */
export async function until(
  holds: () => Promise<boolean>,
  patience: number,
  every = 100,
): Promise<number> {
  const from = performance.now();
  while (performance.now() - from < patience) {
    if (await holds()) return performance.now() - from;
    await sleep(every);
  }
  return Number.POSITIVE_INFINITY;
}

/** Prints figures against what is wanted of them; true while all of them fit. */
export class Ledger {
  holds = true;

  say(what: string, value: number, unit: string, fits: boolean, wanted: string): void {
    this.holds &&= fits;
    console.log(
      `${what.padEnd(46)} ${value.toFixed(1).padStart(8)} ${unit.padEnd(3)} ${fits ? 'ok' : 'NOT'} (${wanted})`,
    );
  }
}
