/** Devices opened a moment before the call that wants them: admitting a patient and starting a camera overlap. */
import { openCamera, openMicrophone } from './local-media.ts';
import { rememberedDevice } from './remembered.ts';

interface Warm {
  camera?: Promise<MediaStreamTrack>;
  microphone: Promise<MediaStreamTrack>;
}

/** A call that has not come by then will not: the camera's light goes out again, ms. */
const patience = 10_000;

let warm: Warm | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const stop = (track: MediaStreamTrack): void => track.stop();

/** Begins opening devices; only on a click that asks for a call. */
export function warmUp({ audioOnly }: { audioOnly: boolean }): void {
  coolDown();
  warm = {
    microphone: openMicrophone(rememberedDevice('microphone')),
    ...(audioOnly ? {} : { camera: openCamera(rememberedDevice('camera')) }),
  };
  // Nobody may be waiting yet: the call that takes them tells of what failed.
  for (const one of Object.values(warm)) one.catch(() => undefined);
  timer = setTimeout(coolDown, patience);
}

/** Closes what nobody took. */
export function coolDown(): void {
  clearTimeout(timer);
  for (const one of Object.values(warm ?? {})) one.then(stop, () => undefined);
  warm = undefined;
}

/** The device that is on its way, if it was begun; the taker owns it. */
export function takeWarm(kind: 'camera' | 'microphone'): Promise<MediaStreamTrack> | undefined {
  const taken = warm?.[kind];
  if (warm && taken) delete (warm as Partial<Warm>)[kind];
  return taken;
}
