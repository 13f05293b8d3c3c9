/** This browser and pushes: whether it can, whether it may, whether it is told; and the way to change that. */
import type { PushDevice, PushRegistration } from '@afar/access/contract';
import { api } from '../../kit/api.ts';

/**
 * `unsupported`: no such thing in this browser (on an iPhone only from the home screen). `denied`: she said no to the browser,
 * which only she can change there. `off`, `on`.
 */
export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

const able = (): boolean =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

async function subscription(): Promise<PushSubscription | null> {
  // `ready` waits for ever where no worker is registered.
  const worker = await navigator.serviceWorker.getRegistration();
  return worker ? worker.pushManager.getSubscription() : null;
}

export async function pushState(devices: readonly PushDevice[]): Promise<PushState> {
  if (!able()) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const known = await subscription();
  return known && devices.some((one) => one.current) ? 'on' : 'off';
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** The browser has no way to its push service: blocked, offline, or built without one. */
export class NoPushService extends Error {}

/** Asks for leave, subscribes, and tells the clinic. @throws NoPushService, ApiError */
export async function turnOn(key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted')
    return Notification.permission === 'denied' ? 'denied' : 'off';
  const worker = await navigator.serviceWorker.getRegistration();
  if (!worker) throw new NoPushService();
  const made = await worker.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })
    .catch(() => {
      throw new NoPushService();
    });
  await register(made);
  return 'on';
}

async function register(made: PushSubscription): Promise<void> {
  const { endpoint, keys } = made.toJSON();
  const body: PushRegistration = {
    endpoint: endpoint ?? '',
    keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' },
  };
  await api.post('/api/contacts/devices', body);
}

/** Ends it here and there. */
export async function turnOff(devices: readonly PushDevice[]): Promise<void> {
  const own = devices.find((one) => one.current);
  if (own) await api.remove(`/api/contacts/devices/${own.id}`);
  await (await subscription())?.unsubscribe();
}
