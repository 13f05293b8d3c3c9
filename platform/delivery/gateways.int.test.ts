/** Delivery to a real SMTP server and a real HTTP server on this machine: what arrives, what is refused, what is said of it. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { connect, createServer as createTcp, type AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeliveryFailed, gateways, isMailAddress, smsBodyFault } from './index.ts';
import { smtpGateway } from './smtp.ts';
import { smsGateway } from './sms-gateway.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let tls: { key: string; cert: string };
beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  tls = { key: made.private, cert: made.cert };
});

interface Arrived {
  from: string;
  to: string[];
  raw: string;
  secure: boolean;
  user?: string;
}

async function smtpServer(over: SMTPServerOptions = {}) {
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    ...tls,
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, { envelope, secure, user }, done) {
      let raw = '';
      stream.on('data', (part: Buffer) => (raw += part.toString()));
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map((one) => one.address);
        arrived.push({ from, to, raw, secure, ...(user && { user }) });
        done();
      });
    },
    ...over,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { arrived, port: (server.server.address() as AddressInfo).port };
}

const mail = (options: Parameters<typeof smtpGateway>[0]) => {
  const gateway = smtpGateway(options);
  closers.push(() => gateway.close());
  return gateway;
};
const from = 'Afar <clinic@example.org>';
const message = { to: 'nuria@example.org', subject: 'Your code', text: 'It is 123456.' };
const failure = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryFailed);
  return error as DeliveryFailed;
};

describe('SMTP [RFC 5321]', () => {
  it('delivers by STARTTLS with the password, several on few connections', async () => {
    const { arrived, port } = await smtpServer();
    const url = `smtp://afar:right@localhost:${port}`;
    const gateway = mail({ url, from, ca: [tls.cert] });
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => gateway.mail({ ...message, text: `Núria, ${n}` })),
    );
    expect(arrived).toHaveLength(6);
    expect(arrived[0]).toMatchObject({
      from: 'clinic@example.org',
      to: ['nuria@example.org'],
      secure: true,
      user: 'afar',
    });
    expect(arrived[0]!.raw).toMatch(/^Auto-Submitted: auto-generated/m);
  });

  it('delivers by TLS from the first byte', async () => {
    const { arrived, port } = await smtpServer({ secure: true });
    await mail({ url: `smtps://localhost:${port}`, from, ca: [tls.cert] }).mail(message);
    expect(arrived).toMatchObject([{ secure: true }]);
  });

  it('refuses at once a password that is no part of an address', () => {
    const from = 'clinic@example.org';
    expect(() => smtpGateway({ url: 'smtp://u:50%off@127.0.0.1', from })).toThrow(URIError);
  });

  it('refuses a certificate nobody vouches for', async () => {
    const { arrived, port } = await smtpServer();
    const { permanent } = await failure(
      mail({ url: `smtp://localhost:${port}`, from }).mail(message),
    );
    expect(permanent).toBe(false);
    expect(arrived).toEqual([]);
  });

  it('needs TLS off loopback unless told otherwise', async () => {
    const { arrived, port } = await smtpServer({ disabledCommands: ['STARTTLS'] });
    // The same machine under a name that is not loopback's.
    const name = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find((one) => !one.internal && one.family === 'IPv4')!.address;
    const beyond = createTcp((socket) => {
      const inner = connect(port, '127.0.0.1');
      socket.pipe(inner).pipe(socket);
      for (const one of [socket, inner]) one.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => beyond.listen(0, name, resolve));
    closers.push(() => new Promise<void>((resolve) => beyond.close(() => resolve())));
    const url = `smtp://afar:right@${name}:${(beyond.address() as AddressInfo).port}`;
    await failure(mail({ url, from }).mail(message));
    expect(arrived).toEqual([]);
    await mail({ url: url.replace('afar:right@', ''), from, plain: true }).mail(message);
    expect(arrived).toHaveLength(1);
  });

  it('tells what cannot help from what may pass, and nothing of the message', async () => {
    const answers = new Map([
      ['gone@example.org', 550],
      ['full@example.org', 452],
    ]);
    const { port } = await smtpServer({
      onRcptTo({ address }, _session, done) {
        const responseCode = answers.get(address);
        done(
          responseCode ? Object.assign(new Error(`no ${address}`), { responseCode }) : undefined,
        );
      },
    });
    const gateway = mail({ url: `smtp://localhost:${port}`, from, ca: [tls.cert] });
    const gone = await failure(gateway.mail({ ...message, to: 'gone@example.org' }));
    expect(gone).toMatchObject({ code: 'smtp-550', permanent: true });
    expect(gone.message).not.toContain('gone@');
    const full = await failure(gateway.mail({ ...message, to: 'full@example.org' }));
    expect(full).toMatchObject({ code: 'smtp-452', permanent: false });
    const locked = mail({
      url: `smtp://afar:wrong@localhost:${port}`,
      from,
      ca: [tls.cert],
    });
    expect(await failure(locked.mail(message))).toMatchObject({
      code: 'smtp-535',
      permanent: false,
    });
  });

  it('gives up on a server that says nothing', async () => {
    const silent = createTcp(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise<void>((resolve) => silent.close(() => resolve())));
    const url = `smtp://localhost:${(silent.address() as AddressInfo).port}`;
    expect(await failure(mail({ url, from, stepMs: 200 }).mail(message))).toMatchObject({
      permanent: false,
    });
  });

  it('lets no header and no second recipient in', async () => {
    const { arrived, port } = await smtpServer();
    const gateway = mail({ url: `smtp://localhost:${port}`, from, ca: [tls.cert] });
    for (const to of [
      'a@example.org\r\nBcc: b@example.org',
      'a@example.org, b@example.org',
      'a@example.org>\r\nRCPT TO:<b@example.org',
      'Ada <a@example.org>',
      'a b@example.org',
    ]) {
      expect(isMailAddress(to)).toBe(false);
      expect(await failure(gateway.mail({ ...message, to }))).toMatchObject({ permanent: true });
    }
    await gateway.mail({
      ...message,
      subject: 'Hello\r\nBcc: b@example.org',
      text: 'One\r\n.\r\nMAIL FROM:<x@example.org>\r\n',
    });
    expect(arrived).toHaveLength(1);
    const [head] = arrived[0]!.raw.split('\r\n\r\n');
    expect(head).not.toMatch(/^Bcc:/im);
    expect(arrived[0]!.to).toEqual(['nuria@example.org']);
  });
});

describe('SMS by HTTP', () => {
  async function gateway(
    answer: (req: IncomingMessage, body: string) => number | 'endless' | 'elsewhere',
  ) {
    const asked: { headers: IncomingMessage['headers']; body: string; url: string }[] = [];
    const server: Server = createServer((req, res) => {
      let body = '';
      req.on('data', (part: Buffer) => (body += part.toString()));
      req.on('end', () => {
        asked.push({ headers: req.headers, body, url: req.url! });
        const status = answer(req, body);
        if (status === 'elsewhere') return res.writeHead(307, { location: '/other' }).end();
        if (status !== 'endless') return res.writeHead(status).end('{}');
        res.writeHead(200);
        const more = setInterval(() => res.write('x'.repeat(65_536)), 1);
        return res.on('close', () => clearInterval(more));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send` };
  }
  const sms = { to: '+34600100200', text: 'Say "hi"\n{to}' };

  it('posts the JSON the gateway wants, with its key and nothing in the address', async () => {
    const { asked, url } = await gateway(() => 202);
    const body = '{"messages":[{"destinations":[{"to":"{to}"}],"content":{"text":"{text}"}}]}';
    await smsGateway({ url, auth: 'App key-1', body }).sms(sms);
    expect(asked[0]).toMatchObject({ url: '/send', headers: { authorization: 'App key-1' } });
    expect(JSON.parse(asked[0]!.body)).toEqual({
      messages: [{ destinations: [{ to: sms.to }], content: { text: sms.text } }],
    });
  });

  it('tells a refused message from a gateway in trouble', async () => {
    let status = 400;
    const { url } = await gateway(() => status);
    const it_ = smsGateway({ url });
    expect(await failure(it_.sms(sms))).toMatchObject({ code: 'http-400', permanent: true });
    for (status of [401, 429, 500])
      expect(await failure(it_.sms(sms))).toMatchObject({
        code: `http-${status}`,
        permanent: false,
      });
    expect(await failure(it_.sms({ ...sms, to: '600 100 200' }))).toMatchObject({
      permanent: true,
    });
  });

  it('follows no redirect, and does not read an answer without end', async () => {
    let answer: 'endless' | 'elsewhere' = 'elsewhere';
    const { asked, url } = await gateway(() => answer);
    expect(await failure(smsGateway({ url }).sms(sms))).toMatchObject({ permanent: false });
    expect(asked).toHaveLength(1);
    answer = 'endless';
    await smsGateway({ url, timeoutMs: 2_000 }).sms(sms);
  });

  it('knows a template that loses the message', () => {
    expect(smsBodyFault('{"to":"{to}"}')).toContain('{text}');
    expect(smsBodyFault('to={to}')).toContain('JSON');
    expect(smsBodyFault('{"a":["{to}"],"b":"From us: {text}"}')).toBeUndefined();
  });
});

it('has only the ways out that are configured', async () => {
  const only = gateways({ sms: { url: 'http://127.0.0.1:9/sms' } });
  expect(only.channels).toEqual(['sms']);
  expect(await failure(only.mail(message))).toMatchObject({ code: 'no-gateway', permanent: true });
  expect(gateways({}).channels).toEqual([]);
});
