/** Camera, microphone and screen: asking for them, and what went wrong by name. */

/**
 * denied: the person or her browser said no. system: the operating system keeps the browser out. dismissed: the question was closed
 * without an answer. busy: another program holds it. unfit: there is a device, but none like the one asked for. insecure: no
 * devices without https. unsupported: this browser cannot.
 */
export type MediaFault =
  | 'denied'
  | 'system'
  | 'dismissed'
  | 'missing'
  | 'busy'
  | 'unfit'
  | 'insecure'
  | 'unsupported'
  | 'failed';

/** Why a device could not be had, from what the browser throws [W3C Media Capture 10.2]. */
export function faultOf(error: unknown): MediaFault {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  switch (name) {
    case 'NotAllowedError':
      // One name for three refusals; Chromium and Firefox tell them apart in words only.
      if (/system/i.test(message)) return 'system';
      return /dismiss/i.test(message) ? 'dismissed' : 'denied';
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
      return /system|platform/i.test(message) ? 'system' : 'missing';
    case 'OverconstrainedError':
      return 'unfit';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return name === 'TypeError' || name === 'NotSupportedError' ? 'unsupported' : 'failed';
  }
}

export class MediaRefused extends Error {
  readonly fault: MediaFault;
  constructor(fault: MediaFault) {
    super(fault);
    this.name = 'MediaRefused';
    this.fault = fault;
  }
}

/** Why no device can be had here whatever is asked; undefined when there is no such reason. */
export function whyNoDevices(): MediaFault | undefined {
  // Without a secure context the browser hides the devices altogether.
  if (!globalThis.isSecureContext) return 'insecure';
  return typeof navigator.mediaDevices?.getUserMedia === 'function' ? undefined : 'unsupported';
}

async function ask(
  kind: 'audio' | 'video',
  wanted: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  const none = whyNoDevices();
  if (none) throw new MediaRefused(none);
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: wanted });
    return stream.getTracks()[0]!;
  } catch (error) {
    const fault = faultOf(error);
    // A remembered device that is not plugged in today: any other will do.
    if ((fault === 'unfit' || fault === 'missing') && wanted.deviceId) {
      const { deviceId: _gone, ...rest } = wanted;
      return ask(kind, rest);
    }
    throw new MediaRefused(fault);
  }
}

/** 960 x 540 at up to 30 pictures a second: enough to see a face and a rash; what leaves is made smaller as the line needs. */
export async function openCamera(deviceId?: string): Promise<MediaStreamTrack> {
  const track = await ask('video', {
    width: { ideal: 960 },
    height: { ideal: 540 },
    frameRate: { ideal: 30, max: 30 },
    ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: 'user' }),
  });
  track.contentHint = 'motion';
  return track;
}

export async function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  const track = await ask('audio', {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
  });
  track.contentHint = 'speech';
  return track;
}

/** False on phones: their browsers have no screen to give. */
export const canShareScreen = (): boolean =>
  typeof navigator.mediaDevices?.getDisplayMedia === 'function';

/** A screen or window of the person's choice. Letters matter more than movement. */
export async function openScreen(): Promise<MediaStreamTrack> {
  if (!canShareScreen()) throw new MediaRefused(whyNoDevices() ?? 'unsupported');
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 15 } },
      audio: false,
    });
    const track = stream.getTracks()[0]!;
    track.contentHint = 'detail';
    return track;
  } catch (error) {
    throw new MediaRefused(faultOf(error));
  }
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
