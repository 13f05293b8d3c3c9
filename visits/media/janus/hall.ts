/** This process's way to Janus: one connection, opened when first needed and again when it ended, and a session for each room. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@afar/platform';
import type { JanusServer } from './child.ts';
import { JanusConnection, JanusGone, JanusRefusal } from './connection.ts';
import { roomNames, type RoomNames } from './room-names.ts';
import { stageOn, type Stage } from './stage.ts';
import type { RoomRef } from '../port.ts';

export interface Hall {
  readonly up: boolean;
  /** Makes the room where there is none. @throws JanusGone */
  open(room: RoomRef, maxPeers: number): Promise<void>;
  /** A session in the room for the links of this process. */
  enter(room: RoomRef): Promise<{ stage: Stage; leave(): Promise<void> }>;
  kick(room: RoomRef, who: string): Promise<void>;
  destroy(room: RoomRef): Promise<void>;
  stop(): Promise<void>;
}

/** Room errors of Janus that say: it is so already. */
const noRoom = 426;
const roomExists = 427;
const noMember = 428;
/** A first request waits this long for a Janus that is starting. */
const patienceMs = 5_000;
const againMs = 200;
/** Of one browser: camera in three layers and a screen. */
const roomBitrate = 2_500_000;

const unless = (codes: readonly number[]) => (error: unknown) => {
  if (!(error instanceof JanusRefusal) || !codes.includes(error.code)) throw error;
};

/** @param lost told when the connection ended: every room and link is gone */
export function createHall(server: JanusServer, log: Log, lost: () => void): Hall {
  let connecting: Promise<Desk> | undefined;
  let connection: JanusConnection | undefined;
  let stopped = false;

  /** The connection with a handle for what is about rooms, not people. */
  interface Desk {
    connection: JanusConnection;
    key: string;
    ask(body: Record<string, unknown>): Promise<void>;
    adminKey: string | undefined;
  }

  async function connect(patience: number): Promise<Desk> {
    const until = Date.now() + patience;
    for (;;) {
      const access = server.access();
      try {
        if (!access) throw new JanusGone('it does not run');
        const opened = await JanusConnection.open(access);
        const session = await opened.session();
        const handle = await opened.attach(session, () => undefined);
        connection = opened;
        opened.onClose(() => {
          connecting = undefined;
          connection = undefined;
          if (stopped) return;
          log.error({ alarm: 'media-down' }, 'the connection to Janus ended');
          lost();
        });
        return {
          connection: opened,
          key: access.roomKey,
          adminKey: access.adminKey,
          ask: async (body) => void (await opened.say(session, handle, body)),
        };
      } catch (error) {
        if (stopped || Date.now() > until) throw error;
        await sleep(againMs);
      }
    }
  }

  /** @param patience ms to wait for a Janus that is starting */
  function desk(patience = patienceMs): Promise<Desk> {
    connecting ??= connect(patience).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  }

  const namesAt = ({ key }: Desk, room: RoomRef): RoomNames => roomNames(key, room);

  async function open(ref: RoomRef, maxPeers: number): Promise<void> {
    server.wake();
    const at = await desk();
    const { room, secret, pin } = namesAt(at, ref);
    await at
      .ask({
        request: 'create',
        room,
        secret,
        pin,
        ...(at.adminKey !== undefined && { admin_key: at.adminKey }),
        permanent: false,
        is_private: true,
        // Nobody subscribes who has not joined under a name; who is thrown out loses both ways.
        require_pvtid: true,
        require_e2ee: true,
        publishers: maxPeers,
        bitrate: roomBitrate,
        audiocodec: 'opus',
        videocodec: 'vp8',
        opus_fec: true,
        opus_dtx: true,
        // How loud somebody speaks is nobody's business on the way.
        audiolevel_ext: false,
        transport_wide_cc_ext: true,
        record: false,
        lock_record: true,
        notify_joining: false,
      })
      .catch(unless([roomExists]));
  }

  return {
    get up() {
      return connection?.open === true;
    },
    open,
    async enter(ref) {
      const at = await desk();
      const session = await at.connection.session();
      return {
        stage: stageOn(at.connection, session, namesAt(at, ref)),
        leave: () =>
          at.connection.endSession(session).catch((error: unknown) => {
            if (!(error instanceof JanusGone)) throw error;
          }),
      };
    },
    async kick(ref, who) {
      // Where no Janus runs there is nobody to throw out.
      if (!server.access()) return;
      const at = await desk(0);
      const { room, secret } = namesAt(at, ref);
      await at.ask({ request: 'kick', room, secret, id: who }).catch(unless([noRoom, noMember]));
    },
    async destroy(ref) {
      if (!server.access()) return;
      const at = await desk(0);
      const { room, secret } = namesAt(at, ref);
      await at.ask({ request: 'destroy', room, secret, permanent: false }).catch(unless([noRoom]));
    },
    async stop() {
      stopped = true;
      await connecting?.catch(() => undefined);
      connection?.close();
    },
  };
}
