/** Hostile input against the real product: answered with a refusal, in bounded time and memory, and the next request is served. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientToken, type Product, startProduct } from './product.ts';

let product: Product;
let token: string;
let patient: string;

beforeAll(async () => {
  product = await startProduct();
  token = await clientToken(product);
  const made = await send('POST', '/Patient', { resourceType: 'Patient', active: true });
  patient = (JSON.parse(made.text) as { id: string }).id;
});
afterAll(() => product?.stop());

interface Said {
  status: number;
  text: string;
}

/** No refusal takes longer, on however busy a machine: above this something hangs. */
const hangMs = 10_000;

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Said> {
  const answer = await fetch(product.demo.fhirUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(hangMs),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Resident memory of the server, MB. */
function resident(): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${product.pid}/status`, 'utf8'));
  return Number(found![1]) / 1024;
}

/** `refused`, or what was answered instead. */
const verdict = ({ status, text }: Said): string =>
  refused(status) && text.includes('OperationOutcome')
    ? 'refused'
    : `${status} ${text.slice(0, 300)}`;
const refused = (status: number) => status >= 400 && status < 500;
const served = (status: number) => status < 500;

let before: number;
beforeEach(() => {
  before = resident();
});
afterEach(async () => {
  // The next request is served, and nothing of the last one stays in memory.
  const { status } = await send('GET', `/Patient/${patient}`);
  if (status !== 200) throw new Error(`the next request was answered ${status}`);
  const grown = resident() - before;
  if (grown > 250) throw new Error(`the server grew by ${grown} MB`);
});

describe('bodies', () => {
  const nested = (depth: number) =>
    `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(depth)}[]${'}]'.repeat(depth)}}`;

  it.each([
    ['nested 100,000 deep', () => nested(100_000)],
    ['an array nested 200,000 deep', () => '['.repeat(200_000) + ']'.repeat(200_000)],
    ['not closed', () => '{"resourceType":"Patient"'],
    ['a key said twice', () => '{"resourceType":"Patient","active":true,"active":false}'],
    ['__proto__', () => '{"resourceType":"Patient","__proto__":{"active":true}}'],
    ['constructor', () => '{"resourceType":"Patient","constructor":{"prototype":{"x":1}}}'],
    ['no object', () => '"Patient"'],
    ['a number as its type', () => '{"resourceType":7}'],
    ['a bundle in a bundle in a bundle', () => JSON.stringify(bundles(200))],
    ['an id with a space', () => '{"resourceType":"Patient","id":"a b"}'],
    ['a name of 3 MB', () => `{"resourceType":"Patient","name":[{"family":"${'x'.repeat(3e6)}"}]}`],
    ['NUL in a string', () => '{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}'],
  ])('%s: refused', async (_what, body) => {
    expect(verdict(await send('POST', '/Patient', body()))).toBe('refused');
  });

  const bundles = (depth: number): object =>
    depth === 0
      ? { resourceType: 'Patient' }
      : { resourceType: 'Bundle', type: 'collection', entry: [{ resource: bundles(depth - 1) }] };

  it.each([
    ['announced', true],
    ['in chunks, not announced', false],
  ])('1 GB, %s: refused before it was read', async (_what, announced) => {
    const size = 1024 ** 3;
    const url = new URL(`${product.demo.fhirUrl}/Patient`);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const status = await new Promise<number>((resolve, reject) => {
      const asked = request(
        url,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/fhir+json',
            ...(announced && { 'content-length': size }),
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
          asked.destroy();
        },
      );
      asked.on('error', (error: NodeJS.ErrnoException) =>
        // Cut off while still sending is as good an answer, if the answer could not be read any more.
        ['EPIPE', 'ECONNRESET'].includes(error.code ?? '') ? resolve(413) : reject(error),
      );
      const push = () => {
        while (sent < size && !asked.destroyed) {
          sent += chunk.length;
          if (!asked.write(chunk)) return void asked.once('drain', push);
        }
      };
      push();
    });
    expect(status).toBe(413);
    expect(sent).toBeLessThan(200 * 1024 ** 2);
  });

  it('nothing was put into every object of the server', async () => {
    const { text } = await send('GET', `/Patient/${patient}`);
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
      'active',
      'id',
      'meta',
      'resourceType',
    ]);
  });
});

describe('searches', () => {
  const injections = [
    `' or 1=1 --`,
    `'; drop table records.resource; --`,
    `$1); delete from records.token; --`,
    `\\'; select pg_sleep(10); --`,
    `%00`,
    '\u202e\ud83d\ude00',
    '${7*7}',
    '../../etc/passwd',
  ];

  it('SQL in every parameter of every kind of type does nothing', async () => {
    const types = ['Patient', 'Observation', 'Encounter', 'Location', 'ValueSet', 'Appointment'];
    const { text } = await send('GET', '/metadata');
    const { rest } = JSON.parse(text) as {
      rest: { resource: { type: string; searchParam: { name: string }[] }[] }[];
    };
    const count = async () =>
      (JSON.parse((await send('GET', '/Patient?_summary=count')).text) as { total: number }).total;
    const patients = await count();
    for (const { type, searchParam } of rest[0]!.resource) {
      if (!types.includes(type)) continue;
      const asked = searchParam.flatMap(({ name }) =>
        injections.map((value) => new URLSearchParams([[name, value]]).toString()),
      );
      for (let at = 0; at < asked.length; at += 12)
        for (const said of await Promise.all(
          asked.slice(at, at + 12).map((query) => send('GET', `/${type}?${query}`)),
        ))
          expect([said.status, said.text.slice(0, 200)]).toEqual([
            expect.toSatisfy(served),
            expect.any(String),
          ]);
    }
    expect(await count()).toBe(patients);
  });

  it.each([
    ['_count', '/Patient?_count=-1'],
    ['_count', '/Patient?_count=x'],
    ['_cursor', '/Patient?_cursor=AAAA'],
    ['_sort', '/Patient?_sort=nothing&_sort=;drop'],
    ['_total', '/Patient?_total=perhaps'],
    ['a name with SQL', `/Patient?${encodeURIComponent(`name' or '1'='1`)}:exact=x`],
    ['a chain of 60', `/Observation?${'subject:Patient.link.'.repeat(60)}name=x`],
    ['_has of 60', `/Patient?${'_has:Observation:patient:'.repeat(60)}code=x`],
    ['a date from nowhere', '/Patient?birthdate=ge99999-99-99'],
    ['a filter without end', `/Patient?_filter=${'('.repeat(3_000)}`],
  ])('%s: refused', async (_what, path) => {
    expect(verdict(await send('GET', path, undefined, { prefer: 'handling=strict' }))).toBe(
      'refused',
    );
  });

  it('a broken escape is passed over or refused', async () => {
    expect((await send('GET', '/Patient?name=%E0%A4%A')).status).toSatisfy(served);
  });

  it('10,000 terms, as alternatives and as parameters: refused', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const terms = Array.from({ length: 10_000 }, (_, n) => `c${n}`);
    expect(verdict(await send('POST', '/Observation/_search', `code=${terms.join()}`, form))).toBe(
      'refused',
    );
    const repeated = terms.map((term) => `code=${term}`).join('&');
    expect(verdict(await send('POST', '/Observation/_search', repeated, form))).toBe('refused');
  });

  it('a storm of includes is bounded', async () => {
    const storm = ['*', 'Observation:*', 'Patient:*', 'Encounter:*']
      .flatMap((one) => [`_include:iterate=${one}`, `_revinclude:iterate=${one}`])
      .join('&');
    const said = await send('GET', `/Observation?_count=100&${storm}&_revinclude=*&_include=*`);
    expect(said.status).toSatisfy(served);
    expect(said.text.length).toBeLessThan(20 * 1024 ** 2);
  });

  it('an address of 1 MB: refused', async () => {
    const said = await fetch(`${product.demo.fhirUrl}/Patient?name=${'x'.repeat(1_000_000)}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(hangMs),
    }).then(
      ({ status }) => status,
      () => 431,
    );
    expect(said).toSatisfy(refused);
  });
});

describe('expressions', () => {
  const bomb = '(a+)+$';
  const fhirPath = (path: string) => ({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'delete' },
          { name: 'path', valueString: path },
        ],
      },
    ],
  });

  it.each([
    [
      'a regular expression without end',
      `Patient.name.where('${'a'.repeat(60)}!'.matches('${bomb}'))`,
    ],
    ['descendants of descendants', `Patient${'.descendants()'.repeat(30)}`],
    ['repeat without end', 'Patient.repeat($this | $this.name)'],
    ['10,000 brackets', '('.repeat(10_000)],
    ['an expression of 1 MB', `Patient.name${".where(given='x')".repeat(60_000)}`],
  ])('FHIRPath patch, %s: refused', async (_what, path) => {
    expect(verdict(await send('PATCH', `/Patient/${patient}`, fhirPath(path)))).toBe('refused');
  });

  it('JSON Patch that copies without end: refused', async () => {
    const copies = Array.from({ length: 60 }, (_, n) => ({
      op: 'copy',
      from: '/extension',
      path: `/extension/${n % 2}`,
    }));
    const add = {
      op: 'add',
      path: '/extension',
      value: [{ url: 'urn:x', valueString: 'x'.repeat(9_000) }],
    };
    const said = await send('PATCH', `/Patient/${patient}`, [add, ...copies], {
      'content-type': 'application/json-patch+json',
    });
    expect(verdict(said)).toBe('refused');
  });

  it('a value set filtered by a regular expression without end: answered in time', async () => {
    const said = await send('POST', '/ValueSet/$expand', {
      resourceType: 'ValueSet',
      status: 'active',
      compose: {
        include: [
          {
            system: 'http://hl7.org/fhir/administrative-gender',
            filter: [{ property: 'display', op: 'regex', value: '(.*)*(.*)*(.*)*$x' }],
          },
        ],
      },
    });
    expect(said.status).toSatisfy(served);
  });

  it.each([
    ['deep', `{${'PatientList{generalPractitioner{resource{...on Practitioner{'.repeat(40)}`],
    [
      '10,000 aliases',
      `{${Array.from({ length: 10_000 }, (_, n) => `a${n}:PatientList{id}`).join(' ')}}`,
    ],
    ['fragments in a circle', '{...a} fragment a on Query{...b} fragment b on Query{...a}'],
  ])('GraphQL, %s: refused', async (_what, query) => {
    const said = await send('POST', '/$graphql', { query }, { 'content-type': 'application/json' });
    expect(said.status).toSatisfy((status: number) => refused(status) || status === 200);
    expect(said.text).toMatch(/error|OperationOutcome/);
  });
});

describe('addresses that the server is asked to call', () => {
  it.each([
    'http://127.0.0.1:5432/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://192.168.1.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'https://user:secret@example.org/',
  ])('a subscription to %s is not made', async (endpoint) => {
    const said = await send('POST', '/Subscription', {
      resourceType: 'Subscription',
      id: randomUUID(),
      status: 'requested',
      reason: 'hostile',
      criteria: 'Observation?code=1',
      channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
    });
    expect(verdict(said)).toBe('refused');
  });
});

describe('headers', () => {
  it.each([
    ['If-Match', { 'if-match': 'W/"x' }],
    ['If-None-Exist', { 'if-none-exist': 'nothing=' }],
    ['If-None-Exist without a condition', { 'if-none-exist': '' }],
    ['Accept', { accept: 'application/xml' }],
    ['Content-Type', { 'content-type': 'text/html' }],
  ])('%s that makes no sense: refused', async (name, headers) => {
    const [method, path] =
      name === 'If-Match' ? ['DELETE', `/Patient/${patient}`] : ['POST', '/Patient'];
    const body = method === 'POST' ? { resourceType: 'Patient', active: true } : undefined;
    const said = await send(method!, path!, body, headers);
    expect(said.status).toSatisfy((one: number) => refused(one) || name.endsWith('condition'));
  });
});

describe('what comes beside the headers', () => {
  /** All that is answered to raw bytes until the server closes, a second at most. */
  function raw(bytes: string): Promise<string> {
    const { port, hostname } = new URL(product.baseUrl);
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname);
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      setTimeout(() => socket.destroy(), 1_000).unref();
      socket.write(bytes);
    });
  }
  const lines = (...all: string[]): string => all.join('\r\n');
  const inner = lines(`DELETE /fhir/R4/Patient/none HTTP/1.1`, 'host: localhost', '', '');

  it.each([
    [
      'two hosts',
      lines('GET /fhir/R4/metadata HTTP/1.1', 'host: localhost', 'host: other', '', ''),
    ],
    [
      'a request inside a request: length and chunks',
      lines(
        'POST /auth/sign-in HTTP/1.1',
        'host: localhost',
        'content-length: 4',
        'transfer-encoding: chunked',
        '',
        '0',
        '',
        inner,
      ),
    ],
    [
      'a header without end',
      `GET /fhir/R4/metadata HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(70_000)}`,
    ],
  ])('%s: refused, with one answer', async (_name, bytes) => {
    const text = await raw(bytes);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('a page from elsewhere opens no socket', async () => {
    const handshake = (path: string) =>
      raw(
        lines(
          `GET ${path} HTTP/1.1`,
          `host: ${new URL(product.baseUrl).host}`,
          'connection: upgrade',
          'upgrade: websocket',
          'sec-websocket-version: 13',
          'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
          'origin: https://evil.example',
          '',
          '',
        ),
      );
    for (const path of ['/api/subscriptions/socket', `/api/visits/${randomUUID()}/socket`])
      expect(await handshake(path)).toMatch(/^HTTP\/1\.1 40[13] /);
  });
});
