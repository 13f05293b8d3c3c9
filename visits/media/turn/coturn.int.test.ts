/** coturn as our child: whom it serves, whom it never sends to, and what an operator and a neighbour on the machine can see. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TurnClient } from '../../testing/turn-client.ts';
import { startCoturn, type Relay } from './coturn.ts';
import { credentialMs, iceServersFor } from './credentials.ts';
import type { TurnSettings } from './settings.ts';

const program = findProgram('turnserver');
if (!program) console.warn('\n!! SKIPPED coturn: it is not installed\n');

const server = { address: '127.0.0.1', port: 8230 };
const who = '0190a000-0000-7000-8000-000000000002';
const settings: TurnSettings = {
  addresses: [server.address],
  port: server.port,
  tlsPort: 8231,
  relayPorts: { min: 50_000, max: 50_200 },
  realm: 'clinic.test',
  // One address of this machine, which an operator lists: everything else stays denied.
  allowedPeers: ['127.0.0.2'],
  userQuota: 4,
  totalQuota: 50,
  kbitPerRelay: 4_000,
};

describe.runIf(program)('coturn', () => {
  const folder = mkdtempSync(join(tmpdir(), 'afar-turn-'));
  const clients: TurnClient[] = [];
  const log = testLog();
  let relay: Relay;

  beforeAll(() => {
    relay = startCoturn({
      program: program!,
      folder,
      settings,
      host: 'turn.clinic.test',
      certificate: () => Promise.resolve(undefined),
      log,
    });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await relay.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function secretNow(not = ''): Promise<string> {
    return vi.waitFor(
      () => {
        const { turnSecret } = relay.ice();
        if (!turnSecret || turnSecret === not) throw new Error('coturn is not up');
        return turnSecret;
      },
      { timeout: 10_000 },
    );
  }

  function client(secret: string, lifeMs = credentialMs): TurnClient {
    const ice = { stunUrls: [], turnUrls: ['turn:it'], turnSecret: secret };
    const [given] = iceServersFor(ice, who, Date.now() + lifeMs);
    const one = new TurnClient(server, {
      username: given!.username!,
      credential: given!.credential!,
    });
    clients.push(one);
    return one;
  }

  it('relays for a credential of ours, and for no forged, expired or altered one', async () => {
    const secret = await secretNow();
    expect(await client(secret).allocate()).toBe(0);
    expect(await client('0'.repeat(64)).allocate()).toBe(401);
    expect(await client(secret, -1_000).allocate()).toBe(401);
    const [given] = iceServersFor(
      { stunUrls: [], turnUrls: ['turn:it'], turnSecret: secret },
      who,
      Date.now() - 1_000,
    );
    const later = `${Math.floor(Date.now() / 1000) + 3600}:${who}`;
    const altered = new TurnClient(server, { username: later, credential: given!.credential! });
    clients.push(altered);
    expect(await altered.allocate()).toBe(401);
  });

  it('keeps a call that is older than its credential', async () => {
    const secret = await secretNow();
    const one = client(secret, 1_500);
    expect(await one.allocate()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await one.refresh(600)).toBe(0);
  });

  it('sends to public addresses, never to what lies behind it', async () => {
    const one = client(await secretNow());
    await one.allocate();
    expect(await one.permit('203.0.113.9')).toBe(0);
    const behind = [
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '10.0.0.1',
      '10.255.255.254',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.1',
      '192.168.1.1',
      '224.0.0.1',
      '255.255.255.255',
    ];
    const codes: number[] = [];
    for (const peer of behind) codes.push(await one.permit(peer));
    expect(codes).toEqual(behind.map(() => 403));
  });

  it('carries bytes to a listed address, and not one to a denied', async () => {
    const heard: string[] = [];
    const sockets = await Promise.all(
      ['127.0.0.1', '127.0.0.2'].map(async (address) => {
        const socket = createSocket('udp4');
        socket.on('message', (data) => heard.push(`${address} ${data.toString()}`));
        socket.bind(8232, address);
        await once(socket, 'listening');
        return socket;
      }),
    );
    const one = client(await secretNow());
    await one.allocate();
    expect(await one.permit('127.0.0.2')).toBe(0);
    expect(await one.permit('127.0.0.1')).toBe(403);
    await vi.waitFor(() => {
      one.send('127.0.0.1', 8232, Buffer.from('past the firewall'));
      one.send('127.0.0.2', 8232, Buffer.from('listed'));
      expect(heard).toContain('127.0.0.2 listed');
    });
    expect(heard.filter((said) => said.startsWith('127.0.0.1'))).toEqual([]);
    for (const socket of sockets) socket.close();
  });

  it('holds a person to her quota, and counts what is in use', async () => {
    const secret = await secretNow();
    for (const one of clients) await one.refresh(0).catch(() => undefined);
    await vi.waitFor(() => expect(relay.allocations()).toBe(0), { timeout: 10_000 });
    const codes: number[] = [];
    // One credential, as a browser uses it: coturn counts by user name.
    const [given] = iceServersFor(
      { stunUrls: [], turnUrls: ['turn:it'], turnSecret: secret },
      who,
      Date.now() + credentialMs,
    );
    for (let i = 0; i <= settings.userQuota; i += 1) {
      const one = new TurnClient(server, {
        username: given!.username!,
        credential: given!.credential!,
      });
      clients.push(one);
      codes.push(await one.allocate());
    }
    expect(codes).toEqual([0, 0, 0, 0, 486]);
    await vi.waitFor(() => expect(relay.allocations()).toBe(4));
    for (const one of clients.slice(-5)) await one.refresh(0).catch(() => undefined);
    await vi.waitFor(() => expect(relay.allocations()).toBe(0), { timeout: 10_000 });
  });

  it('keeps its secret from command lines, other users and the log; a new start has a new one', async () => {
    const secret = await secretNow();
    const pid = Number(readFileSync(join(folder, 'turn', 'turnserver.pid'), 'utf8'));
    for (const process of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const file = `/proc/${process}/cmdline`;
      const line = existsSync(file) ? safely(() => readFileSync(file, 'utf8')) : '';
      expect(line).not.toContain(secret);
    }
    const files = ['turn.json', 'turn/turnserver.conf'];
    const modes = files.map((file) => statSync(join(folder, file)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
    const before = client(secret);
    process.kill(pid, 'SIGKILL');
    const fresh = await secretNow(secret);
    expect(fresh).not.toBe(secret);
    expect(await before.allocate()).toBe(401);
    expect(await client(fresh).allocate()).toBe(0);
    const said = log.text();
    expect(said).toContain('a child process ended by itself');
    for (const hidden of [secret, fresh, who, '10.0.0.1']) expect(said).not.toContain(hidden);
  });
});

function safely(read: () => string): string {
  try {
    return read();
  } catch {
    // It ended while we looked.
    return '';
  }
}
