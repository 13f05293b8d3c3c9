/** What comes over the wire that is not one plain request: smuggled, endless, slow. Answered with a refusal or cut, never passed on. */
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testLog } from '../testing/test-log.ts';
import { createHttp } from './create-http.ts';

const log = testLog();
let http: ReturnType<typeof createHttp>;
const reached: string[] = [];
beforeAll(async () => {
  http = createHttp({
    log,
    renderError: (error) => ({
      status: (error as { statusCode?: number }).statusCode ?? 500,
      contentType: 'text/plain',
      body: 'no',
    }),
  });
  http.all('/*', (request) => {
    reached.push(`${request.method} ${request.url}`);
    return 'ok';
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => http.close());

/** Everything that is answered until the server closes the connection, or `ms` have passed. */
async function raw(text: string, ms = 1_000): Promise<string> {
  const { port } = http.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  let said = '';
  const over = setTimeout(() => socket.destroy(), ms);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (said += String(chunk)));
  socket.write(text);
  await new Promise<void>((done) => socket.once('close', () => done()));
  clearTimeout(over);
  return said;
}

const lines = (...all: string[]): string => all.join('\r\n');

describe('a request that could be read in two ways', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
  it.each([
    [
      'a length and chunks [RFC 9112 6.1]',
      lines(
        'POST /a HTTP/1.1',
        'host: x',
        'content-length: 4',
        'transfer-encoding: chunked',
        '',
        '0',
        '',
        smuggled,
      ),
    ],
    [
      'two lengths',
      lines('POST /a HTTP/1.1', 'host: x', 'content-length: 0', 'content-length: 39', '', smuggled),
    ],
    [
      'a length that is no number',
      lines('POST /a HTTP/1.1', 'host: x', 'content-length: +0', '', smuggled),
    ],
    [
      'chunked that is not the last coding',
      lines(
        'POST /a HTTP/1.1',
        'host: x',
        'transfer-encoding: chunked, identity',
        '',
        '0',
        '',
        smuggled,
      ),
    ],
    [
      'a coding with a blank before the colon',
      lines('POST /a HTTP/1.1', 'host: x', 'transfer-encoding : chunked', '', '0', '', smuggled),
    ],
    ['a folded header', lines('GET /a HTTP/1.1', 'host: x', 'x-a: b', ' c: d', '', smuggled)],
    [
      'a chunk whose size is no number',
      lines('POST /a HTTP/1.1', 'host: x', 'transfer-encoding: chunked', '', '0x0', '', smuggled),
    ],
    [
      'lines that end with LF alone',
      'GET /a HTTP/1.1\nhost: x\n\nGET /smuggled HTTP/1.1\nhost: x\n\n',
    ],
    ['a NUL in a header', lines('GET /a HTTP/1.1', 'host: x', 'x-a: b\0c', '', smuggled)],
    ['no host [RFC 9112 3.2]', lines('GET /a HTTP/1.1', '', '')],
  ])('%s: refused, and nothing behind it is reached', async (_name, text) => {
    reached.length = 0;
    const said = await raw(text);
    expect(said).toMatch(/^HTTP\/1\.1 4(00|15) /);
    expect(said).not.toMatch(/HTTP\/1\.1 2/);
    expect(reached).toEqual([]);
  });
});

it('two hosts are refused: the host says whose it is [RFC 9112 3.2]', async () => {
  reached.length = 0;
  const said = await raw(lines('GET /a HTTP/1.1', 'host: x', 'Host: y', '', ''));
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
  expect(reached).toEqual([]);
});

describe('limits', () => {
  it('headers of more than 16 KB, or without end, are cut', async () => {
    const long = await raw(
      lines('GET /a HTTP/1.1', 'host: x', `x-a: ${'b'.repeat(20_000)}`, '', ''),
    );
    expect(long).toMatch(/^HTTP\/1\.1 4\d\d /);
    const many = Array.from({ length: 5_000 }, (_, n) => `x-${n}: ${n}`);
    expect(await raw(lines('GET /a HTTP/1.1', 'host: x', ...many, '', ''))).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
  });

  it('an address longer than the headers may be is refused', async () => {
    expect(await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
  });

  it('slow ones are cut: headers in 15 s, everything in 60 s, looked at every few seconds', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = http.server;
    expect([headersTimeout, requestTimeout, keepAliveTimeout]).toEqual([15_000, 60_000, 65_000]);
    const [interval] = Object.getOwnPropertySymbols(http.server)
      .filter((one) => String(one).includes('connectionsCheckingInterval'))
      .map((one) => Reflect.get(http.server, one) as { _repeat?: number } | number);
    const ms = typeof interval === 'number' ? interval : interval?._repeat;
    expect(ms).toBeLessThanOrEqual(5_000);
  });
});

it('methods nobody uses are refused', async () => {
  reached.length = 0;
  for (const method of ['CONNECT', 'BREW'])
    expect(await raw(`${method} /a HTTP/1.1\r\nhost: x\r\n\r\n`)).not.toMatch(/^HTTP\/1\.1 2/);
  expect(reached).toEqual([]);
});
