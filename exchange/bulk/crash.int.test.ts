/** Workers killed in the middle of an export: whoever goes on repeats and loses nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChildSettings } from './testing/child.ts';
import { openBulkWorld } from './testing/world.ts';
import type { BulkWorld } from './testing/world.ts';

let on: BulkWorld;
beforeAll(async () => {
  on = await openBulkWorld();
});
afterAll(() => on.close());

async function spawnWorker() {
  const settings: ChildSettings = {
    app: on.world.data.urls.app,
    audit: on.world.data.urls.audit,
    folder: on.world.folder,
    files: on.folder,
    limits: { page: 2, fileResources: 4, leaseMs: 200, turnMs: 100 },
  };
  const one = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'child.ts')], {
    env: { ...process.env, AFAR_TEST_CHILD: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(one, 'exit');
  await Promise.race([once(one.stdout, 'data'), ended]);
  return async () => {
    one.kill('SIGKILL');
    await ended;
  };
}

it('an export goes on after each of three kills', async () => {
  const { world } = on;
  const { id: patient } = await world.patient();
  const written: string[] = [];
  for (let n = 0; n < 90; n++) {
    const { id } = await world.records.create(world.system, {
      resourceType: 'Observation',
      status: 'final',
      code: { text: `value ${n}` },
      subject: { reference: `Patient/${patient}` },
    });
    written.push(id);
  }
  const job = await on.kickoff(world.system, '$export?_type=Observation,Patient');
  const look = async () => {
    const { rows } = await world.data.db.query<{ state: string; files: number }>(
      `select state, (select count(*)::int from exchange.bulk_file f where f.job = j.id) as files
       from exchange.bulk_job j where id = $1`,
      [job],
    );
    return rows[0]!;
  };
  for (let kills = 0; kills < 3; kills++) {
    const { files } = await look();
    const kill = await spawnWorker();
    // Anywhere in the next files: between two pages, before a commit, after it.
    while ((await look()).files <= files && (await look()).state === 'running') await sleep(2);
    await sleep(Math.random() * 20);
    await kill();
  }
  const kill = await spawnWorker();
  while ((await look()).state === 'running') await sleep(20);
  await kill();
  const manifest = await on.manifest(world.system, job);
  const ids = (await on.resources(world.system, manifest)).map(({ id }) => id!);
  expect(ids).toHaveLength(91);
  expect(new Set(ids)).toEqual(new Set([...written, patient]));
}, 60_000);
