/** What carries the media of one seat: two browsers directly, or an engine between many. One interface for all. */
import type { IceServer, Layer } from '@afar/visits/contract';
import type { StreamName } from './frame-cipher.ts';
import type { EngineName } from './link-state.ts';
import type { SendLimits } from './sending.ts';

/** What is wanted of others: their camera and their screen, by peer. */
export interface Wanted {
  layers: Record<string, Layer>;
  screens: Record<string, Layer>;
}

export type RestartReason = 'ice-failed' | 'ice-disconnected' | 'network-changed' | 'no-media';

export interface LineEvents {
  /** A track of somebody came, or (null) is gone. */
  track: (peer: string, stream: StreamName, track: MediaStreamTrack | null) => void;
  /** Media can flow, or cannot any more. */
  connected: (now: boolean) => void;
  /** Restarts did not help: only a new session will. */
  hopeless: () => void;
}

/** How one sender's stream arrives here, totals since the line began. */
export interface Arrival {
  peer: string;
  stream: StreamName;
  packets: number;
  lost: number;
  bytes: number;
  framesDecoded: number;
  width?: number;
  height?: number;
  /** Of a voice: how loud it is now, 0 to 1. */
  level?: number;
}

export interface MediaLines {
  readonly engine: EngineName;
  readonly restarts: number;
  /** Sends a track, or stops sending its kind. */
  publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void>;
  limit(limits: SendLimits): Promise<void>;
  /** Keys are there: from now on tracks are sent. */
  unlock(): void;
  /** @returns false when nothing was begun: too short a time ago, or not ours to do */
  restart(reason: RestartReason): boolean;
  /** New credentials of the relays: the next ICE restart needs them, those of two minutes ago are void. */
  relays(servers: IceServer[]): void;
  /** Everything `getStats` says of the connections. */
  stats(): Promise<Iterable<[string, unknown]>>;
  /** Each stream by its sender; empty where there is one sender only. */
  arrivals(): Promise<Arrival[]>;
  /** By which tracks of others come. */
  receivers(): readonly RTCRtpReceiver[];
  want(wanted: Wanted): void;
  close(): void;
}
