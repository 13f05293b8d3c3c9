/** What visits says over the socket of one visit (`/api/visits/:id/socket`); signalling.md is the law, this is its grammar. */
import type { VisitState } from './contract-schedule.ts';
import type { SfuRequest, SfuSaid } from './media/negotiation.ts';
import type { EngineName } from './media/port.ts';
import type {
  GuestKind,
  GuestState,
  LiveKitAccess,
  RoomEvent,
  SealedOut,
} from './messages-group.ts';

export type * from './messages-group.ts';

/** `offer`: this end makes every offer (the clinician). `answer`: this end answers and asks for restarts. */
export type PeerRole = 'offer' | 'answer';

export type SeatRole = 'clinician' | 'patient' | 'guest';

/** As `RTCIceServer`. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** One person in the room. `peer` stays the same over reconnects and changes of device. */
export interface Peer {
  peer: string;
  role: SeatRole;
  /** Of a guest: what she is here for, and the name she was invited by. */
  as?: GuestKind;
  name?: string;
  /** An observer: on every roster, without a tile, sends nothing. */
  hidden?: true;
  /** Peers who hear what she says aside (`whisper`), nobody else. Everybody sees that she may. */
  whispersTo?: string[];
  peerRole: PeerRole;
  /** Counts fresh joins (tickets), not resumes: a higher one means a new page, so new connection and new keys. 0 = never joined. */
  session: number;
  /** Has joined and neither left nor lost her seat: the members of the epoch. She may be away for a moment. */
  seated: boolean;
  /** A live socket holds the seat; false while a peer is away and may come back. */
  present: boolean;
  media: MediaState;
}

/** What a peer says it sends. */
export interface MediaState {
  camera: boolean;
  microphone: boolean;
  screen: boolean;
  /** Video was given up for the network or by choice. */
  audioOnly: boolean;
}

/** As `RTCIceCandidateInit`; null ends the candidates of a negotiation. */
export interface Candidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** Messages that the server hands from one peer to the other unread. `negotiation` counts the offers of a connection from 1. */
export type Relayed =
  | { type: 'offer'; negotiation: number; sdp: string; iceRestart: boolean }
  | { type: 'answer'; negotiation: number; sdp: string }
  | { type: 'candidate'; negotiation: number; candidate: Candidate | null }
  /** Answering end asks the offering end for an ICE restart. */
  | { type: 'restart'; reason: 'ice-failed' | 'ice-disconnected' | 'network-changed' | 'no-media' }
  /** Safety code, step 1 (`epoch` as `joined` and `roster` tell): base64url SHA-256 commitment, before any key is shown. */
  | { type: 'commit'; epoch: number; commitment: string }
  /** Step 2: base64url raw P-256 public key (65 bytes) and nonce (32 bytes), sent only after every other's commit came. */
  | { type: 'reveal'; epoch: number; publicKey: string; nonce: string }
  /** Step 3, in a room of more than two: this member's sender key, wrapped for the one it is sent to; base64url, at most 1,024 characters. */
  | { type: 'sender-key'; epoch: number; wrapped: string };

/** Counts what one browser sends to its peers in one session, from 1: told in `heard`, and what was not heard is said again. */
export interface Numbered {
  seq?: number;
}

/** Browser to server. The first message, within 5 s, is `watch` or `join`. */
export type ClientMessage =
  /** Follow the visit's state without media: waiting room, queue tile. */
  | { type: 'watch' }
  /**
   * Take the seat. `token` is a JoinTicket's, or the `resume` of the last `joined` or `renewed`. `after`: the highest `n` that came in
   * this session; what came after it is told again, once.
   */
  | { type: 'join'; token: string; after?: number }
  | ({ to: string } & Relayed & Numbered)
  | (SealedOut & Numbered)
  | SfuRequest
  | { type: 'media'; media: MediaState }
  /** Keep the lease: every 20 s. A lease lasts 60 s. `after`: the highest `n` that came; the server forgets what it kept up to it. */
  | { type: 'renew'; after?: number }
  /** Give the seat up on purpose. */
  | { type: 'leave' };

export type RevokeReason =
  /** The visit has ended. */
  | 'ended'
  /** Sent back to the waiting room. */
  | 'returned'
  /** The same person joined from elsewhere. */
  | 'replaced'
  /** The clinician took the seat away; a new invitation would be needed. */
  | 'ejected'
  /** No renewal for 60 s. */
  | 'lease-expired'
  /** Sign-out, disabled account, lost care relation. */
  | 'access-withdrawn'
  /** The patient, or what she said, has taken the clinician out of her record; or one who speaks for her was shut out. */
  | 'consent-withdrawn';

export type SocketErrorCode =
  | 'malformed'
  | 'too-large'
  | 'too-fast'
  | 'ticket-refused'
  | 'not-joined'
  | 'no-such-peer'
  | 'wrong-role'
  /** This seat may not do that: an observer sends nothing. */
  | 'not-allowed'
  /** `sfu-*` while the room has no such engine. */
  | 'no-engine'
  | 'unavailable';

/** Where the room stands, in `joined` and in every `roster`. */
export interface RoomState {
  roster: Peer[];
  /** Grows whenever who is seated changes: joined with a ticket, left, ejected, lease run out; not when somebody resumes. */
  epoch: number;
  /** Another than before: move over without leaving; the old connections are kept until the new ones carry media. */
  engine: EngineName;
  /** With engine `livekit`, in `joined` and in the `roster` that tells the change. */
  livekit?: LiveKitAccess;
}

/** Server to browser. */
export type ServerMessage =
  | {
      type: 'status';
      visit: string;
      state: VisitState;
      position?: number;
      waitMinutes?: number;
      waitingSince?: string;
      clinicianPresent: boolean;
    }
  /** To a guest who waits at her link. */
  | { type: 'guest'; state: GuestState }
  | ({
      type: 'joined';
      peer: string;
      peerRole: PeerRole;
      /** This seat's session, as in the roster. */
      session: number;
      /** Instant at which media must stop unless renewed. */
      leaseUntil: string;
      /** Works once, in place of a ticket, until the lease has run out. */
      resume: string;
      iceServers: IceServer[];
      /** The next message of another seat has `n` + 1; what came before has been told, or is lost. */
      n: number;
      /** The highest `seq` of this session that was taken in; 0: none. What came after it is said again. */
      heard: number;
    } & RoomState)
  | { type: 'renewed'; leaseUntil: string; resume: string; iceServers: IceServer[]; heard: number }
  | ({ type: 'roster' } & RoomState)
  /**
   * `session` is the sender's; drop the message when the roster already shows a higher one. `n` counts what this seat is told by others in
   * its session, from 1, without a gap: a resume tells from where on.
   */
  | ({ from: string; session: number; n: number } & Relayed)
  | ({ from: string; session: number; n: number } & Omit<SealedOut, 'to'>)
  | SfuSaid
  | RoomEvent
  /** Close every track and connection, drop every key, at once. The socket closes after it. */
  | { type: 'revoked'; reason: RevokeReason }
  /** `fatal`: the socket closes after it. */
  | { type: 'error'; code: SocketErrorCode; fatal: boolean };
