/** The keys of one epoch among two to eight members: commit, reveal, wrap [signalling.md K1-K9]. The server only carries it. */
import { type Bytes, fromBase64url, joined, same, toBase64url } from './bytes.ts';
import {
  codeOf,
  deriveKeys,
  type EpochKeys,
  hash,
  newSecret,
  openSecret,
  type PairKeys,
  pairKeys,
  type SenderKeys,
  wrapSecret,
} from './epoch-keys.ts';

/** Who takes part, as the roster of the epoch says; all of it is in the transcript. */
export interface Member {
  peer: string;
  session: number;
  /** `clinician`, `patient`, `guest interpreter` ...: a server that calls one person two things is seen. */
  role: string;
}

export type ExchangeMessage =
  | { type: 'commit'; epoch: number; commitment: string }
  | { type: 'reveal'; epoch: number; publicKey: string; nonce: string }
  | { type: 'sender-key'; epoch: number; wrapped: string };

export type Outgoing = { to: string } & ExchangeMessage;

/** What came does not fit what was promised: someone may stand between the ends. */
export class AgreementBroken extends Error {
  override readonly name = 'AgreementBroken';
}

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** K2: what a member binds itself to before it sees anybody's key. */
export const commitmentOf = (
  visit: string,
  epoch: number,
  peer: string,
  point: Bytes,
  nonce: Bytes,
): Promise<Bytes> => hash(joined('afar-commit-1', visit, epoch, peer, point, nonce));

/** What we know of one other member. */
interface Other {
  commitment?: Bytes;
  point?: Bytes;
  nonce?: Bytes;
  pair?: PairKeys;
  /** Came before our transcript was whole: others may hold all reveals earlier than we do. */
  early?: string;
  keys?: SenderKeys;
}

/** One member's part in the exchange. Made anew for each epoch; steps must be taken one after another. */
export class Agreement {
  readonly epoch: number;
  readonly #visit: string;
  readonly #own: string;
  readonly #members: readonly Member[];
  readonly #pair: CryptoKeyPair;
  readonly #point: Bytes;
  readonly #nonce = crypto.getRandomValues(new Uint8Array(32));
  readonly #secret = newSecret();
  readonly #others = new Map<string, Other>();
  #transcript: Bytes | undefined;
  #code: string | undefined;
  #result: EpochKeys | undefined;

