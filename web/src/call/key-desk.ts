/** Where the keys of the call lie: hands them to the frame worker and to sealed messages, in the order that loses nothing. */
import type { Member } from './agreement.ts';
import type { Bytes } from './bytes.ts';
import type { EpochKeys } from './epoch-keys.ts';
import type { FrameCounts, PageMessage } from './frame-messages.ts';
import FrameWorker from './frame-worker.ts?worker';
import { epochOf, mostBytes, SealedData } from './sealed-data.ts';

/** The others were sent our key at the same time as we were sent theirs: by then they hold it, ms [signalling.md K12]. */
const sendAfter = 150;
/** What came sealed under keys that we do not hold yet waits for them as long, ms: somebody else's part of them is still on its way. */
const keysWithin = 5_000;
/** Small messages said before there are keys, kept until then. */
const mostWaiting = 32;

type SealedListener = (from: string, bytes: Bytes) => void;
type Said = { kind: string; body: string; to: string };
type Waiting = { kind: string; bytes: Bytes; to: string };

export class KeyDesk {
  readonly #listeners = new Map<string, Set<SealedListener>>();
  readonly #waiting: Waiting[] = [];
  readonly #say: (said: Said) => void;
  readonly #visit: string;
  readonly #counted: (counts: FrameCounts) => void;
  #worker: Worker | undefined;
  #sealed: SealedData | undefined;
  #held: { keys: EpochKeys; members: ReadonlySet<string> } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The turn to keys that are held, a moment from now. */
  #turn: (() => void) | undefined;
  /** By sender: her messages are opened one after another, and nobody's wait for hers. */
  readonly #opening = new Map<string, Promise<unknown>>();
  /** Called at the next turn of keys. */
  readonly #turns = new Set<() => void>();
  #sealing: Promise<unknown> = Promise.resolve();

  constructor(visit: string, counted: (counts: FrameCounts) => void, say: (said: Said) => void) {
    this.#visit = visit;
    this.#say = say;
    this.#counted = counted;
  }

  /** The call begins: a page may make one ready several times before it shows it, and each worker costs. */
  open(): void {
    void this.worker;
  }

  get worker(): Worker {
    if (!this.#worker) {
      this.#worker = new FrameWorker();
      this.#worker.addEventListener('message', ({ data }: MessageEvent<FrameCounts>) =>
        this.#counted(data),
      );
    }
    return this.#worker;
  }

  tell(message: PageMessage): void {
    this.worker.postMessage(message);
  }

  /** The keys in use. */
  get keys(): EpochKeys | undefined {
    return this.#held?.keys;
  }

  /** Whether somebody, in this session of hers, was given our key and gave us hers. */
  has(peer: string, session: number): boolean {
    return this.#held?.members.has(`${peer} ${session}`) ?? false;
  }

  /** Keys of a new epoch: opened at once; sealed under a moment later when others still hold only the former. */
  use(own: string, keys: EpochKeys, members: readonly Member[]): void {
    const first = this.#held === undefined;
    this.#held = {
      keys,
      members: new Set(members.map(({ peer, session }) => `${peer} ${session}`)),
    };
    for (const [peer, { media }] of keys.peers)
      this.tell({ type: 'peer-key', peer, epoch: keys.epoch, key: media });
    clearTimeout(this.#timer);
    // Of an epoch that was short too, what others said is opened.
    this.#turn?.();
    const turn = (): void => {
      this.#turn = undefined;
      this.tell({ type: 'send-key', epoch: keys.epoch, key: keys.own.media });
      this.#sealed ??= new SealedData(this.#visit, own);
      this.#sealed.use(keys, Date.now());
      for (const { kind, bytes, to } of this.#waiting.splice(0)) void this.send(kind, bytes, to);
      for (const turned of this.#turns) turned();
    };
    this.#turn = turn;
    if (first) turn();
    else this.#timer = setTimeout(turn, sendAfter);
  }

  /** Only these are still here: what the others sent under is thrown away. */
  members(peers: string[]): void {
    this.tell({ type: 'members', peers });
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#turn = undefined;
    this.#held = undefined;
    this.#sealed = undefined;
    this.#worker?.postMessage({ type: 'clear' } satisfies PageMessage);
  }

  close(): void {
    this.clear();
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#listeners.clear();
  }

  /**
   * Seals and says something small; before there are keys it waits for them. One after another, as they are numbered: a lower number that comes
   * later is taken for a replay. Throws a RangeError when it is too large.
   */
  async send(kind: string, bytes: Bytes, to: string): Promise<void> {
    if (bytes.length > mostBytes) throw new RangeError('too large to be sent sealed');
    if (!this.#sealed) return this.#wait({ kind, bytes, to });
    const said = this.#sealing.then(async () => {
      // Its keys went while it stood behind another.
      if (!this.#sealed) return this.#wait({ kind, bytes, to });
      const body = await this.#sealed.seal(kind, bytes, to);
      if (body !== undefined) this.#say({ kind, body, to });
    });
    this.#sealing = said.catch(() => undefined);
    await said;
  }

  #wait(one: Waiting): void {
    this.#waiting.push(one);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  /** Hears one kind of small message; the returned function ends it. */
  on(kind: string, listener: SealedListener): () => void {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set.add(listener));
    return () => set.delete(listener);
  }

  /** What came sealed; whatever cannot be opened is as if it had not come. */
  receive(from: string, kind: string, body: string): void {
    const until = Date.now() + keysWithin;
    const told = (this.#opening.get(from) ?? Promise.resolve()).then(async () => {
      const opened = await this.#open(from, kind, body, until);
      if (opened) for (const listener of this.#listeners.get(kind) ?? []) listener(from, opened);
    });
    // One listener that fails must not keep every later message from being opened.
    const done = told.then(undefined, (error: unknown) => reportError(error));
    this.#opening.set(from, done);
    void done.then(() => {
      if (this.#opening.get(from) === done) this.#opening.delete(from);
    });
  }

  /** A message may overtake what completes the keys it is sealed under. */
  async #open(from: string, kind: string, body: string, until: number): Promise<Bytes | undefined> {
    for (;;) {
      const epoch = this.#sealed?.epoch ?? 0;
      const opened = await this.#sealed?.open(from, kind, body, Date.now());
      const left = until - Date.now();
      if (opened || left <= 0 || epochOf(body) <= epoch) return opened;
      if (epoch === (this.#sealed?.epoch ?? 0)) await this.#turned(left);
    }
  }

  /** Other keys are in use, or the time is over. */
  #turned(within: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#turns.delete(done);
        resolve();
      };
      const timer = setTimeout(done, within);
      this.#turns.add(done);
    });
  }
}
