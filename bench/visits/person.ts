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
  heard?: number;
  roster?: { peer: string; present: boolean }[];
  candidate?: { candidate: string };
  n?: number;
  code?: string;
}

export interface SocketEvents {
  /** ms a message was on its way. */
  relayed(ms: number): void;
  /** It was closed, and not by us. */
  lost(code: number): void;
  failed(what: string): void;
}

interface Said {
  seq: number;
  text: string;
}

const clock = (): number => performance.timeOrigin + performance.now();

/** As a browser does [signalling.md L1], ms. */
const renewEvery = 20_000;

/** A seat in a visit: joined by a ticket, renewed, and resumed where it stood (visits/signalling.md). */
export class Seat {
  readonly #ways: Way[];
  readonly #visit: string;
  readonly #cookie: string;
  readonly #events: SocketEvents;
  #ws: WebSocket | undefined;
  #resume = '';
  /** The highest number told to us. */
  #after = 0;
  #seq = 0;
  /** What the server has not said that it heard. */
  #unheard: Said[] = [];
  #left = false;
  #renewals: ReturnType<typeof setInterval> | undefined;
  #own = '';
  #other: string | undefined;
  present = false;

  constructor(ways: Way[], visit: string, cookie: string, events: SocketEvents) {
    this.#ways = ways;
    this.#visit = visit;
    this.#cookie = cookie;
    this.#events = events;
  }

  /** Messages said, and told by the other end. */
  get said(): number {
    return this.#seq;
  }
  get told(): number {
    return this.#after;
  }

  /** Takes the seat. @throws Error when it is not given within 20 s */
  async take(which: number, token: string, after?: number): Promise<void> {
    const { origin, port } = this.#ways[which % this.#ways.length]!;
    const ws = new WebSocket(`ws://127.0.0.1:${port}/api/visits/${this.#visit}/socket`, {
      headers: { cookie: this.#cookie, origin, host: new URL(origin).host },
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no seat in 20 s')), 20_000);
      ws.on('open', () =>
        ws.send(JSON.stringify({ type: 'join', token, ...(after !== undefined && { after }) })),
      );
      ws.on('error', reject);
      ws.on('message', (data: Buffer) => {
        const told = JSON.parse(data.toString()) as Told;
        if (told.type === 'joined') {
          clearTimeout(timer);
          this.#own = told.peer!;
          this.#ws = ws;
          clearInterval(this.#renewals);
          this.#renewals = setInterval(() => this.#renew(), renewEvery);
        }
        this.#hear(told);
        if (told.type === 'joined') {
          for (const { text } of this.#unheard) ws.send(text);
          resolve();
        }
      });
      ws.on('close', (code: number) => {
        clearTimeout(timer);
        reject(new Error(`closed with ${code}`));
        if (this.#ws !== ws) return;
        this.#ws = undefined;
        if (!this.#left) this.#events.lost(code);
      });
    });
  }

  #hear(told: Told): void {
    if (told.resume) this.#resume = told.resume;
    if (told.heard !== undefined)
      this.#unheard = this.#unheard.filter(({ seq }) => seq > told.heard!);
    if (told.roster) {
      const other = told.roster.find((one) => one.peer !== this.#own);
      this.#other = other?.peer;
      this.present = other?.present ?? false;
    }
    if (told.type === 'error') this.#events.failed(told.code ?? '');
    // The number after which the messages of this socket begin.
    if (told.type === 'joined') this.#after = told.n ?? 0;
    if (told.n === undefined || told.type === 'joined') return;
    if (told.n !== this.#after + 1) this.#events.failed(`told ${told.n} after ${this.#after}`);
    this.#after = told.n;
    const sentAt = /at=([\d.]+)/.exec(told.candidate?.candidate ?? '')?.[1];
    if (sentAt) this.#events.relayed(clock() - Number(sentAt));
  }

  /** Sends the other end something, with the instant it was sent. False: there is no other end yet. */
  say(): boolean {
    if (!this.#other) return false;
    const text = JSON.stringify({
      to: this.#other,
      type: 'candidate',
      negotiation: 1,
      candidate: {
        candidate: `candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host at=${clock()}`,
        sdpMid: '0',
      },
      seq: ++this.#seq,
    });
    this.#unheard.push({ seq: this.#seq, text });
    this.#send(text);
    return true;
  }

  #renew(): void {
    this.#send(JSON.stringify({ type: 'renew', after: this.#after }));
  }

  /** Comes back with the cursor it has. */
  resume(which: number): Promise<void> {
    return this.take(which, this.#resume, this.#after);
  }

  leave(): void {
    this.#left = true;
    clearInterval(this.#renewals);
    this.#ws?.close();
  }

  #send(text: string): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(text);
  }
}
