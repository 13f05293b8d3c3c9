/** One film from its first second to its end: slices kept each second, made into chunks, sealed before they are kept. */
import { keepChunk, keepSlice, forgetSlices, type KeptRecording, slicesOf } from './kept.ts';
import { openSlice, sealChunk, sealSlice } from './seal.ts';

const sliceMs = 1_000;
/** Five seconds a chunk. */
const slicesAChunk = 5;
/** Word of a pause takes this long at most: what began later may be of a time without everybody's yes, ms. */
const wordTakes = 1_000;
const bits = { videoBitsPerSecond: 1_200_000, audioBitsPerSecond: 64_000 };

const wanted = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'];
/** How this browser writes films; undefined: it does not. */
export const filmType = (): string | undefined =>
  typeof MediaRecorder === 'function'
    ? wanted.find((type) => MediaRecorder.isTypeSupported(type))
    : undefined;

/** What the server is told of it. */
export const plainType = (type: string): 'video/webm' | 'video/mp4' =>
  type.startsWith('video/mp4') ? 'video/mp4' : 'video/webm';

interface Slice {
  began: number;
  bytes: ArrayBuffer;
}

/** Puts slices together as the next chunk. @returns the recording after it */
export async function makeChunk(
  key: CryptoKey,
  kept: KeptRecording,
  slices: readonly Slice[],
): Promise<KeptRecording> {
  const n = kept.next;
  const whole = await new Blob(slices.map(({ bytes }) => bytes)).arrayBuffer();
  const bytes = await sealChunk(key, kept.id, n, whole);
  const after = { ...kept, next: n + 1 };
  await keepChunk({ recording: kept.id, n, began: slices[0]!.began + kept.offset, bytes }, after);
  return after;
}

/** What a crash left: the slices that had not become a chunk. */
export async function makeLeftChunk(key: CryptoKey, kept: KeptRecording): Promise<KeptRecording> {
  const left = await slicesOf(kept.id);
  const slices = await Promise.all(
    left.map(async ({ began, sealed }) => ({
      began,
      bytes: await openSlice(key, kept.id, sealed),
    })),
  );
  return slices.length > 0 ? makeChunk(key, kept, slices) : kept;
}

export class Slicer {
  readonly #recorder: MediaRecorder;
  readonly #key: CryptoKey;
  readonly #made: (kept: KeptRecording) => void;
  #kept: KeptRecording;
  #slices: Slice[] = [];
  #began = 0;
  #pausedAt: number | undefined;
  #work: Promise<void> = Promise.resolve();
  readonly #ended: Promise<void>;

  /** @param made told after each chunk; @param failed cannot be written here any more */
  constructor(
    stream: MediaStream,
    type: string,
    of: { key: CryptoKey; kept: KeptRecording },
    made: (kept: KeptRecording) => void,
    failed: (error: unknown) => void,
  ) {
    this.#key = of.key;
    this.#kept = of.kept;
    this.#made = made;
    this.#recorder = new MediaRecorder(stream, { mimeType: type, ...bits });
    this.#recorder.addEventListener('dataavailable', ({ data }) => {
      const began = this.#began;
      this.#began = Date.now();
      this.#work = this.#work.then(() => this.#take(data, began)).catch(failed);
    });
    this.#recorder.addEventListener('error', failed);
    this.#ended = new Promise((resolve) =>
      this.#recorder.addEventListener('stop', () => resolve(), { once: true }),
    );
    this.#began = Date.now();
    this.#recorder.start(sliceMs);
  }

  /** Ends the film. `paused`: somebody's yes is missing from now on. @returns the recording with its last chunk */
  async end(paused: boolean): Promise<KeptRecording> {
    if (paused) this.#pausedAt = Date.now();
    if (this.#recorder.state !== 'inactive') {
      this.#recorder.stop();
      await this.#ended;
    }
    await this.#work;
    const allowed = this.#slices.filter(({ began }) => this.#allowed(began));
    this.#slices = [];
    if (allowed.length === 0) await forgetSlices(this.#kept.id);
    else this.#kept = await makeChunk(this.#key, this.#kept, allowed);
    this.#made(this.#kept);
    return this.#kept;
  }

  #allowed(began: number): boolean {
    return this.#pausedAt === undefined || began < this.#pausedAt - wordTakes;
  }

  async #take(data: Blob, began: number): Promise<void> {
    if (data.size === 0) return;
    const bytes = await data.arrayBuffer();
    const sealed = await sealSlice(this.#key, this.#kept.id, bytes);
    await keepSlice({ recording: this.#kept.id, began, sealed });
    this.#slices.push({ began, bytes });
    if (this.#slices.length < slicesAChunk || this.#pausedAt !== undefined) return;
    const slices = this.#slices;
    this.#slices = [];
    this.#kept = await makeChunk(this.#key, this.#kept, slices);
    this.#made(this.#kept);
  }
}
