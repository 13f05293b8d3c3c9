/** Small messages between browsers, sealed under the epoch's data keys: to everybody, or to one alone [signalling.md K14]. */
import { type Bytes, fromBase64url, joined, toBase64url } from './bytes.ts';
import type { EpochKeys } from './epoch-keys.ts';

/** Who can open it: every member of the epoch, or the one it is for. */
const modes = { all: 1, one: 2 } as const;
type Mode = (typeof modes)[keyof typeof modes];

/** mode (1), epoch (4), counter (4), then the sealed bytes and their tag (16). */
const headBytes = 9;
/** What a message may hold, so that its body stays within the server's 16 KiB. */
export const mostBytes = 16 * 1024 - headBytes - 16;
/** As long as a media key of the former epoch opens frames, ms. */
const formerFor = 10_000;

interface Epoch {
  keys: EpochKeys;
  /** Numbers of what we send: to everybody under ''. */
  sent: Map<string, number>;
  /** The last number from each peer and mode: order is kept by the server, so a lower one is a replay. */
  heard: Map<string, number>;
}

export class SealedData {
  readonly #visit: string;
  readonly #own: string;
  #now: Epoch | undefined;
  #former: { epoch: Epoch; until: number } | undefined;

  constructor(visit: string, own: string) {
    this.#visit = visit;
    this.#own = own;
  }

  /** Keys of a new epoch; what comes under the former one is still opened for a while. */
  use(keys: EpochKeys, now: number): void {
    this.#former = this.#now && { epoch: this.#now, until: now + formerFor };
    this.#now = { keys, sent: new Map(), heard: new Map() };
  }

  /** The epoch it is sealed under now. */
  get epoch(): number | undefined {
    return this.#now?.keys.epoch;
  }

  /** The body for `sealed`, base64url. Undefined without keys for it. Throws a RangeError when it is too large. */
  async seal(kind: string, bytes: Bytes, to: string): Promise<string | undefined> {
    if (bytes.length > mostBytes) throw new RangeError('too large to be sent sealed');
    const epoch = this.#now;
    const one = to === 'all' ? undefined : epoch?.keys.peers.get(to);
    if (!epoch || (to !== 'all' && !one)) return undefined;
    const mode = one ? modes.one : modes.all;
    const counter = epoch.sent.get(to) ?? 0;
    epoch.sent.set(to, counter + 1);
    const head = new Uint8Array(headBytes);
    head[0] = mode;
    const view = new DataView(head.buffer);
    view.setUint32(1, epoch.keys.epoch);
    view.setUint32(5, counter);
    const sealed = await crypto.subtle.encrypt(
      this.#cipher(head, this.#own, kind),
      one?.pair.sendData ?? epoch.keys.own.data,
      bytes,
    );
    const body = new Uint8Array(headBytes + sealed.byteLength);
    body.set(head);
    body.set(new Uint8Array(sealed), headBytes);
    return toBase64url(body);
  }

  /** What `from` said; undefined when it cannot be opened: of another epoch, forged, replayed. */
  async open(from: string, kind: string, body: string, now: number): Promise<Bytes | undefined> {
    const bytes = decoded(body);
    const mode = bytes?.[0];
    if (!bytes || bytes.length < headBytes + 16 || (mode !== modes.all && mode !== modes.one))
      return undefined;
    const view = new DataView(bytes.buffer);
    const epoch = this.#epoch(view.getUint32(1), now);
    const keys = epoch?.keys.peers.get(from);
    if (!epoch || !keys) return undefined;
    const counter = view.getUint32(5);
    const line = `${from} ${mode}`;
    const fresh = (): boolean => counter > (epoch.heard.get(line) ?? -1);
    const opened = await crypto.subtle
      .decrypt(
        this.#cipher(bytes.slice(0, headBytes), from, kind),
        (mode as Mode) === modes.one ? keys.pair.receiveData : keys.data,
        bytes.subarray(headBytes),
      )
      .catch(() => undefined);
    if (!opened || !fresh()) return undefined;
    epoch.heard.set(line, counter);
    return new Uint8Array(opened);
  }

  #epoch(epoch: number, now: number): Epoch | undefined {
    if (this.#former && now > this.#former.until) this.#former = undefined;
    return [this.#now, this.#former?.epoch].find((one) => one?.keys.epoch === epoch);
  }

  #cipher(head: Bytes, from: string, kind: string): AesGcmParams {
    const iv = new Uint8Array(12);
    iv.set(head.subarray(5), 8);
    return {
      name: 'AES-GCM',
      iv,
      additionalData: joined('afar-sealed-1', this.#visit, from, kind, head),
    };
  }
}

/** Under which epoch it was sealed, as it says; 0 when it says nothing. */
export function epochOf(body: string): number {
  const bytes = decoded(body);
  return bytes && bytes.length >= headBytes ? new DataView(bytes.buffer).getUint32(1) : 0;
}

function decoded(body: string): Bytes | undefined {
  try {
    return fromBase64url(body);
  } catch {
    return undefined;
  }
}
