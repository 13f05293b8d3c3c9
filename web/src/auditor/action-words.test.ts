/** The auditor reads words: every action that the server writes into the trail has one. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const top = join(import.meta.dirname, '../../..');
const rooms = '{access,enrolment,exchange,messaging,records,sharing,visits}/**/*.ts';
/** How the rooms name an action; what is put together from parts is not seen here. */
const named =
  /(?:evidence\.action = |Object\.assign\(req\.evidence, \{ action: |\bproven\(req, |\bhelper\(req, |\bauditor\(req, |\bown\(req, |auditSocket\(house, on, )'([a-z-]+)'/g;

it('an action of the trail is never shown as a code', () => {
  const words = JSON.parse(readFileSync(join(top, 'web/src/locales/en/auditor.json'), 'utf8')) as {
    action: Record<string, string>;
  };
  const files = globSync(rooms, { cwd: top }).filter((file) => !/node_modules|\.test\./.test(file));
  const actions = new Set(
    files.flatMap((file) =>
      [...readFileSync(join(top, file), 'utf8').matchAll(named)].map((found) => found[1]!),
    ),
  );
  expect(actions.size).toBeGreaterThan(60);
  expect([...actions].filter((action) => !words.action[action])).toEqual([]);
});
