/** The guard of the way out, against real servers: private addresses, rebinding, redirects, smuggled headers, endless answers. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, it } from 'vitest';
import { isReachable, rangesOf } from './addresses.ts';
import { createOutbound, OutboundError, parseHeaders } from './index.ts';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function serve(listener: RequestListener, tls?: { cert: string; key: string }) {
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

const reasonOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'answered';
  } catch (error) {
    if (error instanceof OutboundError) return error.reason;
    throw error;
  }
};

const local = { allowHttp: true, allow: ['127.0.0.1'] };

describe('which addresses are called', () => {
  it.each([
    '0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1',
    '192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 168.63.129.16',
    ':: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b:1::a00:1',
    '2002:7f00:1:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1',
    '5f00::1 100::1 4000::1 2a00:1450::5efe:7f00:1 2a00:1450::200:5efe:a00:1',
    'localhost 127.1 0x7f000001',
  ])('none of %s', (list) => {
    expect(list.split(' ').filter((one) => isReachable(one, []))).toEqual([]);
  });

  it('public ones', () => {
    for (const one of ['8.8.8.8', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::8'])
      expect(isReachable(one, [])).toBe(true);
  });

  it('those the operator lists, and no more', () => {
    const allowed = rangesOf(['10.1.0.0/16', 'fd00::5']);
    expect(isReachable('10.1.2.3', allowed)).toBe(true);
    expect(isReachable('fd00::5', allowed)).toBe(true);
    expect(isReachable('10.2.0.1', allowed)).toBe(false);
    expect(isReachable('::ffff:10.1.2.3', allowed)).toBe(false);
    expect(() => rangesOf(['everything'])).toThrow(/allow list/);
  });
});

describe('which URLs are called', () => {
  it.each([
    'http://93.184.216.34/',
    'ftp://93.184.216.34/',
    'file:///etc/passwd',
    'https://user:secret@93.184.216.34/',
    'https://',
    'not a url',
    `https://93.184.216.34/${'a'.repeat(3_000)}`,
  ])('not %s', async (url) => {
    expect(await reasonOf(createOutbound().check(url))).toBe('url');
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://localhost/',
  ])('not %s, by whatever spelling', async (url) => {
    expect(await reasonOf(createOutbound().check(url))).toBe('address');
  });

  it('a name that resolves to a private address, or to one among public ones', async () => {
    const resolver = async () => ['93.184.216.34', '10.0.0.7'];
    expect(await reasonOf(createOutbound({ resolver }).check('https://hook.test/'))).toBe(
      'address',
    );
  });

  it('a name whose look-up hangs is given up within a second', async () => {
    const resolver = () => new Promise<string[]>(() => undefined);
    expect(await reasonOf(createOutbound({ resolver }).check('https://hook.test/'))).toBe(
      'timeout',
    );
  });
});

describe('the connection', () => {
  it('goes to the address that was checked, however the name resolves afterwards (DNS rebinding)', async () => {
    let hits = 0;
    const port = await serve((_req, res) => {
      hits += 1;
      res.end('inside');
    });
    let asked = 0;
    const resolver = async () => [['127.0.0.2'], ['127.0.0.1']][Math.min(asked++, 1)]!;
    // The first answer is the one that is connected to: nobody listens there, and the second is never asked for.
    const out = createOutbound({ allowHttp: true, allow: ['127.0.0.2'], resolver });
    const why = await reasonOf(
      out.request({ url: `http://rebind.test:${port}/`, deadlineMs: 300 }),
    );
    expect(['timeout', 'connect']).toContain(why);
    expect([asked, hits]).toEqual([1, 0]);
    expect(await reasonOf(out.request({ url: `http://rebind.test:${port}/` }))).toBe('address');
    expect(hits).toBe(0);
  });

  it('does not follow a redirect', async () => {
    let hits = 0;
    const inside = await serve((_req, res) => {
      hits += 1;
      res.end();
    });
    const port = await serve((_req, res) =>
      res.writeHead(307, { location: `http://127.0.0.1:${inside}/` }).end(),
    );
    const answer = await createOutbound(local).request({ url: `http://127.0.0.1:${port}/` });
    expect([answer.status, hits]).toEqual([307, 0]);
  });

  it('takes no proxy from the environment', async () => {
    let proxied = 0;
    const proxy = await serve((_req, res) => {
      proxied += 1;
      res.end();
    });
    const port = await serve((_req, res) => res.end('direct'));
    const before = { ...process.env };
    Object.assign(process.env, {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: `http://127.0.0.1:${proxy}`,
      http_proxy: `http://127.0.0.1:${proxy}`,
    });
    try {
      const { body } = await createOutbound(local).request({ url: `http://127.0.0.1:${port}/` });
      expect([body.toString(), proxied]).toEqual(['direct', 0]);
    } finally {
      process.env = before;
    }
  });

  it('asks for a certificate it trusts, for the name that was called', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'hook.test' }], {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'hook.test' }] },
      ],
    });
    const port = await serve((req, res) => res.end(req.headers.host), { cert, key });
    const resolver = async () => ['127.0.0.1'];
    const strict = createOutbound({ allow: ['127.0.0.1'], resolver });
    const trusting = createOutbound({ allow: ['127.0.0.1'], resolver, ca: [cert] });
    const url = `https://hook.test:${port}/`;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await reasonOf(strict.request({ url }))).toBe('tls');
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect((await trusting.request({ url })).body.toString()).toBe(`hook.test:${port}`);
    expect(await reasonOf(trusting.request({ url: `https://other.test:${port}/` }))).toBe('tls');
  });

  it('gives up an answer that drips past the deadline, and one that is too long', async () => {
    const drips = await serve((_req, res) => {
      const timer = setInterval(() => res.write('.'), 20);
      res.on('close', () => clearInterval(timer));
    });
    const floods = await serve((_req, res) => {
      const more = (): void => {
        while (!res.destroyed && res.write('x'.repeat(65_536)));
      };
      res.on('drain', more);
      more();
    });
    const out = createOutbound(local);
    expect(
      await reasonOf(out.request({ url: `http://127.0.0.1:${drips}/`, deadlineMs: 200 })),
    ).toBe('timeout');
    expect(
      await reasonOf(out.request({ url: `http://127.0.0.1:${floods}/`, mostBytes: 100_000 })),
    ).toBe('too-large');
  });
});

describe('headers of a subscriber', () => {
  it('lets credentials through', () => {
    expect(parseHeaders(['Authorization: Bearer a.b', 'X-Api-Key: 7'])).toEqual({
      authorization: 'Bearer a.b',
      'x-api-key': '7',
    });
  });

  it.each([
    'Host: internal',
    'Content-Length: 0',
    'Transfer-Encoding: chunked',
    'Connection: upgrade',
    'Cookie: a=b',
    'Expect: 100-continue',
    'Proxy-Authorization: x',
    'X-Forwarded-For: 127.0.0.1',
    'X-HTTP-Method-Override: DELETE',
    'X-Original-URL: /admin',
    'X-aws-ec2-metadata-token: t',
    'Authorization: a\r\nHost: internal',
    'X-A: a\nb',
    'X-A: a\u0000',
    'X-A: \u00e9',
    'X-A : a',
    ': a',
    'no colon',
    'X-A:',
  ])('refuses %j', (line) => {
    expect(() => parseHeaders([line])).toThrow(OutboundError);
  });

  it('refuses the same twice, and too many', () => {
    expect(() => parseHeaders(['X-A: a', 'x-a: b'])).toThrow(OutboundError);
    expect(() => parseHeaders(Array.from({ length: 11 }, (_, n) => `X-A${n}: a`))).toThrow(
      OutboundError,
    );
    expect(() => parseHeaders([`X-A: ${'a'.repeat(9_000)}`])).toThrow(OutboundError);
  });
});
