/** One browser of the load: signs in by the demo's panel, asks, and holds a visit's socket. */
import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

export interface Reply<T = unknown> {
  status: number;
  body: T;
  ms: number;
}

/** The page's address; a process of its own may answer it. */
export interface Way {
  origin: string;
  port: number;
}

/** One request as a browser on our own page. */
export function ask<T>(
  { origin, port }: Way,
  cookie: string,
  method: string,
  path: string,
  content?: object,
): Promise<Reply<T> & { cookies: string[] }> {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent,
        headers: {
          host: new URL(origin).host,
          origin,
          cookie,
          'idempotency-key': randomUUID(),
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            body: (text ? JSON.parse(text) : undefined) as T,
            ms: performance.now() - began,
            cookies: (response.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]!),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export async function signIn(way: Way, email: string): Promise<string> {
  const { status, cookies } = await ask(way, '', 'POST', '/auth/demo', { email });
  if (status !== 200) throw new Error(`sign-in of ${email}: ${status}`);
  return cookies.join('; ');
}

interface Told {
  type: string;
  peer?: string;
  resume?: string;
  roster?: { peer: string; present: boolean }[];
  epoch?: number;
  candidate?: { candidate: string };
  n?: number;
  code?: string;
}

export interface SocketEvents {
  /** ms a message was on its way. */
  relayed(ms: number): void;
  /** It was closed, and not by us. */
  lost(code: number): void;
  failed(code: string): void;
}

/** A seat in a visit: joined by a ticket, renewed, resumed after a close that says so. */
export class Seat {
  #ws: WebSocket | undefined;
  #resume = '';
  #after = 0;
  #left = false;
  #own = '';
  other: string | undefined;
  present = false;

  readonly #ways: Way[];
  readonly #visit: string;
  readonly #cookie: string;
  readonly #events: SocketEvents;

  constructor(ways: Way[], visit: string, cookie: string, events: SocketEvents) {
    this.#ways = ways;
    this.#visit = visit;
    this.#cookie = cookie;
    this.#events = events;
  }

  /** Takes the seat. @throws Error when it is not given within 20 s */
  async take(which: number, token: string, after?: number): Promise<void> {
    const { origin, port } = this.#ways[which % this.#ways.length]!;
    const ws = new WebSocket(`ws://127.0.0.1:${port}/api/visits/${this.#visit}/socket`, {
      headers: { cookie: this.#cookie, origin, host: new URL(origin).host },
      perMessageDeflate: false,
    });
    this.#ws = ws;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no seat in 20 s')), 20_000);
      ws.on('open', () =>
        ws.send(JSON.stringify({ type: 'join', token, ...(after !== undefined && { after }) })),
      );
      ws.on('error', reject);
      ws.on('message', (data: Buffer) => {
        const told = JSON.parse(data.toString()) as Told;
        if (told.n !== undefined) this.#after = told.n;
        if (told.type === 'joined') {
          clearTimeout(timer);
          this.#own = told.peer!;
          resolve();
        }
        this.#hear(told);
      });
      ws.on('close', (code: number) => {
        clearTimeout(timer);
        reject(new Error(`closed with ${code}`));
        if (!this.#left && this.#ws === ws) this.#events.lost(code);
      });
    });
  }

  #hear(told: Told): void {
    if (told.resume) this.#resume = told.resume;
    if (told.roster) {
      const other = told.roster.find((one) => one.peer !== this.#own);
      this.other = other?.peer;
      this.present = other?.present ?? false;
    }
    if (told.type === 'error') this.#events.failed(told.code ?? '');
    if (told.type === 'candidate') {
      const sentAt = /at=([\d.]+)/.exec(told.candidate?.candidate ?? '')?.[1];
      if (sentAt) this.#events.relayed(performance.timeOrigin + performance.now() - Number(sentAt));
    }
  }

  /** Sends the other end something, with the instant it was sent. */
  say(): void {
    const now = performance.timeOrigin + performance.now();
    this.#send({
      to: this.other,
      type: 'candidate',
      negotiation: 1,
      candidate: {
        candidate: `candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host at=${now}`,
        sdpMid: '0',
      },
    });
  }

  renew(): void {
    this.#send({ type: 'renew', after: this.#after });
  }

  /** Comes back to another process with the cursor it has. */
  async resume(which: number): Promise<void> {
    await this.take(which, this.#resume, this.#after);
  }

  leave(): void {
    this.#left = true;
    this.#ws?.close();
  }

  #send(message: object): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(message));
  }
}
