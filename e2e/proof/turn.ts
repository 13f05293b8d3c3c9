/**
 * Proof: where UDP is dropped the call goes through our relay by TLS; nobody without a valid credential gets a relayed address; the relay
 * sends to nothing behind it; after the end no relayed address is in use.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '@afar/platform';
import type { Page } from 'playwright-core';
import { readNumbers } from '../../server/media-status.ts';
import { TurnClient } from '../../visits/testing/turn-client.ts';
import { openClinic } from '../clinic-day.ts';
import { signIn } from '../people.ts';
import { accountOf } from '../product.ts';
import { callOf, enterWaitingRoom, seesTheOther, signInOnScreen } from '../steps.ts';
import { openWorld, whyNoNamespaces } from './net/namespaces.ts';
import { startThere } from './net/people.ts';

interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

const why =
  whyNoNamespaces() ?? (findProgram('turnserver') ? undefined : 'coturn is not installed');
if (why) {
  console.log(`\n!! SKIPPED turn: ${why}\n`);
  process.exit(0);
}

let holds = true;
function say(what: string, value: unknown, fits: boolean): void {
  holds &&= fits;
  console.log(`${what.padEnd(66)} ${String(value).padStart(14)}   ${fits ? 'ok' : 'NOT'}`);
}

/** Relayed candidates that a browser gathers with these servers in 5 s. */
const relayed = (page: Page, iceServers: IceServer[]): Promise<number> =>
  page.evaluate(async (servers) => {
    const pc = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' });
    let found = 0;
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.type === 'relay') found += 1;
    };
    pc.createDataChannel('x');
    await pc.setLocalDescription(await pc.createOffer());
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    pc.close();
    return found;
  }, iceServers);

/** The pair in use on the page's connections, and how its end reaches the relay. */
const pairOf = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { pcs } = window as unknown as { pcs: RTCPeerConnection[] };
    for (const pc of pcs.toReversed()) {
      const stats = await pc.getStats();
      for (const one of stats.values()) {
        if (one.type !== 'transport' || !one.selectedCandidatePairId) continue;
        const local = stats.get(stats.get(one.selectedCandidatePairId).localCandidateId);
        return [local.candidateType, local.relayProtocol].filter(Boolean).join('/');
      }
    }
    return 'none';
  });

const world = openWorld(['home', 'practice']);
const { home, practice } = world.clients;
home.link.blockUdp();
const there = await startThere(world.server);
const { product } = there;
const day = await openClinic(product);
const atHome = await there.browserAt(home, { width: 360, height: 740 });
const atPractice = await there.browserAt(practice);
for (const { context } of [atHome, atPractice])
  await context.addInitScript(() => {
    const Native = RTCPeerConnection;
    const pcs: RTCPeerConnection[] = [];
    Object.assign(window, {
      pcs,
      RTCPeerConnection: class extends Native {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          pcs.push(this);
        }
      },
    });
  });
const patient = await atHome.context.newPage();
const doctor = await atPractice.context.newPage();
const asPatient = await signIn(product.baseUrl, day.patient);
const asDoctor = await signIn(product.baseUrl, day.doctor);
const stranger = await signIn(product.baseUrl, accountOf(product, 'patient', 1));
const { body: me } = await asDoctor.get<{ fhirUser: { id: string } }>('/auth/me');
const { body: slots } = await asPatient.post<{ id: string }[]>('/api/slots', {
  clinician: me.fhirUser.id,
  from: new Date().toISOString(),
  to: new Date(Date.now() + 7_200_000).toISOString(),
});
const { body: booked } = await asPatient.post<{ id: string }>(
  '/api/appointments',
  { slotId: slots[0]!.id, type: 'video', reason: 'A cough' },
  { 'idempotency-key': randomUUID() },
);
const visit = booked.id;
await signInOnScreen(patient, product.baseUrl, day.patient);
await enterWaitingRoom(patient, product.baseUrl, visit);

