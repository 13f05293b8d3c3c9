/** One film from its first second to its end: slices kept each second, made into chunks, sealed before they are kept. */
import { keepChunk, keepSlice, forgetSlices, type KeptRecording, slicesOf } from './kept.ts';
import { openSlice, sealChunk, sealSlice } from './seal.ts';

const sliceMs = 1_000;
/** Five seconds a chunk. */
const slicesAChunk = 5;
/** Between the word of a pause or an end on the server and what is filmed here after it, ms: clocks, and a slice that was just being made. */
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
  ended: number;
  bytes: ArrayBuffer;
}

/**
 * What was filmed while everybody agreed. Both are of this browser's clock but `until`, which is of the server's; word of it may have come
 * late, for the line was cut.
 */
export const agreedTo = <T extends Pick<Slice, 'ended'>>(
  slices: readonly T[],
  { offset }: Pick<KeptRecording, 'offset'>,
  until: number | undefined,
): T[] => slices.filter(({ ended }) => until === undefined || ended + offset <= until + wordTakes);

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
  const began = slices[0]!.began + kept.offset;
  const ended = slices.at(-1)!.ended + kept.offset;
  await keepChunk({ recording: kept.id, n, began, ended, bytes }, after);
  return after;
}

/** What a crash left: the slices that had not become a chunk; `until`: since when not everybody agrees any more. */
export async function makeLeftChunk(
  key: CryptoKey,
  kept: KeptRecording,
  until?: number,
): Promise<KeptRecording> {
  const left = agreedTo(await slicesOf(kept.id), kept, until);
  const slices = await Promise.all(
    left.map(async ({ began, ended, sealed }) => ({
      began,
      ended,
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
  #ending = false;
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
      const ended = (this.#began = Date.now());
      this.#work = this.#work.then(() => this.#take(data, began, ended)).catch(failed);
    });
    this.#recorder.addEventListener('error', failed);
    this.#ended = new Promise((resolve) =>
      this.#recorder.addEventListener('stop', () => resolve(), { once: true }),
    );
    this.#began = Date.now();
    this.#recorder.start(sliceMs);
  }

  /**
   * Ends the film. @param word since when not everybody agrees any more, ms since epoch on the server; undefined: everybody still does
   * @returns the recording with its last chunk
   */
  async end(word: Promise<number | undefined>): Promise<KeptRecording> {
    this.#ending = true;
    if (this.#recorder.state !== 'inactive') {
      this.#recorder.stop();
      await this.#ended;
    }
    await this.#work;
    const allowed = agreedTo(this.#slices, this.#kept, await word);
    this.#slices = [];
    if (allowed.length === 0) await forgetSlices(this.#kept.id);
    else this.#kept = await makeChunk(this.#key, this.#kept, allowed);
    this.#made(this.#kept);
    return this.#kept;
  }

  async #take(data: Blob, began: number, ended: number): Promise<void> {
    if (data.size === 0) return;
    const bytes = await data.arrayBuffer();
    const sealed = await sealSlice(this.#key, this.#kept.id, bytes);
    await keepSlice({ recording: this.#kept.id, began, ended, sealed });
    this.#slices.push({ began, ended, bytes });
    if (this.#slices.length < slicesAChunk || this.#ending) return;
    const slices = this.#slices;
    this.#slices = [];
    this.#kept = await makeChunk(this.#key, this.#kept, slices);
    this.#made(this.#kept);
  }
}
