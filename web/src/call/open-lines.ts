/** Opens the lines that a room asks for: directly to the other one, or by an engine between many. */
import type { ClientMessage, IceServer, LiveKitAccess, Peer as Seat } from '@afar/visits/contract';
import { DirectLines } from './direct-lines.ts';
import { LiveKitLines } from './group/livekit-lines.ts';
import { SfuLines } from './group/sfu-lines.ts';
import type { KeyDesk } from './key-desk.ts';
import type { EngineName } from './link-state.ts';
import type { LineEvents, MediaLines } from './media-lines.ts';
import type { SendLimits } from './sending.ts';

export interface LinesOptions {
  own: Seat;
  /** Of two: the other one. */
  other: Seat;
  iceServers: IceServer[];
  keys: KeyDesk;
  limits: SendLimits;
  send: (message: ClientMessage) => void;
  livekit: LiveKitAccess | undefined;
}

export function openLines(
  engine: EngineName,
  options: LinesOptions,
  events: LineEvents,
): MediaLines {
  const { own, other, iceServers, keys, limits, send, livekit } = options;
  if (engine === 'livekit' && livekit) return new LiveKitLines(livekit, options, events);
  if (engine !== 'p2p') return new SfuLines(options, events);
  return new DirectLines(
    {
      peer: other.peer,
      offers: own.peerRole === 'offer',
      iceServers,
      worker: keys.worker,
      limits,
      send: (message) => send({ to: other.peer, ...message }),
    },
    events,
  );
}
