/** Which key seals and opens a frame while epochs change [signalling.md K10-K12]. Pure: the clock is handed in. */
import type { Bytes } from './bytes.ts';
import {
  Counter,
  type FrameFault,
  ofEpoch,
  openFrame,
  readHeader,
  ReplayWindow,
  sealFrame,
  type StreamName,
  streams,
} from './frame-cipher.ts';

/** Frames of the former epoch are on their way for this long after the first of the new one, ms. */
const lateFrames = 2_000;
/** A sender who is silent under the new keys is still opened under the old ones for this long, ms. */
const patience = 10_000;

/** Our own key: one at a time, numbered from 0 for each stream. */
export class SendKey {
  readonly epoch: number;
  readonly #key: CryptoKey;
  readonly #counters = new Map<StreamName, Counter>();

  constructor(epoch: number, key: CryptoKey) {
    this.epoch = epoch;
    this.#key = key;
  }

  /** The number is taken at once: layers of one picture come side by side and never share one. */
  seal(frame: Bytes, stream: StreamName, clear: number): Promise<Bytes> {
    let counter = this.#counters.get(stream);
    if (!counter) this.#counters.set(stream, (counter = new Counter()));
    const as = {
      stream: streams[stream],
      clear,
      epoch: this.epoch,
      counter: counter.take(),
    };
    return sealFrame(frame, as, this.#key);
  }
}

interface Held {
  epoch: number;
  key: CryptoKey;
  windows: Map<StreamName, ReplayWindow>;
}

/** The keys of one other member: this epoch's, and the former one's while frames of it are on their way. */
export class PeerKeys {
  #now: Held | undefined;
  #former: Held | undefined;
  #formerUntil = 0;

  /** Key of a newer epoch. One already held stays as it is: its windows must not begin anew. */
  add(epoch: number, key: CryptoKey, now: number): void {
    if (this.#now && epoch <= this.#now.epoch) return;
    this.#former = this.#now;
    this.#formerUntil = now + patience;
    this.#now = { epoch, key, windows: new Map() };
  }

  /** The frame, why it is refused, or `no-key`: of an epoch that is not known (yet). */
  async open(
    sealed: Bytes,
    stream: StreamName,
    now: number,
  ): Promise<Bytes | FrameFault | 'no-key'> {
    if (now > this.#formerUntil) this.#former = undefined;
    const header = readHeader(sealed);
    if (!header) return 'short';
    const held = [this.#now, this.#former].find((one) => one && ofEpoch(header, one.epoch));
    if (!held) return 'no-key';
    let window = held.windows.get(stream);
    if (!window) held.windows.set(stream, (window = new ReplayWindow()));
    const opened = await openFrame(sealed, streams[stream], window, held.key);
    if (typeof opened !== 'string' && held === this.#now)
      this.#formerUntil = Math.min(this.#formerUntil, now + lateFrames);
    return opened;
  }
}
