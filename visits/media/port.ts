/** The media port: what an engine (peer to peer, Janus, LiveKit) must do for a visit. Waiting room, consent, keys and audit live above it. */
import type { IceServer, Peer, PeerRole } from '../messages.ts';
import type { SfuRequest, SfuSaid } from './negotiation.ts';

/** The engines there are; browsers are told which one a room uses. */
export type EngineName = 'p2p' | 'sfu' | 'livekit';

export interface MediaCaps {
  maxPeers: number;
  simulcast: boolean;
  record: boolean;
  e2ee: boolean;
  /** It sends what is said aside (`Grants.whispersTo`) to those alone who are named. */
  whispers: boolean;
  /** Regions an engine can place a room in; empty when the question does not arise. */
  regions: readonly string[];
}

export interface RoomRef {
  tenant: number;
  /** Appointment id. */
  visit: string;
}

export interface MediaPolicy {
  maxPeers: number;
  record: boolean;
  /** One of `caps.regions`; the engine's own choice when absent or unknown. */
  region?: string;
}

export interface Grants {
  publish: boolean;
  subscribe: boolean;
  /** Never off the roster; only without a tile. */
  hidden: boolean;
  /** Peers who are sent this person's `whisper` streams; nobody else ever is. Absent: she whispers to nobody. */
  whispersTo?: readonly string[];
}

/** What an engine adds to a visit's own ticket. Credentials end at `expires` (ms since epoch). */
export interface MediaTicket {
  iceServers: IceServer[];
  peerRole: PeerRole;
  expires: number;
  /** Where and with what the browser's own SDK signs in: LiveKit only. */
  livekit?: { url: string; token: string };
}

export interface MediaEvent {
  kind: 'joined' | 'left' | 'quality' | 'recorded' | 'ejected' | 'closed' | 'lost';
  room: RoomRef;
  /** Peer id; absent for the whole room. */
  who?: string;
}

/** One person's media in an engine that negotiates through our socket. */
export interface MediaLink {
  /** What the browser said, in the order it said it. Never throws for what a browser says: that is answered by `sfu-error`. */
  receive(message: SfuRequest): Promise<void>;
  /** Ends this person's media; her bytes stop within a second. Safe to repeat. */
  close(): Promise<void>;
  /**
   * Her socket dropped, her seat is kept: media run on, unheard, until `link` of the same session in this process takes them over, or for
   * 60 s.
   */
  park(): void;
}

/** What an operator may see of an engine: numbers only. */
export interface MediaStats {
  engine: EngineName;
  /** It answers at this moment. Peer to peer always does. */
  up: boolean;
  /** Rooms that this process has people in. */
  rooms: number;
  /** People this process has linked. */
  links: number;
}

/**
 * Server side of an engine. `who` is everywhere the peer's id: it means nothing outside the visit, and engines and relays may see it.
 * The contract suite in contract.ts runs over every adapter.
 */
export interface MediaBackend {
  readonly engine: EngineName;
  readonly caps: MediaCaps;
  /** Makes the room where there is none; safe to repeat, from any process. */
  open(room: RoomRef, policy: MediaPolicy): Promise<RoomRef>;
  /** Called only after every check of the visit has passed (admission, person, open): an engine decides nothing. */
  ticket(room: RoomRef, who: string, role: Peer['role'], grants: Grants): Promise<MediaTicket>;
  setGrants(room: RoomRef, who: string, grants: Grants): Promise<void>;
  /** From any process, whichever holds the link: bytes from and to this person stop within a second. */
  eject(room: RoomRef, who: string): Promise<void>;
  /** Ends the room for everybody, from any process. */
  close(room: RoomRef): Promise<void>;
  /**
   * Only in engines that negotiate through our socket (`sfu`): begins one person's media. `send` brings what the engine says to her
   * browser. Opens the room where there is none. A second link of the same person ends her first, unless that was parked and is of the
   * same `session`: then its media run on, and no new offer is needed.
   */
  link?(
    room: RoomRef,
    who: string,
    grants: Grants,
    send: (said: SfuSaid) => void,
    session?: number,
  ): Promise<MediaLink>;
  stats(): MediaStats;
  /** Returns the way to stop listening. */
  onEvent(listener: (event: MediaEvent) => void): () => void;
  /** Ends connections and timers of this process. */
  stop?(): Promise<void>;
}

/** The engines of an installation: two people talk peer to peer; three or more need a server between them, where there is one. */
export interface MediaEngines {
  two: MediaBackend;
  many?: MediaBackend;
}

/** Every engine there is: whoever ends or ejects does not ask which one a room uses at this moment. */
export const enginesOf = ({ two, many }: MediaEngines): MediaBackend[] =>
  many ? [two, many] : [two];
