/** Camera and microphone: asking for them, and what went wrong by name. */

export type MediaFault = 'denied' | 'missing' | 'busy' | 'unsupported' | 'failed';

/** Why a device could not be had, from what the browser throws. */
export function faultOf(error: unknown): MediaFault {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return name === 'TypeError' ? 'unsupported' : 'failed';
}

export class MediaRefused extends Error {
  readonly fault: MediaFault;
  constructor(fault: MediaFault) {
    super(fault);
    this.name = 'MediaRefused';
    this.fault = fault;
  }
}

async function ask(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Without a secure context the browser hides the devices altogether.
  if (!navigator.mediaDevices?.getUserMedia) throw new MediaRefused('unsupported');
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new MediaRefused(faultOf(error));
  }
}

const one = (stream: MediaStream): MediaStreamTrack => stream.getTracks()[0]!;

/** 640 x 480 at up to 30 pictures a second: enough to see a face and a rash, kind to a weak link. */
export async function openCamera(deviceId?: string, saver = false): Promise<MediaStreamTrack> {
  const track = one(
    await ask({
      video: {
        width: { ideal: saver ? 320 : 960 },
        height: { ideal: saver ? 240 : 540 },
        frameRate: { ideal: saver ? 15 : 30, max: 30 },
        ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' }),
      },
    }),
  );
  track.contentHint = 'motion';
  return track;
}

export async function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  const track = one(
    await ask({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
      },
    }),
  );
  track.contentHint = 'speech';
  return track;
}

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

export async function listDevices(): Promise<Devices> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] =>
    all.filter((device) => device.kind === kind && device.deviceId !== '');
  return {
    cameras: of('videoinput'),
    microphones: of('audioinput'),
    speakers: of('audiooutput'),
  };
}
