/** What the call's page and its frame worker say to each other. */
import type { StreamName } from './frame-cipher.ts';

export interface TransformOptions {
  direction: 'send' | 'receive';
  stream: StreamName;
}

/** Page to worker. Keys come together; `null` throws them away and stops every frame. */
export interface KeysMessage {
  keys: { send: CryptoKey; receive: CryptoKey } | null;
}

export interface StreamCount {
  /** Frames taken from the network. */
  received: number;
  /** Frames that proved genuine and went on to the decoder. */
  opened: number;
  /** Frames refused. */
  refused: number;
  /** Frames sealed and sent. */
  sealed: number;
}

/** Worker to page, four times a second while anything moves. */
export type FrameCounts = Record<StreamName, StreamCount>;
