/** The device check as one value: what each part found, and the ways to try again. */
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { DeviceCheck } from '@afar/visits/contract';
import {
  type MediaFault,
  MediaRefused,
  openCamera,
  openMicrophone,
} from '../../call/local-media.ts';
import { rememberDevice, rememberedDevice } from '../../call/remembered.ts';
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
    for (const other of tracks.current)
      if (other.kind === track.kind) {
        other.stop();
        tracks.current.delete(other);
      }
    if (gone.current) track.stop();
    else tracks.current.add(track);
    return track;
  };

  const camera = useCallback(
    async (id?: string): Promise<void> => {
      if (id) rememberDevice('camera', id);
      change({ camera: { state: 'working' } });
      try {
        change({
          camera: { state: 'ok', value: keep(await openCamera(id ?? rememberedDevice('camera'))) },
        });
      } catch (error) {
        change({ camera: { state: 'fault', fault: faultIn(error) } });
      }
    },
    [change],
  );

  const microphone = useCallback(
    async (id?: string): Promise<void> => {
      if (id) rememberDevice('microphone', id);
      change({ microphone: { state: 'working' } });
      try {
        const track = keep(await openMicrophone(id ?? rememberedDevice('microphone')));
        change({ microphone: { state: 'ok', value: track } });
        stopMeter.current?.();
        stopMeter.current = measure(track, (level) => {
          if (gone.current) return;
          setState((before) => ({ ...before, level, heard: before.heard || level > heardAbove }));
        });
      } catch (error) {
        change({ microphone: { state: 'fault', fault: faultIn(error) } });
      }
    },
    [change],
  );

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

  // A permission given in the browser's settings, or a device plugged in, is noticed: nothing has to be pressed or loaded again.
  const again = useEffectEvent((kind: 'camera' | 'microphone', faults: readonly MediaFault[]) => {
    const part = state[kind];
    if (part.state !== 'fault' || !faults.includes(part.fault)) return;
    void (kind === 'camera' ? camera() : microphone());
  });
  useEffect(() => {
    const plugged = (): void => {
      again('microphone', ['missing', 'unfit']);
      again('camera', ['missing', 'unfit']);
    };
    navigator.mediaDevices?.addEventListener?.('devicechange', plugged);
    const statuses: [PermissionStatus, () => void][] = [];
    for (const kind of ['camera', 'microphone'] as const)
      navigator.permissions?.query({ name: kind as PermissionName }).then(
        (status) => {
          const changed = (): void => {
            if (status.state === 'granted') again(kind, ['denied', 'dismissed']);
          };
          status.addEventListener('change', changed);
          statuses.push([status, changed]);
        },
        () => undefined, // a browser that does not tell: there is the button
      );
    return () => {
      navigator.mediaDevices?.removeEventListener?.('devicechange', plugged);
      for (const [status, changed] of statuses) status.removeEventListener('change', changed);
    };
  }, []);

  /** Without camera after all: its light goes out. */
  const noCamera = (): void => {
    for (const track of tracks.current)
      if (track.kind === 'video') {
        track.stop();
        tracks.current.delete(track);
      }
    change({ camera: { state: 'idle' } });
  };

  return { state, start, camera, microphone, network, noCamera };
}

const faultIn = (error: unknown): MediaFault =>
  error instanceof MediaRefused ? error.fault : 'failed';

/** What the clinic is told about a device. */
export function toDeviceCheck(part: Part<unknown>): DeviceCheck {
  if (part.state === 'ok') return 'ok';
  if (part.state !== 'fault') return 'skipped';
  if (part.fault === 'system' || part.fault === 'dismissed') return 'denied';
  if (part.fault === 'unfit') return 'missing';
  if (part.fault === 'denied' || part.fault === 'missing') return part.fault;
  return 'failed';
}
