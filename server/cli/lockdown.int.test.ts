/** The switch by an operator's hand, beside a running server: at once, nothing destroyed meanwhile, and one hand does not lift it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { childEnv, dataFolder, spawnServer, type ServerProcess } from '../testing/spawn-server.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const cli = join(import.meta.dirname, 'afar.ts');
let folder: ReturnType<typeof dataFolder>;
let server: ServerProcess;
let url: string;

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

beforeAll(async () => {
  folder = dataFolder();
  server = spawnServer(folder.path);
  url = await server.ready();
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  folder.remove();
});

it('locks, keeps what there is, and opens again for two', async () => {
  const status = async (method: 'GET' | 'POST') =>
    (await fetch(`${url}/fhir/R4/Patient`, { method })).status;
  expect([await status('GET'), await status('POST')]).toEqual([401, 415]);
  expect((await afar(['lockdown'])).code).toBe(2);
  // Without a reason it is not understood.
  expect((await afar(['lockdown', 'on', '--mode', 'closed'])).code).toBe(2);
  const on = await afar(['lockdown', 'on', '--reason', 'A drill']);
  expect(on).toMatchObject({ code: 0, said: expect.stringContaining('read-only') });
  expect([await status('GET'), await status('POST')]).toEqual([401, 503]);
  expect(await (await fetch(`${url}/state/lockdown`)).json()).toMatchObject({
    mode: 'read-only',
  });
  const patient = '6a7e5c3e-0b1d-4a5e-9f6c-0a1b2c3d4e5f';
  const erase = ['keys', 'erase', patient, '--reason', 'patient-request', '--confirm', patient];
  expect(await afar(erase)).toMatchObject({
    code: 2,
    said: expect.stringContaining('Locked down'),
  });
  const off = (uid: string) => afar(['lockdown', 'off'], { SUDO_UID: uid });
  expect((await off('1000')).code).toBe(1);
  expect((await off('1000')).said).toContain('forbidden');
  expect(await status('POST')).toBe(503);
  expect((await afar(['lockdown', 'status'])).said).toContain('A drill');
  expect(await off('1001')).toMatchObject({ code: 0, said: expect.stringContaining('open again') });
  await vi.waitFor(async () => expect(await status('POST')).toBe(415), { timeout: 5_000 });
});