const join_ = `/api/visits/${visit}/join`;
/** Whatever servers the answer to a request for a ticket holds, used. */
async function triedBy(who: typeof asPatient, page: Page): Promise<string> {
  const { status, body } = await who.post<{ iceServers?: IceServer[] }>(join_);
  return `${status}, ${await relayed(page, body.iceServers ?? [])}`;
}
const unadmitted = await triedBy(asPatient, doctor);
say('not admitted: answer, relayed candidates', unadmitted, unadmitted === '409, 0');
const foreign = await triedBy(stranger, doctor);
say('a patient of another visit: answer, relayed candidates', foreign, foreign === '404, 0');

await signInOnScreen(doctor, product.baseUrl, day.doctor);
await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
await doctor.getByTestId('admit').click();
await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
const before = (await callOf(patient)).framesDecoded ?? 0;
await sleep(10_000);
const frames = ((await callOf(patient)).framesDecoded ?? 0) - before;
const pair = await pairOf(patient);
say('UDP dropped: the pair in use', pair, pair === 'relay/tls');
say('UDP dropped: pictures in 10 s', frames, frames >= 100);

// The patient's own ticket, as an attacker with her session would ask for it.
const { body: ticket } = await asPatient.post<{ iceServers: IceServer[] }>(join_);
const relay = ticket.iceServers.find(({ username }) => username)!;
const { secret } = JSON.parse(readFileSync(join(product.data, 'media', 'turn.json'), 'utf8')) as {
  secret: string;
};
const signed = (username: string, key: string): IceServer[] => [
  { ...relay, username, credential: createHmac('sha1', key).update(username).digest('base64') },
];
const [, who] = relay.username!.split(':');
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const tries: [string, IceServer[], (found: number) => boolean][] = [
  ['a credential as handed out: relayed candidates', [relay], (found) => found > 0],
  ['forged: relayed candidates', signed(`${inAnHour}:${who}`, 'not the secret'), (n) => n === 0],
  [
    'life prolonged: relayed candidates',
    [{ ...relay, username: `${inAnHour}:${who}` }],
    (n) => n === 0,
  ],
  ['expired: relayed candidates', signed(`${inAnHour - 3660}:${who}`, secret), (n) => n === 0],
];
for (const [what, servers, fits] of tries) {
  const found = await relayed(doctor, servers);
  say(what, found, fits(found));
}

const client = new TurnClient(
  { address: world.server.address, port: 3478 },
  { username: relay.username!, credential: relay.credential! },
);
say('a raw client: a relayed address', await client.allocate(), client.relayed !== undefined);
const peers = [
  '203.0.113.9',
  '127.0.0.1',
  '10.0.0.1',
  '10.255.0.1',
  '192.168.0.1',
  '169.254.169.254',
];
for (const [i, peer] of peers.entries()) {
  const code = await client.permit(peer);
  say(`relay to ${peer}`, code === 0 ? 'allowed' : code, code === (i === 0 ? 0 : 403));
}
await client.refresh(0);
client.close();

await asDoctor.post(`/api/visits/${visit}/end`, {});
const ended = Date.now();
const shutOut = await triedBy(asPatient, doctor);
say('after the end: answer, relayed candidates', shutOut, shutOut === '409, 0');
const inUse = () => readNumbers(join(product.data, 'media')).map((one) => one.relayed);
while (String(inUse()) !== '0' && Date.now() - ended < 30_000) await sleep(500);
say('after the end: relayed addresses in use', inUse(), String(inUse()) === '0');
// What she was given while she was in is of no use for long.
const expiry = Number(relay.username!.split(':')[0]) * 1000;
await sleep(Math.max(0, expiry - Date.now()) + 1_000);
const late = await relayed(doctor, [relay]);
say('her last credential, two minutes later: relayed candidates', late, late === 0);

await Promise.all([atHome.close(), atPractice.close()]);
await there.stop();
world.close();
process.exit(holds ? 0 : 1);
