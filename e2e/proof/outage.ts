/**
 * Proof: a call that is cut. Eight seconds without a network: media within 5 s of its return, the same participant. The direct path
 * blocked: through the relay within 10 s. The page loaded again: back within 3 s, and no tile of who is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { callOf, safetyCode } from '../steps.ts';
import { both, type Counts, countsOf, Ledger, meet, needsNamespaces, until } from './net/call.ts';

needsNamespaces();
const ledger = new Ledger();
const call = await meet();
const { page, home, clinic } = call;
await sleep(6_000);

/** Pictures and voice come on both sides, more than the moment's rest in a buffer. */
async function mediaFlows(): Promise<number> {
  const since = await call.counts();
  const flows = (now: Counts, then: Counts): boolean =>
    now.frames - then.frames >= 10 && now.bytes > then.bytes;
  return until(async () => {
    const now = await call.counts();
    return both.every((who) => flows(now[who], since[who]));
  }, 30_000);
}

for (let round = 1; round <= 2; round += 1) {
  console.log(`\neight seconds without a network, round ${round}`);
  const code = await safetyCode(page.doctor);
  home.link.cut();
  await sleep(8_000);
  home.link.mend();
  const took = await mediaFlows();
  ledger.say('media after the network came back', took / 1000, 's', took <= 5_000, 'at most 5');
  const same =
    (await safetyCode(page.doctor)) === code && (await safetyCode(page.patient)) === code;
  ledger.say('the same participants and keys', Number(same), '', same, 'the code has not changed');
  await sleep(4_000);
}

console.log('\nthe direct path is cut');
home.link.blockTo(clinic.address);
const blocked = performance.now();
// Nothing passes from home to clinic any more, so whatever comes once the last of it has been read came by the relay.
const resting = async (): Promise<boolean> => {
  const then = await call.counts();
  await sleep(500);
  const now = await call.counts();
  return both.every((who) => now[who].bytes === then[who].bytes);
};
const emptied = await until(resting, 10_000);
ledger.say('the old path is empty', emptied / 1000, 's', emptied < 10_000, 'nothing comes by it');
const flowed = await mediaFlows();
const relayed = performance.now() - blocked;
ledger.say(
  'media through the relay',
  relayed / 1000,
  's',
  flowed < 30_000 && relayed <= 10_000,
  'at most 10',
);
const pairs = await call.counts();
const pairOf = (who: (typeof both)[number]): string =>
  `${pairs[who].localType}/${pairs[who].remoteType}`;
const inUse = both.map(pairOf);
ledger.say(
  `the relay is in a pair in use (${inUse.join(' and ')})`,
  Number(inUse.some((one) => one.includes('relay'))),
  '',
  inUse.some((one) => one.includes('relay')),
  'at one end at least: the other may have heard it before it was named',
);
home.link.unblockTo(clinic.address);
await sleep(3_000);

console.log('\nthe patient loads her page again');
const from = performance.now();
await page.patient.reload({ waitUntil: 'commit' });
// Three pictures decoded by the connection of the new page.
const seen = await until(
  async () => {
    const counts = await countsOf(page.patient).catch(() => undefined);
    return counts !== undefined && counts.frames >= 3;
  },
  20_000,
  50,
);
const back = performance.now() - from;
ledger.say(
  'she sees the doctor again',
  back / 1000,
  's',
  seen < 20_000 && back <= 3_000,
  'at most 3',
);
const { cameraMs, joinedMs, keysMs, connectedMs } = await callOf(page.patient);
console.log(
  `  on the way, since the call opened: camera ${cameraMs}, joined ${joinedMs}, keys ${keysMs}, connected ${connectedMs} ms`,
);
const again = await mediaFlows();
ledger.say('both see each other', again / 1000, 's', again < 5_000, 'flowing');
const tiles = await page.doctor.getByTestId('remote-video').count();
ledger.say('pictures of others on the doctor’s screen', tiles, '', tiles === 1, 'one');

console.log('\nshe leaves');
await page.patient.getByTestId('end-call').click();
await page.patient.getByTestId('rejoin').waitFor();
const left = (await call.counts()).patient;
ledger.say('her open connections', left.connections, '', left.connections === 0, 'none');
ledger.say('her tracks that still run', left.tracks, '', left.tracks === 0, 'none');

await call.close();
process.exit(ledger.holds ? 0 : 1);
