/** The socket of a seat against a real server that answers, thinks, or is silent. The clock is ours. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { JoinTicket, ServerMessage } from '@afar/visits/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SignalSocket } from './signal.ts';

/** L1 */
const renewEvery = 20_000;
const renewAnswer = 8_000;
const joinAnswer = 15_000;

let server: WebSocketServer;
let seat: SignalSocket;
let reachable: boolean[];
let rosters: number;
let sockets: WebSocket[];
/** What the browser said, in order. */
let said: { type: string; seq?: number }[];
/** A process that hangs: its socket opens, and nobody reads it. */
let deaf: boolean;

const seated: Extract<ServerMessage, { type: 'joined' }> = {
  type: 'joined',
  peer: 'me',
  peerRole: 'offer',
  session: 1,
  leaseUntil: new Date(Date.now() + 60_000).toISOString(),
  resume: 'again',
  iceServers: [],
  n: 0,
  heard: 0,
  engine: 'p2p',
  epoch: 1,
  roster: [],
};
const ticket: JoinTicket = {
  token: 'first',
  url: '/',
  expiresAt: seated.leaseUntil,
  iceServers: [],
  peerRole: 'offer',
};
const roster: ServerMessage = { type: 'roster', engine: 'p2p', epoch: 1, roster: [] };

beforeEach(async () => {
  reachable = [];
  rosters = 0;
  sockets = [];
  said = [];
  deaf = false;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; seq?: number };
      said.push(message);
      if (message.type === 'join' && !deaf) socket.send(JSON.stringify(seated));
    });
  });
  vi.stubGlobal('WebSocket', WebSocket);
  vi.stubGlobal('window', {});
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  vi.stubGlobal('location', { href: url });
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  const nothing = (): void => undefined;
  seat = new SignalSocket(() => Promise.resolve(ticket), {
    joined: nothing,
    roster: () => (rosters += 1),
    relayed: nothing,
    engine: nothing,
    event: nothing,
    iceServers: nothing,
    reachable: (now) => reachable.push(now),
    lapsed: nothing,
    over: nothing,
  });
  seat.open();
  await until(() => reachable.length === 1);
});
afterEach(() => {
  seat.close(false);
  vi.useRealTimers();
  vi.unstubAllGlobals();
  for (const socket of sockets) socket.terminate();
  server.close();
});

/** Lets the network have its turns: time stands still meanwhile. */
async function until(fits: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !fits(); turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(fits()).toBe(true);
}

async function renewed(): Promise<void> {
  vi.advanceTimersByTime(renewEvery);
  await until(() => said.at(-1)?.type === 'renew');
}

describe('a renewal that is not answered', () => {
  it('ends the socket when nothing is heard, and the seat is taken up again on another', async () => {
    await renewed();
    vi.advanceTimersByTime(renewAnswer - 1);
    expect(reachable).toEqual([true]);
    vi.advanceTimersByTime(1);
    expect(reachable).toEqual([true, false]);
    vi.advanceTimersByTime(1);
    await until(() => reachable.length === 3);
    expect(sockets).toHaveLength(2);
    expect(said.at(-1)).toMatchObject({ type: 'join', token: 'again' });
  });

  it('keeps the socket while the server says anything at all', async () => {
    await renewed();
    for (let spoken = 0; spoken < 3; spoken += 1) {
      vi.advanceTimersByTime(renewAnswer - 1000);
      sockets[0]!.send(JSON.stringify(roster));
      await until(() => rosters > spoken);
    }
    expect(reachable).toEqual([true]);
    expect(sockets).toHaveLength(1);
  });

  it('is waited for again by a page that stood still itself', async () => {
    await renewed();
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + renewAnswer + 5_000);
    vi.advanceTimersByTime(renewAnswer);
    expect(reachable).toEqual([true]);
    clock.mockRestore();
    vi.advanceTimersByTime(renewAnswer);
    expect(reachable).toEqual([true, false]);
  });
});

describe('a socket that opens and says nothing', () => {
  it('is given up for another one long before the lease ends, with the same token', async () => {
    deaf = true;
    sockets[0]!.close();
    await until(() => reachable.length === 2);
    vi.advanceTimersByTime(1_000);
    await until(() => said.filter(({ type }) => type === 'join').length === 2);
    deaf = false;
    vi.advanceTimersByTime(joinAnswer);
    vi.advanceTimersByTime(1_000);
    await until(() => reachable.at(-1) === true);
    expect(said.at(-1)).toMatchObject({ type: 'join', token: 'again' });
    expect(sockets).toHaveLength(3);
  });
});

describe('what was said while the line was cut', () => {
  it('is said again in order, and not so fast that the server hangs up [S5 N7]', async () => {
    deaf = true;
    sockets[0]!.close();
    await until(() => reachable.length === 2);
    const restart = { type: 'restart', to: 'other', reason: 'no-media' } as const;
    for (let n = 0; n < 200; n += 1) seat.send(restart);
    deaf = false;
    vi.advanceTimersByTime(1_000);
    await until(() => reachable.at(-1) === true);
    const again = () => said.filter(({ type }) => type === 'restart').map(({ seq }) => seq);
    await until(() => again().length === 60);
    seat.send(restart);
    for (let step = 0; step < 8; step += 1) {
      vi.advanceTimersByTime(1_000);
      await until(() => again().length === Math.min(201, 60 + 20 * (step + 1)));
    }
    expect(again()).toEqual(Array.from({ length: 201 }, (_, n) => n + 1));
  });
});
