/** A real Janus as our child: the contract of every engine, and what somebody can do who reaches its port by another way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, fixedClock } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mediaContract } from '../contract.ts';
import type { MediaBackend } from '../port.ts';
import { startJanus, type JanusAccess } from './child.ts';
import { JanusConnection, JanusRefusal } from './connection.ts';
import { janusMedia } from './janus.ts';
import { roomNames } from './room-names.ts';
import { janusFiles } from './settings.ts';

const program = findProgram('janus');
if (!program) console.warn('\n!! SKIPPED Janus: it is not installed\n');

const now = Date.UTC(2027, 0, 1);
const ice = () => ({ stunUrls: [], turnUrls: [] });
const settings = { rtpPorts: { min: 52_000, max: 52_200 }, ignore: [] };

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'afar-janus-'));
  const log = testLog();
  const server = startJanus({ program: program!, folder, settings, log });
  const engine = (): MediaBackend => janusMedia({ server, ice, clock: fixedClock(now), log });
  const close = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, log, server, engine, close };
}

if (program)
  mediaContract('Janus', () => {
    const { engine, close } = open();
    return Promise.resolve({ media: engine(), other: engine(), now, close });
  });

describe('what Janus is told', () => {
  const folders = { configs: '/f', plugins: '/f/p', transports: '/f/t', none: '/f/n' };
  const secrets = { port: 1, apiSecret: 'a', adminKey: 'k' };

  it('never holds a line that a setting began', () => {
    const external = '1.2.3.4"\n}\nadmin: { admin_ws = true';
    expect(() => janusFiles({ ...settings, external }, secrets, folders)).toThrow('must not');
  });

  it('announces the outer address beside the inner one', () => {
    const text = janusFiles({ ...settings, external: '203.0.113.7' }, secrets, folders)[
      'janus.jcfg'
    ];
    expect(text).toContain('nat_1_1_mapping = "203.0.113.7"\n  keep_private_host = true');
  });
});

describe.runIf(program)('at the port of Janus', () => {
  const room = { tenant: 1, visit: '0190a000-0000-7000-8000-000000000003' };
  let house: ReturnType<typeof open>;
  let media: MediaBackend;
  let access: JanusAccess;
  const strangers: JanusConnection[] = [];
  beforeAll(async () => {
    house = open();
    media = house.engine();
    await media.open(room, { maxPeers: 8, record: false });
    access = house.server.access()!;
  });
  afterAll(async () => {
    for (const one of strangers) one.close();
    await media.stop!();
    await house.close();
  });

  async function stranger(given: Partial<JanusAccess>) {
    const connection = await JanusConnection.open({ url: access.url, roomKey: '', ...given });
    strangers.push(connection);
    return connection;
  }
  const codeOf = async (work: Promise<unknown>): Promise<number | undefined> =>
    work.then(
      () => undefined,
      (error: unknown) =>
        error instanceof JanusRefusal ? error.code : Promise.reject(error as Error),
    );

  it('nobody gets a session without the secret', async () => {
    for (const given of [{}, { apiSecret: 'janusrocks' }, { token: 'x' }])
      expect(await codeOf((await stranger(given)).session())).toBe(403);
  });

  it('with the secret alone nobody sees, joins, subscribes, makes, ends or empties a room', async () => {
    const connection = await stranger({ apiSecret: access.apiSecret! });
    const session = await connection.session();
    const handle = await connection.attach(session, () => undefined);
    const ask = (body: Record<string, unknown>) => connection.say(session, handle, body);
    const { room: name, secret, pin } = roomNames(access.roomKey, room);
    const { data } = await ask({ request: 'list' });
    expect(JSON.stringify(data)).not.toContain(name);
    const refused = [
      { request: 'create', room: 'mine' },
      { request: 'create', room: 'mine', admin_key: 'supersecret' },
      { request: 'destroy', room: name },
      { request: 'destroy', room: name, secret: pin },
      { request: 'kick', room: name, id: 'peer-1' },
      { request: 'join', ptype: 'publisher', room: name, id: 'me' },
      { request: 'join', ptype: 'publisher', room: name, id: 'me', pin: secret },
    ];
    const codes: (number | undefined)[] = [];
    for (const body of refused) codes.push(await codeOf(ask(body)));
    // 433: not authorized; 429: what is missing.
    expect(codes).toEqual([429, 433, 429, 433, 429, 429, 433]);
    const { data: told } = await ask({ request: 'list', admin_key: access.adminKey });
    // Even with the pin: who has not joined under a name subscribes to nothing.
    expect(told).toMatchObject({ list: [{ room: name, require_pvtid: true, pin_required: true }] });
  });

  it('there is no other plugin, no admin, no other way in', async () => {
    const connection = await stranger({ apiSecret: access.apiSecret! });
    const session = await connection.session();
    const plugins = [
      'echotest',
      'streaming',
      'recordplay',
      'textroom',
      'sip',
      'nosip',
      'audiobridge',
    ];
    const codes: (number | undefined)[] = [];
    for (const plugin of plugins)
      codes.push(
        await codeOf(
          connection.request({
            janus: 'attach',
            session_id: session,
            plugin: `janus.plugin.${plugin}`,
          }),
        ),
      );
    // 460: no such plugin.
    expect(codes).toEqual(plugins.map(() => 460));
    for (const janus of ['list_sessions', 'set_log_level', 'get_status'])
      expect(await codeOf(connection.request({ janus, admin_secret: 'janusoverlord' }))).toBe(457);
    const { port } = new URL(access.url);
    const pid = Number(/"pid":(\d+)/.exec(house.log.text())![1]);
    expect(listening(pid)).toEqual([`127.0.0.1:${port}`]);
  });

  it('its secrets stand in files of 0600, on no command line, in no line of the log; it is not root', async () => {
    const pid = Number(/"pid":(\d+)/.exec(house.log.text())![1]);
    const hidden = [access.apiSecret!, access.adminKey!, access.roomKey];
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const one of hidden) {
      expect(line).not.toContain(one);
      expect(house.log.text()).not.toContain(one);
    }
    const files = ['janus.json', 'janus/janus.jcfg', 'janus/janus.plugin.videoroom.jcfg'];
    const modes = files.map((file) => statSync(join(house.folder, file)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
    await vi.waitFor(() => expect(media.stats()).toMatchObject({ up: true, links: 0 }));
  });
});

/** Local TCP addresses a process listens on [proc(5) net/tcp]. */
function listening(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const target = statSync(`/proc/${pid}/fd/${fd}`);
        return [String(target.ino)];
      } catch {
        // Closed meanwhile.
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[3] === '0A' && inodes.has(row[9]!))
      .map((row) => {
        const [address, port] = row[1]!.split(':');
        const parts = address!.length === 8 ? address!.match(/../g)!.reverse() : [address!];
        return `${parts.map((part) => parseInt(part, 16)).join('.')}:${parseInt(port!, 16)}`;
      }),
  );
}
