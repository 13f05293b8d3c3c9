/** The device check as one value: what each part found, and the ways to try again. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DeviceCheck } from '@afar/visits/contract';
import {
  type MediaFault,
  MediaRefused,
  openCamera,
  openMicrophone,
} from '../../call/local-media.ts';
import { measure } from './meter.ts';
import { probeNetwork, type Probe } from './network-probe.ts';

export type Part<T = undefined> =
  | { state: 'idle' }
  | { state: 'working' }
  | { state: 'ok'; value: T }
  | { state: 'fault'; fault: MediaFault };

export interface DeviceCheckState {
  camera: Part<MediaStreamTrack>;
  microphone: Part<MediaStreamTrack>;
  /** 0..1, and whether she was ever heard. */
  level: number;
  heard: boolean;
  network: Probe | 'working' | undefined;
}

/** Above a quiet room's noise. */
const heardAbove = 0.22;

export function useDeviceCheck(withCamera: boolean) {
  const [state, setState] = useState<DeviceCheckState>({
    camera: { state: 'idle' },
    microphone: { state: 'idle' },
    level: 0,
    heard: false,
    network: undefined,
  });
  const tracks = useRef(new Set<MediaStreamTrack>());
  const stopMeter = useRef<() => void>(undefined);
  const gone = useRef(false);

  const change = useCallback((part: Partial<DeviceCheckState>): void => {
    if (!gone.current) setState((before) => ({ ...before, ...part }));
  }, []);

  const keep = (track: MediaStreamTrack): MediaStreamTrack => {
    if (gone.current) track.stop();
    else tracks.current.add(track);
    return track;
  };

  const camera = useCallback(async (): Promise<void> => {
    change({ camera: { state: 'working' } });
    try {
      change({ camera: { state: 'ok', value: keep(await openCamera()) } });
    } catch (error) {
      change({ camera: { state: 'fault', fault: faultIn(error) } });
    }
  }, [change]);

  const microphone = useCallback(async (): Promise<void> => {
    change({ microphone: { state: 'working' } });
    try {
      const track = keep(await openMicrophone());
      change({ microphone: { state: 'ok', value: track } });
      stopMeter.current?.();
      stopMeter.current = measure(track, (level) => {
        if (gone.current) return;
        setState((before) => ({ ...before, level, heard: before.heard || level > heardAbove }));
      });
    } catch (error) {
      change({ microphone: { state: 'fault', fault: faultIn(error) } });
    }
  }, [change]);

  const network = useCallback(async (): Promise<void> => {
    change({ network: 'working' });
    change({ network: await probeNetwork() });
  }, [change]);

  const start = async (): Promise<void> => {
    void network();
    // One after the other: some browsers lose the second of two questions asked at once.
    await microphone();
    if (withCamera) await camera();
  };

  useEffect(() => {
    gone.current = false;
    const all = tracks.current;
    return () => {
      gone.current = true;
      stopMeter.current?.();
      for (const track of all) track.stop();
    };
  }, []);

  return { state, start, camera, microphone, network };
}

const faultIn = (error: unknown): MediaFault =>
  error instanceof MediaRefused ? error.fault : 'failed';

/** What the clinic is told about a device. */
export function toDeviceCheck(part: Part<unknown>): DeviceCheck {
  if (part.state === 'ok') return 'ok';
  if (part.state !== 'fault') return 'skipped';
  if (part.fault === 'denied' || part.fault === 'missing') return part.fault;
  return 'failed';
}
