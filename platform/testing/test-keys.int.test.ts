/** The test key ring keeps its keys where it says, and takes them along. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testKeys } from './index.ts';

it('hands out real keys and leaves nothing', async () => {
  const { keys, dir, drop } = await testKeys();
  const key = await keys.reserve(1);
  expect((await keys.byId(1, key.kid)).kid).toBe(key.kid);
  drop();
  expect(existsSync(dir)).toBe(false);
});
