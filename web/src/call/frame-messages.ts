/** What the call's page and its frame worker say to each other. */
import type { StreamName } from './frame-cipher.ts';

/**
 * Of one transform. A receiver is either of the direct connection of two, where there is one peer (`stream`), or a line of a
 * server's, of which the page says in `line` messages whose it is at this time.
 */
export type TransformOptions =
  | { direction: 'send'; stream: StreamName }
  | { direction: 'receive'; stream: StreamName }
  | { direction: 'receive'; line: string };

/** Page to worker. */
export type PageMessage =
  /** Seal under this key from now on. */
  | { type: 'send-key'; epoch: number; key: CryptoKey }
  | { type: 'peer-key'; peer: string; epoch: number; key: CryptoKey }
  /** Keys of everybody else are thrown away. */
  | { type: 'members'; peers: string[] }
  /** Who is at the other end of the direct connection. */
  | { type: 'direct'; peer: string }
  /** Whose stream a line carries; `to: null`: nobody's, its frames are dropped. */
  | { type: 'line'; line: string; to: { peer: string; stream: StreamName } | null }
  /** Every key goes; nothing leaves and nothing is opened. */
  | { type: 'clear' };

export interface StreamCount {
  /** Frames taken from the network. */
  received: number;
  /** Frames that proved genuine and went on to the decoder. */
  opened: number;
  /** Frames refused. */
  refused: number;
}

export type PeerCounts = Record<StreamName, StreamCount>;

/** Worker to page, four times a second while anything moves. */
export interface FrameCounts {
  /** Frames sealed and sent. */
  sealed: Record<StreamName, number>;
  peers: Record<string, PeerCounts>;
}

export const noCounts = (): PeerCounts => {
  const zero = (): StreamCount => ({ received: 0, opened: 0, refused: 0 });
  return { audio: zero(), video: zero(), screen: zero(), whisper: zero() };
};
