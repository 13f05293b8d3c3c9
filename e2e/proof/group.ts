/**
 * Proof: four and eight people in one visit through Janus. Small pictures are small, whoever is thrown out is sent nothing within a second, eight
 * browsers on this machine stay connected for a minute, and nothing that was sealed can be decoded where it is not opened.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { tapFrames, sealedFrames, tryFrames } from '../frame-tap.ts';
import { canSeatMany, countersOf, decoded, openRoom } from '../group-room.ts';

if (!canSeatMany) process.exit(0);
let holds = true;
const say = (what: string, fits: boolean, found: string): void => {
  holds &&= fits;
  console.log(`${fits ? 'ok ' : 'NOT'}  ${what}: ${found}`);
};
const bytesIn = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { bytesIn(): Promise<number> }).bytesIn());
/** Counts what every connection of a page receives, closed or not. */
const countBytes = (page: Page) =>
  page.addInitScript(() => {
    const all: RTCPeerConnection[] = [];
    const Plain = RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        all.push(this);
      }
    };
    Object.assign(window, {
      bytesIn: async () => {
        let bytes = 0;
        for (const pc of all)
          for (const stat of (await pc.getStats()).values() as Iterable<Record<string, unknown>>)
            if (stat['type'] === 'transport') bytes += Number(stat['bytesReceived'] ?? 0);
        return bytes;
      },
    });
  });

const room = await openRoom(tapFrames);
const names = ['Ana Ruiz', 'Tom Beatty', 'Ida Moe', 'Omar Said', 'Lea Voss', 'Ken Abe'];
const kinds = ['interpreter', 'relative', 'colleague', 'relative', 'supervisor', 'relative'];
const guests: Page[] = [];
const enter = async (at: number, byVoice = false): Promise<void> => {
  guests.push(
    await room.guest(
      kinds[at]!,
      names[at]!,
      async (page) => {
        await countBytes(page);
        if (at === 1) await tapFrames(page);
      },
      // Eight browsers encode, decode and paint on two cores without a graphics card: three of them show themselves, five speak.
      byVoice,
    ),
  );
};
await enter(0);
await enter(1);
const four = [room.doctor, room.patient, ...guests];
for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
  const seen = await Promise.all(four.map(async (page) => (await decoded(page)).length));
  if (seen.every((count) => count >= 3)) break;
}
const seen = await Promise.all(four.map(async (page) => (await decoded(page)).length));
say(
  'each of four decodes three pictures',
  seen.every((count) => count >= 3),
  seen.join(', '),
);

// The patient holds a phone: one is large, whoever is seen beside her is wanted small.
const pictures = async () =>
  ((await countersOf(room.patient)).arrivals ?? []).filter(({ stream }) => stream === 'video');
const looked = await pictures();
await sleep(6_000);
// What is not seen is not sent: its last size says nothing.
const sizes = (await pictures())
  .filter(({ peer, framesDecoded }) =>
    looked.some((one) => one.peer === peer && one.framesDecoded + 5 < framesDecoded),
  )
  .map(({ width = 0, height = 0 }) => [width, height] as const);
const small = sizes.filter(([width, height]) => width <= 320 && height <= 180);
say(
  'small pictures on a phone',
  small.length >= 1 && sizes.length - small.length <= 1,
  sizes.map((one) => one.join(' x ')).join(', '),
);

// What the engine forwards is what comes to a browser before it is opened.
const frames = await sealedFrames(room.doctor);
const own = await tryFrames(room.doctor, frames);
const other = await tryFrames(guests[1]!, await sealedFrames(room.doctor));
say(
  'frames captured are real',
  own.opened > 0,
  `${own.opened} of ${frames.length} open for whom they were`,
);
say('and open for nobody who came later', other.opened === 0, `${other.opened} open`);

const thrown = guests[0]!;
const list = await room.desk.get<{ guests: { id: string; name: string }[] }>(
  `/api/visits/${room.visit}/guests`,
);
const { id } = list.body.guests.find(({ name }) => name === names[0])!;
await room.desk.post(`/api/visits/${room.visit}/guests/${id}/revoke`);
await sleep(1_000);
const after = await bytesIn(thrown);
await sleep(2_000);
const later = await bytesIn(thrown);
say('bytes to her who was thrown out, 1 s after', later === after, `${later - after} in 2 s`);

for (const at of [2, 3, 4, 5]) await enter(at, true);
await enter(0, true).catch((error: unknown) => console.log(String(error)));
const eight = [room.doctor, room.patient, ...guests.slice(1)];
/** How far each of them is, at the same moment. */
const look = async (): Promise<string[]> =>
  Promise.all(eight.map(async (page) => (await countersOf(page)).phase ?? 'none'));
// The last one in agrees on keys with all others first.
const from = Date.now();
let now = await look();
while (Date.now() - from < 60_000 && now.some((phase) => phase !== 'live')) {
  await sleep(1_000);
  now = await look();
}
console.log(`all have their keys ${((Date.now() - from) / 1000).toFixed(1)} s after the last came`);
const not: string[] = [];
for (const began = Date.now(); Date.now() - began < 60_000; await sleep(2_000))
  for (const [at, phase] of (await look()).entries())
    if (phase !== 'live')
      not.push(`${at} ${phase} after ${((Date.now() - began) / 1000).toFixed(0)} s`);
say(
  `${eight.length} people for 60 s`,
  eight.length === 8 && not.length === 0,
  not.length === 0 ? 'all connected at every look' : not.join(', '),
);
for (const [at, page] of eight.entries()) {
  const { rejoined = [], restarts = 0 } = await countersOf(page);
  if (rejoined.length) console.log(`     ${at} took a new seat for ${rejoined.join(', ')}`);
  if (restarts) console.log(`     ${at} began ICE anew ${restarts} times`);
}
await room.close();
process.exit(holds ? 0 : 1);
