/** The media port: what an engine (peer to peer, Janus, LiveKit) must do for a visit. Waiting room, consent, keys and audit live above it. */
import type { IceServer, PeerRole } from './messages.ts';

export interface MediaCaps {
  maxPeers: number;
  simulcast: boolean;
  record: boolean;
  e2ee: boolean;
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
}

export interface Grants {
  publish: boolean;
  subscribe: boolean;
  /** Never off the roster; only without a tile. */
  hidden: boolean;
}

/** What an engine adds to a visit's own ticket. Credentials end at `expires` (ms since epoch). */
export interface MediaTicket {
  iceServers: IceServer[];
  peerRole: PeerRole;
  expires: number;
}

export interface MediaEvent {
  kind: 'joined' | 'left' | 'quality' | 'recorded' | 'ejected' | 'closed';
  room: RoomRef;
  /** Account id; absent for the whole room. */
  who?: string;
}

/** Server side of an engine. The contract suite in media.contract.ts runs over every adapter. */
export interface MediaBackend {
  readonly caps: MediaCaps;
  open(room: RoomRef, policy: MediaPolicy): Promise<RoomRef>;
  /** Called only after every check of the visit has passed (admission, person, open): an engine decides nothing. */
  ticket(
    room: RoomRef,
    who: string,
    role: 'clinician' | 'patient',
    grants: Grants,
  ): Promise<MediaTicket>;
  setGrants(room: RoomRef, who: string, grants: Grants): Promise<void>;
  eject(room: RoomRef, who: string): Promise<void>;
  close(room: RoomRef): Promise<void>;
  /** Returns the way to stop listening. */
  onEvent(listener: (event: MediaEvent) => void): () => void;
}
