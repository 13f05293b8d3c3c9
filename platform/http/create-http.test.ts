/** The HTTP server over a real socket: limits, what an error tells, what the log holds, and a graceful end. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testLog } from '../testing/test-log.ts';
import { announceDrain, createHttp, drainHttp, type RenderedError } from './create-http.ts';
import { parseJson } from './json-body.ts';
import { pathTo, scanJson } from './json-scan.ts';

let http: FastifyInstance;
let log: ReturnType<typeof testLog>;
let base: string;

function renderError(error: unknown): RenderedError {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  return { status, contentType: 'application/json', body: { status } };
}

beforeEach(async () => {
  log = testLog();
  http = createHttp({ log, renderError });
  http.post('/echo', (request) => request.body);
  http.get('/patients/:id', () => ({ ok: true }));
  http.get('/slow', async () => {
    await sleep(300);
    return { ok: true };
  });
  http.get('/broken', () => {
    throw new Error('Zebulon Quux is not in the table');
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
});
afterEach(() => http.close());

const post = (body: string, type = 'application/json') =>
  fetch(`${base}/echo`, { method: 'POST', headers: { 'content-type': type }, body });

describe('bodies', () => {
  it.each(['application/json', 'application/fhir+json', 'application/json-patch+json'])(
    '%s is read',
    async (type) => {
      const answer = await post('{"a":[1]}', type);
      expect([answer.status, await answer.json()]).toEqual([200, { a: [1] }]);
    },
  );

  it('over 2 MiB are refused with 413', async () => {
    expect((await post(`"${'x'.repeat(2 * 1024 * 1024)}"`)).status).toBe(413);
  });

  it('of unknown length get their 413 at the limit', async () => {
    const { port } = http.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (data) => (said += String(data)));
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    // To the limit, and one byte more: what is on its way when a connection ends would take the answer with it.
    for (let n = 0; n < 32; n++) socket.write(`10000\r\n${' '.repeat(0x10000)}\r\n`);
    socket.write('1\r\n \r\n');
    await ended;
    expect(said).toContain('413 Payload Too Large');
  });

  it('without end are cut off', async () => {
    const { port } = http.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    let sent = 0;
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    // Whoever goes on writing is cut off long before a gigabyte.
    const more = (): void => {
      while (socket.writable && sent < 1_000_000_000) {
        sent += 0x10000;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
    };
    more();
    await ended;
    expect(sent).toBeLessThan(200_000_000);
  });

  it('nested deeper than 64 levels are refused, at any length', async () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect((await post(nested(64))).status).toBe(200);
    expect((await post(nested(65))).status).toBe(400);
    expect((await post(nested(500_000))).status).toBe(400);
    expect(scanJson('{"a":"[[[[","b":"\\"[[["}', 1)).toBeUndefined();
    expect(scanJson('[[]]', 1)).toEqual({ what: 'depth', at: 1 });
  });

  it.each([
    '{"__proto__":{"admin":true}}',
    '{"a":{"__proto__":1}}',
    '{"\\u005f_proto__":1}',
    '{"_\\u005Fproto\\u005f_":1}',
  ])('%s does not reach a prototype', (text) => {
    expect(() => parseJson(text)).toThrow(/forbidden key/);
  });

  it.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"b":{"a":1},"c":[{"a":1},{"x":"a","a" : 1,"\\u0061":2}]}', 'c[1].(a key)'],
    [`{${Array.from({ length: 40 }, (_, at) => `"k${at}":{}`).join()},"k7":1}`, 'k7'],
    ['{"the name of a person":1,"the name of a person":2}', '(a key)'],
  ])('that say a key twice are refused, with the path: %s', (text, path) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ statusCode: 400, path }));
  });

  it('may say the same key in different objects', () => {
    const text = '{"a":{"a":{"a":1}},"b":[{"a":"a"},{"a":"a:"}],"c":"\\"a\\":","d":"a"}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(pathTo(text, text.indexOf('"d"') + 1)).toBe('d');
  });

  it.each(['', '{', 'Zebulon'])('"%s" is refused without being quoted', async (text) => {
    const answer = await post(text);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('Zebulon');
    expect(log.text()).not.toContain('Zebulon');
  });

  it('of another type are refused with 415', async () => {
    expect((await post('<x/>', 'application/xml')).status).toBe(415);
  });
});

describe('the log', () => {
  it('has one line a request: route and status, no address, no query string', async () => {
    await fetch(`${base}/patients/MRN-4711?name=Zebulon&_id=77`);
    await fetch(`${base}/nowhere/Quux?name=Zebulon`);
    await sleep(20);
    const lines = log.text().trim().split('\n');
    const requests = lines.map((one) => JSON.parse(one)).filter((one) => one.msg === 'request');
    expect(requests).toMatchObject([
      { route: '/patients/:id', status: 200, method: 'GET' },
      { route: '(none)', status: 404 },
    ]);
    expect(JSON.stringify(requests)).not.toContain('127.0.0.1');
    expect(log.text()).not.toMatch(/MRN-4711|Zebulon|Quux/);
  });

  it('names an unknown error that the caller is told nothing of', async () => {
    const answer = await fetch(`${base}/broken`);
    expect(await answer.json()).toEqual({ status: 500 });
    expect(log.text()).toContain('"route":"/broken"');
  });
});

it('an address with an endless part meets every hook, finds nothing, and is not in the log', async () => {
  const name = 'Quux-Zebulon-'.repeat(30);
  const answer = await fetch(`${base}/patients/${name}?x=1`, { method: 'POST' });
  expect([answer.status, answer.headers.get('x-frame-options')]).toEqual([404, 'DENY']);
  expect(log.text()).not.toContain('Quux');
});

it('an address that cannot be decoded leads nowhere, past the same hooks as any other', async () => {
  const answer = await fetch(`${base}/%E0%A4%A/patients?x=%zz`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('x-request-id')).not.toBeNull();
  await sleep(20);
  expect(log.text()).toContain('"route":"(none)","status":404');
});

it('every answer carries the security headers and its own request id', async () => {
  const answers = await Promise.all([fetch(`${base}/patients/1`), fetch(`${base}/nowhere`)]);
  for (const { headers } of answers) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
  }
  const ids = answers.map((one) => one.headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(2);
});

it('what is not HTTP is answered and cut', async () => {
  const { port } = http.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write('\x16\x03\x01 hello\r\n\r\n');
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  expect(said).toContain('400 Bad Request');
});

describe('drain', () => {
  const port = () => Number(new URL(base).port);
  const get = (path: string): Promise<{ status: number; connection: string | undefined }> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest({ port: port(), path, agent: false }, (answer) => {
        answer.resume();
        answer.once('end', () =>
          resolve({ status: answer.statusCode!, connection: answer.headers.connection }),
        );
      });
      sent.once('error', reject);
      sent.end();
    });

  it('finishes what is in flight, closes idle connections in the end, takes no new ones', async () => {
    const idle = connect(port(), '127.0.0.1');
    idle.write('GET /patients/1 HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => idle.once('data', resolve));
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    idle.resume();
    const slow = get('/slow');
    await sleep(50);
    const drained = drainHttp(http, 5_000);
    await expect(get('/patients/1')).rejects.toThrow(/ECONNREFUSED|socket hang up/);
    expect((await slow).status).toBe(200);
    await idleClosed;
    await drained;
  });

  it('a request that is on its way in an idle connection is answered, and told that it was the last', async () => {
    const idle = connect(port(), '127.0.0.1');
    const ask = 'GET /patients/1 HTTP/1.1\r\nhost: x\r\n\r\n';
    idle.write(ask);
    await new Promise((resolve) => idle.once('data', resolve));
    const drained = drainHttp(http, 5_000);
    // Long after the listener is gone, and before the last call is over.
    await sleep(100);
    let said = '';
    idle.on('data', (data) => (said += String(data)));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    idle.write(ask);
    await closed;
    expect(said).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*connection: close\r\n/i);
    await drained;
  });

  it('does not wait for connections that nobody has said a word in', async () => {
    const ahead = connect(port(), '127.0.0.1');
    const closed = new Promise((resolve) => ahead.once('close', resolve));
    await new Promise((resolve) => ahead.once('connect', resolve));
    let cut = false;
    const limit = setTimeout(() => (cut = true), 8_000);
    await drainHttp(http, 10_000);
    clearTimeout(limit);
    await closed;
    expect(cut).toBe(false);
  });

  it('between announcing and draining it still takes connections, and lets none live on', async () => {
    announceDrain(http);
    expect((await fetch(`${base}/patients/1`)).headers.get('connection')).toBe('close');
    await drainHttp(http, 5_000);
  });

  it('cuts what outlives its time', async () => {
    const slow = get('/slow').catch((error: Error) => error);
    await sleep(50);
    await drainHttp(http, 50);
    expect(await slow).toBeInstanceOf(Error);
  });
});
