/** What we ask of LiveKit and how its names fit ours. Pure. */
import type { Layer } from '@afar/visits/contract';
import type { StreamName } from '../frame-cipher.ts';
import type { Wanted } from '../media-lines.ts';

/** As `Track.Source` of livekit-client. */
export const sources = {
  audio: 'microphone',
  video: 'camera',
  screen: 'screen_share',
  whisper: 'screen_share_audio',
} as const satisfies Record<StreamName, string>;

/** Undefined for what we never publish: such a track is left alone. */
export const streamOf = (source: string): StreamName | undefined =>
  (Object.keys(sources) as StreamName[]).find((name) => sources[name] === source);

/** As `VideoQuality` of livekit-client. */
const qualities = { low: 0, high: 2 } as const;

/** What a subscription is to be: `enabled` false stops its bytes. Voices always come. */
export function subscriptionOf(
  peer: string,
  stream: StreamName,
  wanted: Wanted,
): { enabled: boolean; quality: 0 | 2 } {
  if (stream === 'audio' || stream === 'whisper') return { enabled: true, quality: 2 };
  const layer: Layer =
    stream === 'screen' ? (wanted.screens[peer] ?? 'high') : (wanted.layers[peer] ?? 'low');
  return { enabled: layer !== 'off', quality: layer === 'high' ? qualities.high : qualities.low };
}
