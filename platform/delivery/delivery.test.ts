/** The sealed outbox: what was sent can be read with the key, and by nobody without it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshKey } from '../keys/data-key.ts';
import { SealBroken } from '../seal/index.ts';
import { fileOutbox } from './index.ts';

const key = freshKey(randomUUID(), randomBytes(32));
let dir: string;
let now = Date.UTC(2026, 10, 21, 9);
const clock = { now: () => now++ };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-outbox-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const outbox = () => fileOutbox({ dir: join(dir, 'outbox'), key: async () => key, clock });

it('is empty before the first message', async () => {
  expect(await outbox().read()).toEqual([]);
});

it('keeps messages in the order they were sent', async () => {
  const out = outbox();
  await out.mail({ to: 'núria@example.org', subject: 'Your visit', text: 'Tomorrow at nine' });
  await out.sms({ to: '+1 555 0100', text: 'A message waits for you' });
  await out.push({ to: 'device-1', title: 'Afar', text: 'A message waits for you' });
  expect(await outbox().read()).toMatchObject([
    { kind: 'mail', to: 'núria@example.org', subject: 'Your visit', text: 'Tomorrow at nine' },
    { kind: 'sms', to: '+1 555 0100' },
    { kind: 'push', title: 'Afar' },
  ]);
});

it('shows no address and no text on the disk', async () => {
  await outbox().mail({ to: 'nuria@example.org', subject: 'Your visit', text: 'Tomorrow at nine' });
  const [name] = readdirSync(join(dir, 'outbox'));
  const bytes = readFileSync(join(dir, 'outbox', name!));
  for (const word of ['nuria', 'example.org', 'visit', 'Tomorrow'])
    expect(`${name} ${bytes.toString('latin1')}`).not.toContain(word);
});

it('refuses a file that took the name of another', async () => {
  const out = outbox();
  await out.sms({ to: '1', text: 'one' });
  await out.sms({ to: '2', text: 'two' });
  const [first, second] = readdirSync(join(dir, 'outbox')).sort();
  renameSync(join(dir, 'outbox', first!), join(dir, 'outbox', second!));
  await expect(out.read()).rejects.toThrow(SealBroken);
});
