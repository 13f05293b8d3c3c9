/** The load: sixteen connections that ask as fast as they are answered, with latency and CPU per request. */
import { Agent, request } from 'node:http';

/** 16: a practice's worth of busy browsers on one API process. */
export const connections = 16;

/** A server under measurement. */
export interface Target {
  name: string;
  /** FHIR base address, without a slash at its end. */
  base: string;
  headers: Record<string, string>;
  /** CPU ms since their start. */
  cpu(): { server: number; postgres: number };
}

export interface Reply {
  status: number;
  body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: connections });

/** One request on a kept connection. */
export function send(
  target: Target,
  method: string,
  path: string,
  content?: object,
): Promise<Reply> {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const url = new URL(target.base + path);
  const headers = {
    ...target.headers,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Runs `work` for 0, 1, 2... below `total`, sixteen at a time. */
export async function inParallel(total: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) await work(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

export interface Step {
  name: string;
  /** Units of work in one request: the entries of a transaction. Default 1. */
  units?: number;
  ask(n: number): Promise<Reply>;
  /** Least number of entries a right answer has: a fast server that finds nothing has won nothing. */
  least?: number;
}

export interface Figures {
  /** Requests (not units) a second. */
  perSecond: number;
  /** Latency of requests in ms. */
  p50: number;
  p95: number;
  p99: number;
  /** CPU ms a unit. */
  server: number;
  postgres: number;
  requests: number;
  refused: number;
  /** The first refusal: its status and what it said. */
  why?: string;
}

/** 2 s of the same load before the clock starts: plans cached, code compiled, connections open. */
const warmUpMs = 2_000;

/** The step's figures over `seconds`. A refused request counts as refused and is part of the latency. */
export async function measure(target: Target, step: Step, seconds: number): Promise<Figures> {
  let n = 0;
  const run = async (ms: number, note: (latency: number, reply: Reply) => void): Promise<void> => {
    const end = performance.now() + ms;
    const worker = async (): Promise<void> => {
      while (performance.now() < end) {
        const start = performance.now();
        const reply = await step.ask(n++);
        note(performance.now() - start, reply);
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
  };
  await run(Math.min(warmUpMs, seconds * 500), () => undefined);

  const latencies: number[] = [];
  let refused = 0;
  let why: string | undefined;
  const before = target.cpu();
  const start = performance.now();
  await run(seconds * 1000, (latency, reply) => {
    latencies.push(latency);
    if (reply.status < 300) return;
    refused++;
    why ??= `${reply.status} ${reply.body.slice(0, 300)}`;
  });
  const elapsed = (performance.now() - start) / 1000;
  const after = target.cpu();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))]!;
  const units = latencies.length * (step.units ?? 1);
  return {
    perSecond: latencies.length / elapsed,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    server: (after.server - before.server) / units,
    postgres: (after.postgres - before.postgres) / units,
    requests: latencies.length,
    refused,
    ...(why === undefined ? {} : { why }),
  };
}
