/** What visits says over the socket of one visit (`/api/visits/:id/socket`); signalling.md is the law, this is its grammar. */

/** `offer`: this end makes every offer (the clinician). `answer`: this end answers and asks for restarts. */
export type PeerRole = 'offer' | 'answer';

/** As `RTCIceServer`. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** One person in the room. `peer` stays the same over reconnects and changes of device. */
export interface Peer {
  peer: string;
  role: 'clinician' | 'patient';
  peerRole: PeerRole;
  /** Counts fresh joins (tickets), not resumes: a higher one means a new page, so new connection and new keys. 0 = never joined. */
  session: number;
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
  /** Safety code, step 1 (`epoch` = sum of both sessions): base64url SHA-256 commitment, before either key is shown. */
  | { type: 'commit'; epoch: number; commitment: string }
  /** Step 2: base64url raw P-256 public key (65 bytes) and nonce (32 bytes), sent only after the other's commit came. */
  | { type: 'reveal'; epoch: number; publicKey: string; nonce: string };

/** Browser to server. The first message, within 5 s, is `watch` or `join`. */
export type ClientMessage =
  /** Follow the visit's state without media: waiting room, queue tile. */
  | { type: 'watch' }
  /** Take the seat. `token` is a JoinTicket's, or the `resume` of the last `joined` or `renewed`. */
  | { type: 'join'; token: string }
  | ({ to: string } & Relayed)
  | { type: 'media'; media: MediaState }
  /** Keep the lease: every 20 s. A lease lasts 60 s. */
  | { type: 'renew' }
  /** Give the seat up on purpose. */
  | { type: 'leave' };

export type RevokeReason =
  /** The visit has ended. */
  | 'ended'
  /** Sent back to the waiting room. */
  | 'returned'
  /** The same person joined from elsewhere. */
  | 'replaced'
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
  | 'unavailable';

/** Server to browser. */
export type ServerMessage =
  | {
      type: 'status';
      visit: string;
      state: 'booked' | 'waiting' | 'admitted' | 'in-progress' | 'ended' | 'cancelled' | 'no-show';
      position?: number;
      waitMinutes?: number;
      waitingSince?: string;
      clinicianPresent: boolean;
    }
  | {
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
      roster: Peer[];
    }
  | { type: 'renewed'; leaseUntil: string; resume: string; iceServers: IceServer[] }
  | { type: 'roster'; roster: Peer[] }
  /** `session` is the sender's; drop the message when the roster already shows a higher one. */
  | ({ from: string; session: number } & Relayed)
  /** Close every track and connection, drop every key, at once. The socket closes after it. */
  | { type: 'revoked'; reason: RevokeReason }
  /** `fatal`: the socket closes after it. */
  | { type: 'error'; code: SocketErrorCode; fatal: boolean };
