/** What rooms of three to eight say over the socket beside media (media/negotiation.ts): guests, sealed data between browsers, what happened. */
/** Who is let into a visit besides the two it is for. An observer and a supervisor are on the roster like everybody. */
export type GuestKind = 'interpreter' | 'relative' | 'colleague' | 'observer' | 'supervisor';

/** How a browser reaches LiveKit, for this seat, until it loses it. */
export interface LiveKitAccess {
  url: string;
  token: string;
}

/** Browser to everybody or to one: sealed under the epoch's data key, relayed unread. */
export interface SealedOut {
  type: 'sealed';
  /** A peer, or everybody who is seated. */
  to: string;
  /** What it is for: `typing`, `stroke`, `caption`, ... Lower-case letters, digits, hyphens; at most 32. */
  kind: string;
  /** base64url, at most 16 KiB before it was written so. */
  body: string;
}

/** Asked, in a room or for a recording: on while everybody seated has agreed. */
export type RecordingState = 'asking' | 'on' | 'paused' | 'stopped' | 'finished';

/** Where a guest stands. `asking`: the clinician admitted her, the patient is being asked. */
export type GuestState =
  | 'invited'
  | 'waiting'
  | 'asking'
  | 'admitted'
  | 'refused'
  | 'left'
  | 'ended';

/** Pushed to who is seated: something changed that is fetched by its id. */
export type RoomEvent =
  /** Some of these may have been lost while this browser was away, or on the way between processes: ask for everything again. */
  | { type: 'missed' }
  /** A chat message: `GET /visits/:id/chat?after=`. */
  | { type: 'chat'; message: string }
  /**
   * `missing`: peers who have not agreed; nothing is recorded while it is not empty. `until`: since when not everybody agrees any more; whoever
   * hears of it late throws away what she filmed after it.
   */
  | {
      type: 'recording';
      recording: string;
      state: RecordingState;
      missing: string[];
      until?: string;
    }
  | { type: 'still'; still: string; state: 'asked' | 'agreed' | 'refused' | 'kept' }
  /** The visit goes on by telephone. */
  | { type: 'phone'; at: string }
  /** Guests came, were asked about, admitted, refused: `GET /visits/:id/guests`. */
  | { type: 'guests' };
