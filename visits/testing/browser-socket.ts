/** A browser's end of a visit's socket, for tests: keeps what it was told, waits for what is to come. */
import WebSocket from 'ws';
import type { ClientMessage, ServerMessage } from '../messages.ts';
import { baseUrl, type Instance, type Person } from './clinic.ts';

export interface BrowserSocket {
  told: ServerMessage[];
  say(message: ClientMessage): void;
  raw(data: string | Buffer): void;
  /** The next message of this type that was not waited for before. @throws after 5 s */
  hear<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  /** The close code. */
  closed: Promise<number>;
  close(): void;
}

/** @throws Error with the HTTP status when the upgrade is refused */
export async function openSocket(
  on: Instance,
  visit: string,
  headers: Record<string, string>,
  path = `/api/visits/${visit}/socket`,
): Promise<BrowserSocket> {
  const ws = new WebSocket(`${on.socketUrl}${path}`, { headers });
  const told: ServerMessage[] = [];
  const unheard: ServerMessage[] = [];
  const waiting = new Set<() => void>();
  const stir = (): void => {
    for (const one of waiting) one();
  };
  let over = false;
  const closed = new Promise<number>((resolve) => {
    ws.on('close', (code) => {
      over = true;
      stir();
      resolve(code);
    });
  });
  ws.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as ServerMessage;
    told.push(message);
    unheard.push(message);
    stir();
  });
  await new Promise<void>((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('error', reject);
  });
  return {
    told,
    say: (message) => ws.send(JSON.stringify(message)),
    raw: (data) => ws.send(data),
    hear(type) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const at = unheard.findIndex((one) => one.type === type);
          if (at < 0 && !over) return;
          clearTimeout(timer);
          waiting.delete(look);
          if (at < 0) return reject(new Error(`closed before ${type}`));
          resolve(unheard.splice(at, 1)[0] as never);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${type}; told ${told.map((one) => one.type).join(', ')}`));
        }, 5_000);
        waiting.add(look);
        look();
      });
    },
    closed,
    close: () => ws.close(),
  };
}

/** As this person's browser, from our own page. */
export function socketOf(on: Instance, who: Person, visit: string): Promise<BrowserSocket> {
  return openSocket(on, visit, { cookie: who.cookie, origin: baseUrl, host: 'localhost:8170' });
}
