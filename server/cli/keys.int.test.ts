/** `afar keys` as processes beside a running server: what it says, what it refuses, and that the server goes on. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { childEnv, dataFolder, spawnServer, type ServerProcess } from '../testing/spawn-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const cli = join(import.meta.dirname, 'afar.ts');
let folder: ReturnType<typeof dataFolder>;
let server: ServerProcess;
let base: string;

function keys(...args: string[]) {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [cli, 'keys', ...args], {
      env: { ...childEnv, AFAR_DATA: folder.path },
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
  base = await server.ready();
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  folder.remove();
});

it('says what there is and what is due', async () => {
  const { code, said } = await keys('status', '--count');
  expect(`${code} ${code === 0 ? '' : said}`).toBe('0 ');
  expect(said).toMatch(/^provider +local, version 1$/m);
  expect(said).toMatch(/^epoch +1$/m);
  expect(said).toMatch(/records\.resource +[1-9]\d* +0$/m);
  expect(said).toMatch(/due:\n +keys backup FILE/);
});

it('copies the keystore, once to a place, and remembers when', async () => {
  const file = join(folder.path, '..', 'keystore.copy');
  expect((await keys('backup', file)).code).toBe(0);
  expect(existsSync(file)).toBe(true);
  expect((await keys('backup', file)).code).toBe(1);
  const { said } = await keys('status');
  expect(said).toMatch(/^last backup .*epoch 1$/m);
  expect(said).toContain('Nothing is due.');
  // Over a keystore that is there it does not go.
  const restored = await keys('restore', file);
  expect(restored.code).toBe(1);
  expect(restored.said).toMatch(/move it away/);
});

it('rotates the key-encryption key, erases nobody by mistake, and the server goes on', async () => {
  expect((await keys('rotate', '--kek')).said).toMatch(/local, version 2/);
  const stranger = '00000000-0000-4000-8000-000000000000';
  const erased = await keys('erase', stranger, '--reason', 'court-order', '--confirm', stranger);
  expect(erased.code).toBe(1);
  expect(erased.said).toMatch(/nothing was ever written/);
  const answer = await fetch(new URL('/fhir/R4/metadata', base));
  expect(answer.status).toBe(200);
});
