/** Which camera, microphone and speaker were chosen on this device: ids the browser makes up for this site alone. */

const storageKey = 'afar.devices';
export type Chosen = 'camera' | 'microphone' | 'speaker';

function all(): Partial<Record<Chosen, string>> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Record<Chosen, string>>;
  } catch {
    return {}; // storage is off, or holds something else
  }
}

export const rememberedDevice = (kind: Chosen): string | undefined => all()[kind];

export function rememberDevice(kind: Chosen, id: string): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify({ ...all(), [kind]: id }));
  } catch {
    // Storage is off: the choice holds for this page.
  }
}
