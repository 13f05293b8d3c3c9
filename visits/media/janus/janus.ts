/** Media for three to eight through Janus: rooms made from names that every process knows, people linked where their socket is. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Log } from '@afar/platform';
import type { MediaBackend, MediaEvent, MediaLink, RoomRef } from '../port.ts';
import { credentialMs, iceServersFor, type IceConfig } from '../turn/credentials.ts';
import type { JanusServer } from './child.ts';
import { createHall } from './hall.ts';
import { JanusLink } from './link.ts';
import type { Stage } from './stage.ts';

export interface JanusOptions {
  server: JanusServer;
  ice: () => IceConfig;
  clock: Clock;
  log: Log;
  /** Most people in one room. Default: 8. */
  maxPeers?: number;
}

/** As long as a seat's lease: longer, nobody comes back to it. */
const parkedMs = 60_000;
/** Between tries to have a room again after Janus ended. */
const againMs = 500;

interface Linked {
  link: JanusLink;
  session: number | undefined;
  /** Its socket is gone; ended when this runs out. */
  parked: NodeJS.Timeout | undefined;
}

interface Room {
  ref: RoomRef;
  entered: Promise<{ stage: Stage; leave(): Promise<void> }>;
  people: Map<string, Linked>;
}

export function janusMedia(opts: JanusOptions): MediaBackend {
  const { server, ice, clock, log, maxPeers = 8 } = opts;
  const listeners = new Set<(event: MediaEvent) => void>();
  const rooms = new Map<string, Room>();
  let stopped = false;
  const keyOf = ({ tenant, visit }: RoomRef): string => `${tenant}/${visit}`;
  const tell = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const warn = (visit: string, what: string) => (error: unknown) =>
    log.warn({ err: error, visit }, what);
  const hall = createHall(server, log, () => {
    for (const room of rooms.values()) {
      for (const { link } of room.people.values()) link.lost();
      tell({ kind: 'lost', room: room.ref });
      void again(room);
    }
  });

  async function enter(ref: RoomRef) {
    await hall.open(ref, maxPeers);
    return hall.enter(ref);
  }

  /** Janus came back empty: the room is made anew, everybody joins, and browsers connect again. */
  async function again(room: Room): Promise<void> {
    while (!stopped && room.people.size > 0 && rooms.get(keyOf(room.ref)) === room) {
      try {
        const entering = enter(room.ref);
        room.entered = entering;
        entering.catch(() => undefined);
        const { stage } = await entering;
        for (const { link } of room.people.values()) await link.rejoin(stage);
        return;
      } catch (error) {
        warn(room.ref.visit, 'a room of Janus is not there again yet')(error);
        await sleep(againMs, undefined, { ref: false });
      }
    }
  }

  function roomOf(ref: RoomRef): Room {
    const key = keyOf(ref);
    const known = rooms.get(key);
    if (known) return known;
    const room: Room = { ref, entered: enter(ref), people: new Map() };
    rooms.set(key, room);
    room.entered.catch(() => {
      if (rooms.get(key) === room && room.people.size === 0) rooms.delete(key);
    });
    return room;
  }

  /** The last one of this process takes its session along; the room itself stays for the other processes. */
  async function drop(room: Room, who: string, linked: Linked): Promise<void> {
    clearTimeout(linked.parked);
    if (room.people.get(who) === linked) room.people.delete(who);
    const last = room.people.size === 0 && rooms.delete(keyOf(room.ref));
    await linked.link.close();
    if (last) await (await room.entered.catch(() => undefined))?.leave();
  }

  return {
    engine: 'sfu',
    caps: { maxPeers, simulcast: true, record: false, e2ee: true, whispers: true, regions: [] },
    async open(room) {
      await hall.open(room, maxPeers);
      return room;
    },
    ticket(_room, who, role) {
      const expires = clock.now() + credentialMs;
      return Promise.resolve({
        iceServers: iceServersFor(ice(), who, expires),
        peerRole: role === 'clinician' ? 'offer' : 'answer',
        expires,
      });
    },
    async setGrants(ref, who, grants) {
      await rooms.get(keyOf(ref))?.people.get(who)?.link.grant(grants);
    },
    async eject(ref, who) {
      const room = rooms.get(keyOf(ref));
      const linked = room?.people.get(who);
      // Wherever her link is: Janus stops her bytes both ways.
      const done = [...(room && linked ? [drop(room, who, linked)] : []), hall.kick(ref, who)];
      const failed = (await Promise.allSettled(done)).find((one) => one.status === 'rejected');
      if (failed) warn(ref.visit, 'Janus did not throw somebody out')(failed.reason);
      tell({ kind: 'ejected', room: ref, who });
    },
    async close(ref) {
      const room = rooms.get(keyOf(ref));
      rooms.delete(keyOf(ref));
      const done = [
        ...[...(room?.people ?? [])].map(([who, linked]) => drop(room!, who, linked)),
        hall.destroy(ref),
      ];
      const failed = (await Promise.allSettled(done)).find((one) => one.status === 'rejected');
      if (failed) warn(ref.visit, 'Janus did not end a room')(failed.reason);
      await (await room?.entered.catch(() => undefined))?.leave();
      tell({ kind: 'closed', room: ref });
    },
    async link(ref, who, grants, send, session): Promise<MediaLink> {
      const room = roomOf(ref);
      const before = room.people.get(who);
      let linked: Linked;
      if (before?.parked && session !== undefined && before.session === session) {
        clearTimeout(before.parked);
        before.parked = undefined;
        before.link.speakTo(send);
        await before.link.grant(grants);
        linked = before;
      } else {
        const link = new JanusLink({
          who,
          grants,
          send,
          evict: () => hall.kick(ref, who),
          ended: () => void drop(room, who, linked).catch(warn(ref.visit, 'a link was not ended')),
          failed: warn(ref.visit, 'Janus and a browser did not agree'),
        });
        linked = { link, session, parked: undefined };
        room.people.set(who, linked);
        await before?.link.close();
        clearTimeout(before?.parked);
        try {
          await link.join((await room.entered).stage);
        } catch (error) {
          await drop(room, who, linked);
          throw error;
        }
        tell({ kind: 'joined', room: ref, who });
      }
      const end = async (): Promise<void> => {
        if (room.people.get(who) !== linked) return;
        await drop(room, who, linked);
        tell({ kind: 'left', room: ref, who });
      };
      return {
        receive: (message) =>
          linked.link.receive(message).catch(warn(ref.visit, 'Janus did not take a message')),
        close: end,
        park() {
          linked.parked = setTimeout(() => {
            end().catch(warn(ref.visit, 'a parked link was not ended'));
          }, parkedMs).unref();
        },
      };
    },
    stats() {
      const links = [...rooms.values()].reduce((sum, { people }) => sum + people.size, 0);
      return { engine: 'sfu', up: hall.up, rooms: rooms.size, links };
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopped = true;
      const all = [...rooms.values()];
      rooms.clear();
      for (const { people } of all)
        for (const { link, parked } of people.values()) {
          clearTimeout(parked);
          await link.close();
        }
      await hall.stop();
    },
  };
}
