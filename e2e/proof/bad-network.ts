/**
 * Proof: a call on a bad link. 3 % loss: pictures flow and nothing freezes. 300 kbit/s: smaller within 10 s, both told whose link is
 * weak. 128 kbit/s: voice alone within 15 s, and pictures back within 20 s of recovery. Real Chromiums in network namespaces.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { both, Ledger, meet, needsNamespaces, until, type Who } from './net/call.ts';

needsNamespaces();
const ledger = new Ledger();
const call = await meet();
const { page, home } = call;
const weakAt = (who: Who) => page[who].getByTestId('call-quality').getAttribute('data-weak');
const voiceOnly = async (who: Who): Promise<boolean> =>
  (await page[who].getByTestId('fell-back').count()) > 0;

// Congestion control finds its way up before anything is judged.
await sleep(12_000);

console.log('\na clean line');
for (const [who, { fps, freezes }] of Object.entries(await call.over(10))) {
  // Two browsers encode in software here: a machine that cannot do it proves nothing about networks.
  ledger.say(`${who}: pictures`, fps, '/s', fps >= 20, 'at least 20, or this machine is too busy');
  ledger.say(`${who}: freezes`, freezes, '', freezes === 0, 'none, or this machine is too busy');
}

console.log('\n3 % loss for 60 s');
home.link.loss(3);
for (const [who, { fps, concealed, freezes }] of Object.entries(await call.over(60))) {
  ledger.say(`${who}: pictures`, fps, '/s', fps >= 15, 'at least 15');
  ledger.say(`${who}: sound made up`, concealed, '%', concealed <= 4, 'at most 4');
  ledger.say(`${who}: freezes`, freezes, '', freezes === 0, 'none');
}

console.log('\n300 kbit/s and 3 % loss');
const whole = await call.counts();
const beforeNarrow = call.over(45);
home.link.rate(300);
for (const who of both) {
  const took = await until(async () => (await call.counts())[who].width < whole[who].width, 15_000);
  ledger.say(`${who}: smaller picture after`, took / 1000, 's', took <= 10_000, 'at most 10');
}
const told = await until(
  async () => (await weakAt('patient')) === 'mine' && (await weakAt('doctor')) === 'theirs',
  40_000,
);
ledger.say('both told: the weak link is the patient’s', told / 1000, 's', told <= 40_000, 'told');
for (const [who, { concealed }] of Object.entries(await beforeNarrow))
  ledger.say(`${who}: sound made up in 45 s`, concealed, '%', concealed <= 6, 'at most 6');

console.log('\n128 kbit/s and 3 % loss');
home.link.rate(128);
const fell = await Promise.all(both.map((who) => until(() => voiceOnly(who), 25_000)));
for (const [at, who] of both.entries())
  ledger.say(`${who}: voice alone after`, fell[at]! / 1000, 's', fell[at]! <= 15_000, 'at most 15');
for (const [who, { concealed }] of Object.entries(await call.over(40)))
  ledger.say(`${who}: sound made up in 40 s`, concealed, '%', concealed <= 4, 'at most 4');

console.log('\nrecovery');
home.link.rate(undefined);
home.link.loss(0);
const back = await Promise.all(
  both.map((who) => until(async () => !(await voiceOnly(who)), 40_000)),
);
for (const [at, who] of both.entries())
  ledger.say(
    `${who}: pictures back after`,
    back[at]! / 1000,
    's',
    back[at]! <= 20_000,
    'at most 20',
  );
let flips = 0;
const watched = until(
  async () => {
    flips += Number((await Promise.all(both.map(voiceOnly))).some(Boolean));
    return false;
  },
  20_000,
  500,
);
const after = await call.over(20);
await watched;
ledger.say('voice alone again in the 20 s after', flips, '', flips === 0, 'never');
for (const [who, { fps }] of Object.entries(after))
  ledger.say(`${who}: pictures`, fps, '/s', fps >= 12, 'at least 12');

await call.close();
process.exit(ledger.holds ? 0 : 1);
