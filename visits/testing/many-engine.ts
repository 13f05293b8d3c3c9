/** A media engine for tests of the room: it forwards nothing, and keeps honestly who is linked, who sends what, and who would be sent it. */
import type { StreamKind } from '../media/negotiation.ts';
import type { Grants, MediaBackend, MediaEvent, MediaLink, RoomRef } from '../media/port.ts';

interface Linked {
  grants: Grants;
  session: number | undefined;
  parked: boolean;
  sends: StreamKind[];
}

export interface ManyEngine extends MediaBackend {
  /** What browsers say is answered once this has settled. */
  thinking: Promise<void>;
  /** A room is there once this has settled. */
  opening: Promise<void>;
  /** Peers linked in a visit. */
  linked(visit: string): string[];
  /** Streams that a peer is sent, by sender. */
  received(visit: string, who: string): Record<string, StreamKind[]>;
  /** Visits with a room. */
  readonly rooms: ReadonlySet<string>;
}

/** One engine for every process of a clinic, as a Janus beside them is. */
export function manyEngine(): ManyEngine {
  const rooms = new Map<string, Map<string, Linked>>();
  const listeners = new Set<(event: MediaEvent) => void>();
  const tell = (event: MediaEvent): void => listeners.forEach((one) => one(event));
  const at = ({ visit }: RoomRef): Map<string, Linked> => {
    const room = rooms.get(visit) ?? new Map<string, Linked>();
    rooms.set(visit, room);
    return room;
  };
  const kindsTo = (from: Linked, who: string): StreamKind[] =>
    from.sends.filter((kind) => kind !== 'whisper' || from.grants.whispersTo?.includes(who));

  const engine: ManyEngine = {
    thinking: Promise.resolve(),
    opening: Promise.resolve(),
    engine: 'sfu',
    caps: { maxPeers: 8, simulcast: true, record: false, e2ee: true, whispers: true, regions: [] },
    async open(room) {
      await engine.opening;
      at(room);
      return room;
    },
    ticket: (_room, _who, role) =>
      Promise.resolve({
        iceServers: [],
        peerRole: role === 'clinician' ? 'offer' : 'answer',
        expires: 0,
      }),
    setGrants(room, who, grants) {
      const linked = at(room).get(who);
      if (linked) linked.grants = grants;
      return Promise.resolve();
    },
    eject(room, who) {
      rooms.get(room.visit)?.delete(who);
      tell({ kind: 'ejected', room, who });
      return Promise.resolve();
    },
    close(room) {
      rooms.delete(room.visit);
      tell({ kind: 'closed', room });
      return Promise.resolve();
    },
    link(room, who, grants, send, session): Promise<MediaLink> {
      const before = at(room).get(who);
      const goesOn = before?.parked === true && before.session === session;
      const sends = goesOn ? before.sends : [];
      const linked: Linked = { grants, session, parked: false, sends };
      at(room).set(who, linked);
      const link: MediaLink = {
        async receive(said) {
          await engine.thinking;
          if (said.type !== 'sfu-publish') return;
          const { negotiation } = said;
          if (!linked.grants.publish) send({ type: 'sfu-error', link: 'up', negotiation });
          else {
            linked.sends = (said.streams ?? []).map((one) => one.kind);
            send({ type: 'sfu-published', negotiation, sdp: 'v=0' });
          }
        },
        close() {
          if (rooms.get(room.visit)?.get(who) === linked) rooms.get(room.visit)!.delete(who);
          return Promise.resolve();
        },
        park() {
          linked.parked = true;
        },
      };
      return Promise.resolve(link);
    },
    stats: () => ({ engine: 'sfu', up: true, rooms: rooms.size, links: 0 }),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    linked: (visit) => [...(rooms.get(visit)?.keys() ?? [])].toSorted(),
    received(visit, who) {
      const room = rooms.get(visit);
      if (!room?.has(who)) return {};
      const others = [...room].filter(([peer]) => peer !== who);
      return Object.fromEntries(others.map(([peer, one]) => [peer, kindsTo(one, who)]));
    },
    get rooms() {
      return new Set(rooms.keys());
    },
  };
  return engine;
}

/** A browser's offer of these streams. */
export const publish = (kinds: readonly ('audio' | 'video' | 'whisper')[]) =>
  ({
    type: 'sfu-publish',
    negotiation: 1,
    sdp: 'v=0',
    streams: kinds.map((kind, mid) => ({ mid: `${mid}`, kind })),
  }) as const;
