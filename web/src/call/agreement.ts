/** The safety protocol of one epoch: commit, reveal, derive [signalling.md K1-K7]. The server only carries it. */
import { type Bytes, fromBase64url, joined, same, toBase64url } from './bytes.ts';

export interface Party {
  peer: string;
  /** The end that makes offers comes first in the transcript. */
  offers: boolean;
}

export interface AgreedKeys {
  /** Ten digits, the same on both screens unless somebody stands between. */
  code: string;
  /** AES-GCM-128, one for each direction. */
  send: CryptoKey;
  receive: CryptoKey;
}

export interface Commit {
  type: 'commit';
  epoch: number;
  commitment: string;
}

export interface Reveal {
  type: 'reveal';
  epoch: number;
  publicKey: string;
  nonce: string;
}

/** What came does not fit what was promised: someone may stand between the two ends. */
export class AgreementBroken extends Error {
  override readonly name = 'AgreementBroken';
}

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const;
const text = new TextEncoder();

const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** K2: what an end binds itself to before it sees the other's key. */
export const commitmentOf = (
  visit: string,
  epoch: number,
  peer: string,
  point: Bytes,
  nonce: Bytes,
): Promise<Bytes> => sha256(joined('afar-commit-1', visit, epoch, peer, point, nonce));

/** K6: the first 40 bits as ten decimal digits. */
export function codeFromBits(bits: Bytes): string {
  let value = 0n;
  for (const byte of bits.subarray(0, 5)) value = value * 256n + BigInt(byte);
  return (value % 10_000_000_000n).toString().padStart(10, '0');
}

/** One end of the exchange. Made anew for each epoch; keys of an earlier one are gone with it. */
export class Agreement {
  readonly epoch: number;
  readonly #visit: string;
  readonly #own: Party;
  readonly #other: Party;
  readonly #pair: CryptoKeyPair;
  readonly #point: Bytes;
  readonly #nonce: Bytes;
  #theirs: Bytes | undefined;
  #used = false;

  private constructor(
    visit: string,
    epoch: number,
    own: Party,
    other: Party,
    pair: CryptoKeyPair,
    point: Bytes,
  ) {
    this.#visit = visit;
    this.epoch = epoch;
    this.#own = own;
    this.#other = other;
    this.#pair = pair;
    this.#point = point;
    this.#nonce = crypto.getRandomValues(new Uint8Array(32));
  }

  static async begin(visit: string, epoch: number, own: Party, other: Party): Promise<Agreement> {
    const pair = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return new Agreement(visit, epoch, own, other, pair, point);
  }

  async commit(): Promise<Commit> {
    const hash = await commitmentOf(
      this.#visit,
      this.epoch,
      this.#own.peer,
      this.#point,
      this.#nonce,
    );
    return { type: 'commit', epoch: this.epoch, commitment: toBase64url(hash) };
  }

  /** K3: the other end is bound now, so our key may be shown. A second commit is ignored. */
  committed(commitment: string): Reveal | undefined {
    if (this.#theirs) return undefined;
    const bytes = decoded(commitment);
    if (bytes.length !== 32) throw new AgreementBroken('commitment of a wrong size');
    this.#theirs = bytes;
    return {
      type: 'reveal',
      epoch: this.epoch,
      publicKey: toBase64url(this.#point),
      nonce: toBase64url(this.#nonce),
    };
  }

  /** K4-K7. Throws `AgreementBroken` when the reveal is not what was committed to, or came unasked. */
  async revealed(publicKey: string, nonce: string): Promise<AgreedKeys | undefined> {
    if (this.#used) return undefined;
    this.#used = true;
    if (!this.#theirs) throw new AgreementBroken('reveal before commit');
    const point = decoded(publicKey);
    const random = decoded(nonce);
    if (point.length !== 65 || random.length !== 32)
      throw new AgreementBroken('reveal of a wrong size');
    const hash = await commitmentOf(this.#visit, this.epoch, this.#other.peer, point, random);
    if (!same(hash, this.#theirs))
      throw new AgreementBroken('reveal does not match its commitment');
    return this.#derive(point, random);
  }

  async #derive(point: Bytes, nonce: Bytes): Promise<AgreedKeys> {
    const theirs = await crypto.subtle
      .importKey('raw', point, curve, false, []) // refuses a point that is not on the curve
      .catch(() => {
        throw new AgreementBroken('no such point');
      });
    const secret = await crypto.subtle.deriveBits(
      { name: 'ECDH', public: theirs },
      this.#pair.privateKey,
      256,
    );
    const mine = [this.#own.peer, this.#point, this.#nonce] as const;
    const other = [this.#other.peer, point, nonce] as const;
    const order = this.#own.offers ? [...mine, ...other] : [...other, ...mine];
    const salt = await sha256(joined('afar-transcript-1', this.#visit, this.epoch, ...order));
    const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, [
      'deriveBits',
      'deriveKey',
    ]);
    const hkdf = (info: Bytes): HkdfParams => ({ name: 'HKDF', hash: 'SHA-256', salt, info });
    const key = (sender: Party, usage: KeyUsage): Promise<CryptoKey> =>
      crypto.subtle.deriveKey(
        hkdf(joined('afar-media-1', sender.peer)),
        base,
        { name: 'AES-GCM', length: 128 },
        false,
        [usage],
      );
    const bits = await crypto.subtle.deriveBits(hkdf(text.encode('afar-code-1')), base, 40);
    return {
      code: codeFromBits(new Uint8Array(bits)),
      send: await key(this.#own, 'encrypt'),
      receive: await key(this.#other, 'decrypt'),
    };
  }
}

function decoded(value: string): Bytes {
  try {
    return fromBase64url(value);
  } catch {
    throw new AgreementBroken('not base64url');
  }
}
