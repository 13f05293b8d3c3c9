/** Processes that look after results, killed in the middle of it: every abnormal result is in the inbox once, and told of once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { baseUrl, openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import type { ChildSettings } from '../testing/child.ts';
import { eventually, laboratory } from '../testing/laboratory.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
  await clinic.admitted(patient, clinician);
  // This process writes; only children look after what it wrote.
  await clinic.visits.stop();
});
afterAll(() => clinic.closeAll());

async function spawnChild() {
  const settings: ChildSettings = {
    app: clinic.data.urls.app,
    audit: clinic.data.urls.audit,
    folder: clinic.folder,
    baseUrl,
    now: opening,
  };
  const one = spawn(process.execPath, [join(import.meta.dirname, '..', 'testing', 'child.ts')], {
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

it('kill -9, twice', async () => {
  const lab = laboratory(clinic);
  const written: string[] = [];
  const send = async (): Promise<void> => {
    written.push(
      (await lab.report(patient.id, undefined, [{ value: 8, interpretation: 'HH' }])).id,
    );
  };
  let child = await spawnChild();
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 4; n++) await send();
    // Anywhere between the commit and the notice.
    await sleep(Math.random() * 200);
    await child.kill();
    await send();
    child = await spawnChild();
  }
  const rows = async () =>
    (
      await clinic.db.query<{ rid: string; state: string }>(
        `select rid, state from visits.result where tenant = 1 and type = 'DiagnosticReport'`,
      )
    ).rows;
  const found = await eventually(rows, (all) => all.length === written.length);
  expect(new Set(found.map((one) => one.rid))).toEqual(new Set(written));
  expect(found.every((one) => one.state === 'waiting')).toBe(true);
  await child.kill();
  const { rows: stray } = await clinic.db.query(
    `select from visits.result where tenant = 1 and type = 'Observation' and state = 'acknowledged'`,
  );
  expect(stray).toEqual([]);
  const told = await clinic.access.notices.list(1, clinician.account, 200);
  const urgent = told.filter((one) => one.kind === 'result-urgent').length;
  // A value that was read before its report came is told of by itself: never less than one each, never two of one row.
  const { rows: counted } = await clinic.db.query<{ n: number }>(
    `select count(*)::int as n from visits.result where tenant = 1 and level = 0`,
  );
  expect(urgent).toBe(counted[0]!.n);
}, 60_000);