  private constructor(
    visit: string,
    epoch: number,
    own: string,
    members: readonly Member[],
    pair: CryptoKeyPair,
    point: Bytes,
  ) {
    this.#visit = visit;
    this.epoch = epoch;
    this.#own = own;
    this.#members = members.toSorted((a, b) => (a.peer < b.peer ? -1 : 1));
    this.#pair = pair;
    this.#point = point;
    for (const { peer } of this.#members) if (peer !== own) this.#others.set(peer, {});
  }

  /** `members` are all of the epoch, oneself among them. */
  static async begin(
    visit: string,
    epoch: number,
    own: string,
    members: readonly Member[],
  ): Promise<Agreement> {
    const pair = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return new Agreement(visit, epoch, own, members, pair, point);
  }

  /** Ten digits, once every member has revealed. */
  get code(): string | undefined {
    return this.#code;
  }

  /** All keys, once every member's sender key is here. */
  get result(): EpochKeys | undefined {
    return this.#result;
  }

  /** K4: everybody is bound and we have shown our key; from here on nobody honest takes long. */
  get revealedOwn(): boolean {
    return [...this.#others.values()].every((other) => other.commitment);
  }

  /** Members of whom something is still to come. */
  get missing(): string[] {
    return [...this.#others].filter(([, other]) => !other.keys).map(([peer]) => peer);
  }

  async commit(): Promise<Outgoing[]> {
    const bytes = await commitmentOf(this.#visit, this.epoch, this.#own, this.#point, this.#nonce);
    const commitment = toBase64url(bytes);
    return this.#toAll(() => ({ type: 'commit', epoch: this.epoch, commitment }));
  }

  /** Takes a message of another member of this epoch; throws `AgreementBroken`. */
  async receive(from: string, message: ExchangeMessage): Promise<Outgoing[]> {
    const other = this.#others.get(from);
    if (!other || message.epoch !== this.epoch) return [];
    if (message.type === 'commit') return this.#committed(other, message.commitment);
    if (message.type === 'reveal') return this.#revealed(from, other, message);
    await this.#wrapped(from, other, message.wrapped);
    return [];
  }

  #toAll(make: (to: string) => ExchangeMessage): Outgoing[] {
    return [...this.#others.keys()].map((to) => ({ to, ...make(to) }));
  }

  /** K3: our key is shown when the last of the others is bound. A second commit is ignored. */
  #committed(other: Other, commitment: string): Outgoing[] {
    if (other.commitment) return [];
    const bytes = decoded(commitment);
    if (bytes.length !== 32) throw new AgreementBroken('commitment of a wrong size');
    other.commitment = bytes;
    if (!this.revealedOwn) return [];
    const publicKey = toBase64url(this.#point);
    const nonce = toBase64url(this.#nonce);
    return this.#toAll(() => ({ type: 'reveal', epoch: this.epoch, publicKey, nonce }));
  }

  /** K4. A second reveal is ignored. */
  async #revealed(
    from: string,
    other: Other,
    message: { publicKey: string; nonce: string },
  ): Promise<Outgoing[]> {
    if (other.point) return [];
    if (!other.commitment) throw new AgreementBroken('reveal before commit');
    const point = decoded(message.publicKey);
    const nonce = decoded(message.nonce);
    if (point.length !== 65 || nonce.length !== 32)
      throw new AgreementBroken('reveal of a wrong size');
    const bytes = await commitmentOf(this.#visit, this.epoch, from, point, nonce);
    if (!same(bytes, other.commitment))
      throw new AgreementBroken('reveal does not match its commitment');
    other.point = point;
    other.nonce = nonce;
    return this.#agree();
  }

  /** K5-K7, once everything is revealed: the code, and our sender key wrapped for each. */
  async #agree(): Promise<Outgoing[]> {
    const all = [...this.#others];
    if (this.#transcript || !this.revealedOwn || all.some(([, other]) => !other.point)) return [];
    const fields = this.#members.flatMap(({ peer, session, role }) => {
      const other = this.#others.get(peer);
      return [peer, session, role, other?.point ?? this.#point, other?.nonce ?? this.#nonce];
    });
    const transcript = await hash(
      joined('afar-transcript-2', this.#visit, this.epoch, this.#members.length, ...fields),
    );
    const out = await Promise.all(
      all.map(async ([peer, other]): Promise<Outgoing> => {
        const shared = await this.#sharedWith(other.point!);
        other.pair = await pairKeys(shared, transcript, this.#own, peer);
        const bound = this.#bound(this.#own, peer);
        const wrapped = toBase64url(await wrapSecret(this.#secret, other.pair.wrap, bound));
        return { to: peer, type: 'sender-key', epoch: this.epoch, wrapped };
      }),
    );
    this.#transcript = transcript;
    this.#code = await codeOf(transcript);
    for (const [peer, other] of all)
      if (other.early !== undefined) await this.#wrapped(peer, other, other.early);
    return out;
  }

  /** K8. A second one is ignored. */
  async #wrapped(from: string, other: Other, wrapped: string): Promise<void> {
    if (other.keys) return;
    if (!this.#transcript || !other.pair) {
      other.early ??= wrapped;
      return;
    }
    const bound = this.#bound(from, this.#own);
    const secret = await openSecret(decoded(wrapped), other.pair.unwrap, bound).catch(() => {
      throw new AgreementBroken('a sender key that does not open');
    });
    other.keys = await deriveKeys(secret, this.#transcript, from, 'decrypt');
    if (this.missing.length > 0) return;
    this.#result = {
      epoch: this.epoch,
      code: this.#code!,
      own: await deriveKeys(this.#secret, this.#transcript, this.#own, 'encrypt'),
      peers: new Map(
        [...this.#others].map(([peer, one]) => [peer, { ...one.keys!, pair: one.pair! }]),
      ),
    };
  }

  readonly #bound = (from: string, to: string): Bytes =>
    joined('afar-sender-key-1', this.#visit, this.epoch, from, to);

  async #sharedWith(point: Bytes): Promise<CryptoKey> {
    const theirs = await crypto.subtle
      .importKey('raw', point, curve, false, []) // refuses a point that is not on the curve
      .catch(() => {
        throw new AgreementBroken('no such point');
      });
    const bits = await crypto.subtle.deriveBits(
      { name: 'ECDH', public: theirs },
      this.#pair.privateKey,
      256,
    );
    return crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
  }
}

function decoded(value: string): Bytes {
  try {
    return fromBase64url(value);
  } catch {
    throw new AgreementBroken('not base64url');
  }
}
