/** A picture from a camera as large as it makes them: the photo where the browser can take one, else a whole frame. */
import { faultOf, MediaRefused } from '../../local-media.ts';

/** [Image Capture 6] Not in every browser, nor in every list of types. */
interface Photographer {
  takePhoto(): Promise<Blob>;
}
type MakesPhotographer = new (track: MediaStreamTrack) => Photographer;

/** What the server takes, with room to spare. */
const mostBytes = 11 * 1024 * 1024;
const longest = 8_000;

/** A camera for looking at something, in its full size; `side`: towards her, or away from her where there are two. */
export async function openFullCamera(
  side: 'user' | 'environment',
  deviceId?: string,
): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: {
        width: { ideal: 4096 },
        height: { ideal: 3072 },
        ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: side }),
      },
    });
  } catch (error) {
    throw new MediaRefused(faultOf(error));
  }
}

async function photo(track: MediaStreamTrack): Promise<Blob | undefined> {
  const maker = (globalThis as { ImageCapture?: MakesPhotographer }).ImageCapture;
  if (!maker) return undefined;
  // A camera that shows pictures and takes none is not unheard of: its frame serves.
  return new maker(track).takePhoto().catch(() => undefined);
}

async function drawn(source: ImageBitmap | HTMLVideoElement): Promise<Blob> {
  const [width, height] =
    source instanceof HTMLVideoElement
      ? [source.videoWidth, source.videoHeight]
      : [source.width, source.height];
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.93, 0.8, 0.6]) {
    const made = await new Promise<Blob | null>((resolve) =>
      canvas.toBlob(resolve, 'image/jpeg', quality),
    );
    if (made && made.size <= mostBytes) return made;
  }
  throw new MediaRefused('failed');
}

/** @param preview shows the track: a whole frame of it serves where no photo can be taken */
export async function takePicture(preview: HTMLVideoElement): Promise<Blob> {
  const [track] = (preview.srcObject as MediaStream | null)?.getVideoTracks() ?? [];
  const taken = track && (await photo(track));
  if (!taken) return drawn(preview);
  if (taken.type === 'image/jpeg' && taken.size <= mostBytes) return taken;
  const bitmap = await createImageBitmap(taken);
  try {
    return await drawn(bitmap);
  } finally {
    bitmap.close();
  }
}
