/** Processes killed between commit and delivery: every committed change is told at least once, in order, under numbers without gaps. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openClinic, topical, until, type Clinic } from '../testing/clinic.ts';
import { openReceiver, type Receiver } from '../testing/receiver.ts';
import type { ChildSettings } from '../testing/child.ts';

let clinic: Clinic;
let hook: Receiver;
beforeAll(async () => {
  // This process writes; only children match and deliver.
  clinic = await openClinic({ background: false });
  hook = await openReceiver();
});
afterAll(async () => {
  await clinic.close();
  await hook.close();
});

const child = join(import.meta.dirname, '..', 'testing', 'child.ts');

async function spawnChild() {
  const settings: ChildSettings = {
    app: clinic.data.urls.app,
    audit: clinic.data.urls.audit,
    folder: clinic.folder,
    baseUrl: 'http://localhost:8160',
    leaseMs: 300,
  };
  const one = spawn(process.execPath, [child], {
    env: { ...process.env, AFAR_TEST_CHILD: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(one, 'exit');
  await Promise.race([once(one.stdout, 'data'), ended]);
  return {
    async kill() {
      one.kill('SIGKILL');
      await ended;
    },
  };
}

it('loses nothing to four kills', async () => {
  const { id: patient, caller } = await clinic.patient();
  let process = await spawnChild();
  const wish = topical('observation-change', hook.url);
  const { id } = await clinic.records.create(caller, wish);
  await until(() => hook.got.some(({ type }) => type === 'handshake'), 'the handshake');
  const state = () => clinic.records.read(caller, 'Subscription', id);
  await until(async () => JSON.stringify((await state()).resource).includes('"active"'), 'active');
  const written: string[] = [];
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 10; n++) written.push(await clinic.pulse(patient));
    // Anywhere between the commits and the last delivery.
    await sleep(Math.random() * 150);
    await process.kill();
    for (let n = 0; n < 3; n++) written.push(await clinic.pulse(patient));
    process = await spawnChild();
  }
  const told = (place: string) => hook.got.some(({ text }) => text.includes(place));
  await until(() => told(written.at(-1)!), 'the last change');
  await process.kill();
  const first = [...new Set(hook.numbers())];
  expect(first).toEqual(Array.from({ length: written.length }, (_, n) => n + 1));
  const places = hook.got.flatMap(({ bundle, type }) =>
    type === 'event-notification' ? bundle!.entry!.slice(1).map((entry) => entry.fullUrl!) : [],
  );
  expect([...new Set(places)]).toEqual(
    written.map((one) => `http://localhost:8160/fhir/R4/Observation/${one}`),
  );
}, 60_000);
