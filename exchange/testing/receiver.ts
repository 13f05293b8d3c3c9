/** A server of somebody else: keeps what it is sent, and answers as the test wants. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bundle, Parameters } from '@afar/fhir';

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  text: string;
  /** Of a notification bundle: its type and the numbers of its events. */
  type?: string;
  numbers: number[];
  bundle?: Bundle;
}

type Answering = (one: Received) => number | { status: number; headers: Record<string, string> };

export interface Receiver {
  url: string;
  got: Received[];
  /** Numbers of the events it was told, in the order they came. */
  numbers(): number[];
  /** What it answers; default 200. */
  answer(fn: Answering): void;
  close(): Promise<void>;
}

const valueOf = (status: Parameters | undefined, name: string) =>
  status?.parameter?.find((one) => one.name === name);

function parsed(text: string): Pick<Received, 'type' | 'numbers' | 'bundle'> {
  const bundle = text.startsWith('{') ? (JSON.parse(text) as Bundle) : undefined;
  if (bundle?.resourceType !== 'Bundle') return { numbers: [] };
  const status = bundle.entry?.[0]?.resource as Parameters | undefined;
  const numbers = (status?.parameter ?? [])
    .filter((one) => one.name === 'notification-event')
    .map((one) => Number(one.part?.find(({ name }) => name === 'event-number')?.valueString));
  const type = valueOf(status, 'type')?.valueCode;
  return { bundle, numbers, ...(type && { type }) };
}

export async function openReceiver(port = 0): Promise<Receiver> {
  const got: Received[] = [];
  let answer: Answering = () => 200;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { method = '', url = '', headers } = req;
      const one: Received = { method, url, headers, text, ...parsed(text) };
      const said = answer(one);
      const { status, headers: extra } =
        typeof said === 'number' ? { status: said, headers: {} } : said;
      if (status < 300) got.push(one);
      res.writeHead(status, extra).end();
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    numbers: () => got.flatMap((one) => one.numbers),
    answer: (fn) => void (answer = fn),
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
