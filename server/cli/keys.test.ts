/** What `afar keys` refuses, before it opens anything. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../config.ts';
import { keysCommand } from './keys.ts';

const said: string[] = [];
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => void said.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
  said.length = 0;
});

it.each([
  [['erase', 'somebody'], /Say why/],
  [['erase', 'somebody', '--reason', 'because'], /patient-request/],
  [['erase', 'somebody', '--reason', 'court-order'], /legal hold[\s\S]*--confirm somebody/],
  [['erase', 'somebody', '--reason', 'court-order', '--confirm', 'somebody-else'], /say it again/],
  [['rotate'], /--data/],
  [['rotate', '--data', '--index'], /--data/],
  [['burn'], /keys status/],
] as const)('refuses %j, and touches nothing', async (args, message) => {
  // A folder that cannot be made: whoever went on would fail otherwise.
  const config = loadConfig({ AFAR_DATA: '/proc/nowhere' });
  expect(await keysCommand(config, [...args])).toBe(2);
  expect(said.join()).toMatch(message);
});
