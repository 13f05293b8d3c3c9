/** Load shedding over a real socket: what is turned away hears so at once, what drips takes nobody's place. */
import { connect, type AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testLog } from '../testing/test-log.ts';
import { createHttp } from './create-http.ts';
import { sheddingDoor } from './shed-requests.ts';
import { createShedding, type Shedding } from './shedding.ts';

let http: FastifyInstance;
let base: string;
let shedding: Shedding;
let log: ReturnType<typeof testLog>;
let open: () => void;

beforeEach(async () => {
  log = testLog();
  shedding = createShedding({ fewest: 2, most: 4 });
  const gate = new Promise<void>((resolve) => (open = resolve));
  http = createHttp({
    log,
    renderError: () => ({ status: 500, contentType: 'application/json', body: {} }),
    shed: sheddingDoor(shedding, (url) => url.startsWith('/vital'), log),
  });
  for (const path of ['/slow', '/vital'])
    http.get(path, async () => {
      await gate;
      return { ok: true };
    });
  http.post('/upload', (request) => ({ bytes: JSON.stringify(request.body).length }));
  http.get('/broken', () => Promise.reject(new Error('broken')));
  await http.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  open();
  // A client that was cut off may have opened another connection ahead.
  http.server.closeAllConnections();
  await http.close();
});

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 2));
};

it('one too many is told 503, when to come again, and that nothing was done; a vital one is let in', async () => {
  const served = Array.from({ length: 4 }, () => fetch(`${base}/slow`));
  await until(() => shedding.inService === 4);
  const answer = await fetch(`${base}/slow`);
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(await answer.json()).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'throttled' }],
  });
  const vital = fetch(`${base}/vital`);
  await until(() => shedding.inService === 5);
  open();
  for (const one of [...served, vital]) expect((await one).status).toBe(200);
  await until(() => shedding.inService === 0);
  expect(log.text().match(/overload/g)).toHaveLength(1);
});

it("uploads that drip take nobody's place", async () => {
  const { port } = new URL(base);
  const dripping = Array.from({ length: 4 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /upload HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n"a',
    );
    return socket;
  });
  await until(() => shedding.shed + shedding.inService === 0);
  const answer = fetch(`${base}/slow`);
  await until(() => shedding.inService === 1);
  open();
  expect((await answer).status).toBe(200);
  const said = dripping.map(
    (socket) =>
      new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data)))),
  );
  for (const socket of dripping) socket.write('bc"');
  for (const one of said) expect(await one).toMatch(/^HTTP\/1.1 200/);
  for (const socket of dripping) socket.destroy();
  await until(() => shedding.inService === 0);
});

it('whatever ends a request, it stops counting: an error, a cut, no such address', async () => {
  expect((await fetch(`${base}/broken`)).status).toBe(500);
  expect((await fetch(`${base}/nowhere`)).status).toBe(500);
  const abort = new AbortController();
  const cut = fetch(`${base}/slow`, { signal: abort.signal }).catch(() => 'cut');
  await until(() => shedding.inService === 1);
  abort.abort();
  expect(await cut).toBe('cut');
  await until(() => shedding.inService === 0);
});
