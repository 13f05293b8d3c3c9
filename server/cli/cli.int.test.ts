/** The operator's commands as processes: beside a server and without one, by exit code and by what they say. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  childEnv,
  dataFolder,
  processesOn,
  spawnServer,
  type ServerProcess,
} from '../testing/spawn-server.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const cli = join(import.meta.dirname, 'afar.ts');
let folder: ReturnType<typeof dataFolder>;
let server: ServerProcess;

function afar(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], {
      env: { ...childEnv, AFAR_DATA: folder.path, ...env },
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    child.once('close', (code) => resolve({ code, said }));
  });
}

const bundle = (family: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:6a7e5c3e-0b1d-4a5e-9f6c-0a1b2c3d4e5f',
      resource: { resourceType: 'Patient', name: [{ family }] },
      request: { method: 'POST', url: 'Patient' },
    },
  ],
});

beforeAll(async () => {
  folder = dataFolder();
  server = spawnServer(folder.path);
  await server.ready();
  writeFileSync(join(folder.path, '..', 'one.json'), JSON.stringify(bundle('Importson')));
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  folder.remove();
});

it('says what there is when asked for nothing, and refuses what it does not know', async () => {
  const help = await afar([]);
  expect([help.code, help.said.includes('import FILE...')]).toEqual([0, true]);
  expect((await afar(['constructor'])).code).toBe(2);
});

it('config tells every fault, and no secret', async () => {
  const shown = await afar(['config'], { DATABASE_URL: 'postgres://u:hunter2@db/x' });
  expect(shown.code).toBe(0);
  expect(shown.said).not.toContain('hunter2');
  const faulty = await afar(['config'], { AFAR_PORT: 'x', AFAR_MODE: 'y' });
  expect(faulty.code).toBe(1);
  expect(faulty.said).toMatch(/AFAR_PORT[\s\S]*AFAR_MODE|AFAR_MODE[\s\S]*AFAR_PORT/);
});

it('makes the first administrator, who signs in with what was shown; a second time changes nothing', async () => {
  const args = ['user', 'create', '--role', 'administrator', '--name', 'First', '--email'];
  const made = await afar([...args, 'first@example.org']);
  expect(made.code === 0 ? '' : made.said).toBe('');
  const password = /password +(\S+)/.exec(made.said)![1]!;
  const url = await server.ready();
  const answer = await fetch(`${url}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: 'first@example.org', password }),
  });
  expect(await answer.json()).toMatchObject({ status: 'second-factor' });
  expect((await afar([...args, 'first@example.org'])).code).toBe(1);
  expect((await afar([...args, 'no address'])).code).toBe(2);
  expect(
    (await afar(['user', 'create', '--role', 'system', '--name', 'X', '--email', 'x@y.org'])).code,
  ).toBe(2);
});

it('loads a FHIR package; a second time changes nothing', async () => {
  const tar = pack();
  const definition = {
    resourceType: 'ValueSet',
    id: 'v',
    url: 'https://e.example/v',
    status: 'active',
  };
  const files = { 'package.json': { name: 'e.example', version: '1.0.0' }, 'v.json': definition };
  for (const [name, content] of Object.entries(files))
    tar.entry({ name: `package/${name}` }, JSON.stringify(content));
  tar.finalize();
  writeFileSync(join(folder.path, '..', 'e.tgz'), await buffer(tar.pipe(createGzip())));
  const first = await afar(['load-package', '../e.tgz'], { AFAR_CWD: folder.path });
  expect([first.said.includes('e.example 1.0.0: 1 written'), first.code]).toEqual([true, 0]);
  const again = await afar(['load-package', '../e.tgz'], { AFAR_CWD: folder.path });
  expect(again.said).toContain('0 written, 1 were there');
  expect((await afar(['load-package', '../none.tgz'], { AFAR_CWD: folder.path })).code).toBe(2);
});

it('imports beside a running server, which sees it and runs on; a second time changes nothing', async () => {
  const first = await afar(['import', '../one.json'], { AFAR_CWD: folder.path });
  expect(first.said).toContain('1 resources of 1 files loaded');
  expect(first.code).toBe(0);
  const again = await afar(['import', join(folder.path, '..', 'one.json')]);
  expect(again.said).toContain('0 resources of 1 files loaded');
  expect(again.said).toContain('1 were there');
  expect((await fetch(`${await server.ready()}/readyz`)).status).toBe(200);
  expect((await afar(['status'])).said).toMatch(/server +runs/);
});

it('a file that is not there, or no FHIR, is told by the exit code', async () => {
  expect((await afar(['import', 'nowhere.json'])).code).toBe(2);
  writeFileSync(join(folder.path, '..', 'bad.json'), '{"resourceType":"Nonsense"}');
  expect((await afar(['import', join(folder.path, '..', 'bad.json')])).code).toBe(1);
});

it('without a server it starts the database for itself and leaves no process', async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  const status = await afar(['status']);
  expect(status.said).toMatch(/server +does not run here/);
  expect(status.said).toMatch(/records +\d+ migrations/);
  expect(processesOn(folder.path)).toEqual([]);
  expect((await afar(['migrate'])).code).toBe(0);
});

it('broken off by a signal it leaves no process', async () => {
  const child = spawn(process.execPath, [cli, 'import', join(folder.path, '..', 'one.json')], {
    env: { ...childEnv, AFAR_DATA: folder.path },
  });
  const code = new Promise((resolve) => child.once('close', resolve));
  while (!existsSync(join(folder.path, 'database', 'cluster', 'postmaster.pid'))) await sleep(10);
  child.kill('SIGTERM');
  expect([0, 143]).toContain(await code);
  for (let wait = 0; processesOn(folder.path).length > 0 && wait < 20_000; wait += 50)
    await sleep(50);
  expect(processesOn(folder.path)).toEqual([]);
});

it('terminology: loads a table beside the server, lists it, takes it away', async () => {
  const csv = join(folder.path, '..', 'colours.csv');
  writeFileSync(csv, 'code,display\nr,Red\n');
  const url = 'http://example.org/colours';
  const load = ['terminology', 'load', 'csv', csv, '--url', url];
  const faulty = await afar(load);
  expect([faulty.code, faulty.said]).toEqual([1, expect.stringContaining('--version')]);
  const loaded = await afar([...load, '--version', '1']);
  expect([loaded.code, loaded.said]).toEqual([0, expect.stringContaining('1 concepts')]);
  expect((await afar(['terminology', 'list'])).said).toContain(`${url}|1`);
  expect((await afar(['terminology', 'remove', url])).code).toBe(0);
});
