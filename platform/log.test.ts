/** The log keeps out what could name a person, whoever writes the line. */
import { expect, it } from 'vitest';
import { createLog } from './log.ts';
import { testLog } from './testing/test-log.ts';

it('redacts by field, at any depth', () => {
  const log = testLog();
  log.info(
    {
      req: { url: '/Patient?name=Quux' },
      raw: { rawHeaders: ['cookie', 'hunter2'] },
      user: { email: 'z@quux.example', id: 'u1', deep: { password: 'hunter2' } },
      body: { a: 1 },
    },
    'said',
  );
  log.child({ token: 'abc123' }).warn({ list: [{ phone: '+1555' }] }, 'child');
  expect(log.text()).not.toMatch(/quux|hunter2|abc123|1555/);
  expect(log.text()).toContain('"id":"u1"');
});

it('names a database error without its message, which quotes the row', () => {
  const log = testLog();
  const error = Object.assign(new Error('duplicate key: (name)=(Zebulon)'), {
    code: '23505',
    table: 'person',
    constraint: 'person_pkey',
    detail: 'Key (name)=(Zebulon) already exists.',
  });
  log.error({ err: new Error('the write failed', { cause: error }) }, 'x');
  log.error(error, 'y');
  expect(log.text()).not.toContain('Zebulon');
  expect(log.text()).toContain('person_pkey');
});

it('names a JSON error without the text it quotes', () => {
  const log = testLog();
  try {
    JSON.parse('Zebulon');
  } catch (error) {
    log.error({ err: error }, 'x');
  }
  expect(log.text()).not.toContain('Zebulon');
  expect(log.text()).toContain('SyntaxError');
});

it('writes errors at once and the rest of a turn together', async () => {
  const written: string[] = [];
  const log = createLog({ write: (text) => written.push(text) });
  log.info({}, 'one');
  log.info({}, 'two');
  expect(written).toEqual([]);
  await new Promise(setImmediate);
  expect(written).toHaveLength(1);
  log.error({}, 'three');
  expect(written).toHaveLength(2);
});

it('survives what cannot be written as JSON', () => {
  const log = testLog();
  const circular: Record<string, unknown> = { big: 10n ** 20n, bytes: Buffer.alloc(9) };
  circular.self = circular;
  log.info(circular, 'x');
  expect(log.text()).toContain('[9 bytes]');
});
