/**
 * What a browser and a server between browsers (SFU) say to each other over our socket. A browser has one connection up, which it
 * offers, and one down, which the engine offers; `negotiation` counts the offers of a connection from 1.
 */
import type { Candidate } from '../messages.ts';

/** What a stream shows; a voice is `audio`, what is said aside to some alone (`Grants.whispersTo`) is `whisper`. */
export type StreamKind = 'audio' | 'video' | 'screen' | 'whisper';

/** Which picture of a peer a browser wants: none, the smallest, or the best there is. */
export type Layer = 'off' | 'low' | 'high';

/** The connection from the browser, or the one to it. */
export type LinkEnd = 'up' | 'down';

/** Browser to engine. */
export type SfuRequest =
  /**
   * Offer of the connection up: first, with more streams, or with an ICE restart. `streams` says what each media section is; without
   * it the first video is the camera, the second the screen.
   */
  | {
      type: 'sfu-publish';
      negotiation: number;
      sdp: string;
      streams?: { mid: string; kind: StreamKind }[];
    }
  /** Answer to the `sfu-offer` of this number. */
  | { type: 'sfu-answer'; negotiation: number; sdp: string }
  /** null ends the candidates. */
  | { type: 'sfu-candidate'; link: LinkEnd; candidate: Candidate | null }
  /** By peer; who is not named stays as she was. New peers begin with `low`, screens with `high`. */
  | { type: 'sfu-want'; layers: Record<string, Layer>; screens?: Record<string, Layer> }
  /** `down`: ICE failed, please offer with new ICE. `up`: this browser begins its connection up anew, with negotiation 1. */
  | { type: 'sfu-restart'; link: LinkEnd };

/** Engine to browser. */
export type SfuSaid =
  /** Answer to the `sfu-publish` of this number. */
  | { type: 'sfu-published'; negotiation: number; sdp: string }
  /** Offer of the connection down: all streams it carries from now on, by media section. An empty one is never sent. */
  | {
      type: 'sfu-offer';
      negotiation: number;
      sdp: string;
      streams: { mid: string; peer: string; kind: StreamKind }[];
    }
  | { type: 'sfu-candidate'; link: LinkEnd; candidate: Candidate | null }
  /** The engine lost this connection: throw it away. `up`: publish on a new one, negotiation 1. `down`: a new one comes, negotiation 1. */
  | { type: 'sfu-restart'; link: LinkEnd }
  /** The engine would not have the last request on this connection; the connection stays as it was. */
  | { type: 'sfu-error'; link: LinkEnd; negotiation: number };
