/** Proof: first picture within 1.5 s of admission, at least 15 pictures a second after 5 s, in both browsers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from '../browser.ts';
import { openClinic } from '../clinic-day.ts';
import { startProduct } from '../product.ts';
import {
  book,
  callOf,
  enterWaitingRoom,
  safetyCode,
  seesTheOther,
  signInOnScreen,
} from '../steps.ts';

const product = await startProduct();
const day = await openClinic(product);
const home = await openBrowser({ width: 360, height: 740, fps: 30 });
const practice = await openBrowser({ fps: 30 });
const patient = await home.context.newPage();
const doctor = await practice.context.newPage();

await signInOnScreen(patient, product.baseUrl, day.patient);
const visit = await book(patient, day);
await enterWaitingRoom(patient, product.baseUrl, visit);
await signInOnScreen(doctor, product.baseUrl, day.doctor);
await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
// The waiting room and the chart are at rest before the door opens, as they are for people.
await sleep(3_000);
await doctor.getByTestId('admit').click();
await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
await sleep(5_000);

let holds = true;
const say = (what: string, value: number, unit: string, fits: boolean, wanted: string): void => {
  holds &&= fits;
  console.log(
    `${what.padEnd(34)} ${value.toFixed(1).padStart(8)} ${unit}   ${fits ? 'ok' : 'NOT'} (${wanted})`,
  );
};
for (const [who, page] of [
  ['doctor', doctor],
  ['patient', patient],
] as const) {
  const { firstFrameMs: first = Number.POSITIVE_INFINITY, ...way } = await callOf(page);
  say(`${who}: first picture`, first, 'ms', first <= 1_500, 'at most 1500 ms after admission');
  console.log(
    `  on the way: camera ${way.cameraMs}, joined ${way.joinedMs}, keys ${way.keysMs}, connected ${way.connectedMs} ms`,
  );
  const before = (await callOf(page)).framesDecoded ?? 0;
  const from = performance.now();
  // The page counts about once a second: over 12 s that is an error of at most a tenth.
  await sleep(12_000);
  const rate =
    (((await callOf(page)).framesDecoded ?? 0) - before) / ((performance.now() - from) / 1000);
  say(`${who}: pictures decoded`, rate, '/s', rate >= 15, 'at least 15 a second');
}
const codes = await Promise.all([safetyCode(doctor), safetyCode(patient)]);
console.log(`safety codes ${codes[0] === codes[1] ? 'are the same' : 'DIFFER'}`);
holds &&= codes[0] === codes[1];
await Promise.all([home.close(), practice.close()]);
await product.stop();
process.exit(holds ? 0 : 1);
