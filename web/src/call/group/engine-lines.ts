/** Opens the lines an engine between many asks for. */
import type { ClientMessage, IceServer, LiveKitAccess, Peer as Seat } from '@afar/visits/contract';
import type { KeyDesk } from '../key-desk.ts';
import type { EngineName } from '../link-state.ts';
import type { LineEvents, MediaLines } from '../media-lines.ts';
import type { SendLimits } from '../peer.ts';
import { LiveKitLines } from './livekit-lines.ts';
import { SfuLines } from './sfu-lines.ts';

export interface EngineOptions {
  own: Seat;
  iceServers: IceServer[];
  keys: KeyDesk;
  limits: SendLimits;
  send: (message: ClientMessage) => void;
  livekit: LiveKitAccess | undefined;
}

export function engineLines(
  engine: Exclude<EngineName, 'p2p'>,
  options: EngineOptions,
  events: LineEvents,
): MediaLines {
  return engine === 'livekit' && options.livekit
    ? new LiveKitLines(options.livekit, options, events)
    : new SfuLines(options, events);
}
