/** A local HTTP server that answers as a key provider documents, and what every provider has to stand. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  text: string;
  json(): Record<string, unknown>;
}

export interface Answering {
  status?: number;
  json?: unknown;
  text?: string;
}

export interface Fake {
  url: string;
  asked: Asked[];
  /** Answers that come before the handler's: each once. */
  next: (Answering | 'hang' | 'drop')[];
  close(): Promise<void>;
}

export async function fakeProvider(handler: (asked: Asked) => Answering): Promise<Fake> {
  const asked: Asked[] = [];
  const next: Fake['next'] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { pathname, searchParams } = new URL(req.url!, 'http://fake');
      const text = Buffer.concat(chunks).toString();
      const one: Asked = {
        method: req.method!,
        path: pathname,
        query: searchParams,
        headers: req.headers,
        text,
        json: () => JSON.parse(text) as Record<string, unknown>,
      };
      asked.push(one);
      const scripted = next.shift();
      if (scripted === 'hang') return;
      if (scripted === 'drop') return void req.socket.destroy();
      let answer: Answering;
      try {
        answer = scripted ?? handler(one);
      } catch (error) {
        answer = { status: 500, text: String(error) };
      }
      res.statusCode = answer.status ?? 200;
      res.end(answer.text ?? JSON.stringify(answer.json ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    next,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
