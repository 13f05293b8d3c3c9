/** Pushes go to addresses that browsers name, and so anybody: to public ones alone, whatever else of this house may go where. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { pushBy } from './delivery.ts';

it('a push never reaches what the operator opened for others: neither private addresses nor plain http', async () => {
  let hits = 0;
  const inside = createServer((_req, res) => {
    hits += 1;
    res.end();
  });
  await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done));
  const { port } = inside.address() as AddressInfo;
  const post = pushBy({ allow: ['127.0.0.1'], allowHttp: true });
  const reasonOf = (url: string) =>
    post(url, {}, Buffer.from('x')).then(
      ({ status }) => status,
      (error: { reason?: string }) => error.reason,
    );
  expect(await reasonOf(`http://127.0.0.1:${port}/`)).toBe('url');
  expect(await reasonOf(`https://127.0.0.1:${port}/`)).toBe('address');
  expect(hits).toBe(0);
  inside.close();
});
