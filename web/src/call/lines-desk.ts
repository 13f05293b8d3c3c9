/** The connection in use, and for a moment the one before it: a change of engine is not seen [signalling.md K15]. */
import type { StreamName } from './frame-cipher.ts';
import type { LineEvents, MediaLines, RestartReason } from './media-lines.ts';
import type { SendLimits } from './peer.ts';
import { totalsOf } from './quality.ts';

/** A new way that shows nothing by then takes over all the same, ms. */
const patience = 10_000;
const lookEvery = 200;

export interface Shown {
  stream: MediaStream;
  screen?: MediaStream;
  /** What she says to oneself alone: a line of its own beside her voice to everybody. */
  aside?: MediaStream;
}

interface Open {
  id: string;
  lines?: MediaLines;
  shown: Map<string, Shown>;
  connected: boolean;
  unlocked: boolean;
}

export interface DeskEvents {
  /** Streams or connections changed. */
  moved: () => void;
  hopeless: () => void;
  /** Whether anybody says that her camera is on: then a picture is waited for. */
  expectsPicture: () => boolean;
}

export class LinesDesk {
  readonly #events: DeskEvents;
  readonly #tracks = new Map<StreamName, MediaStreamTrack | null>();
  #limits: SendLimits;
  #now: Open | undefined;
  #former: Open | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limits: SendLimits, events: DeskEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  get lines(): MediaLines | undefined {
    return this.#now?.lines;
  }

  get limits(): SendLimits {
    return this.#limits;
  }

  /** Media can flow by the connection that is shown. */
  get connected(): boolean {
    return (this.#former ?? this.#now)?.connected ?? false;
  }

  /** Which connection is in use, by the name it was opened under. */
  get id(): string | undefined {
    return this.#now?.id;
  }

  shownOf(peer: string): Shown | undefined {
    return this.#former?.shown.get(peer) ?? this.#now?.shown.get(peer);
  }

  /** Opens another connection; `keep`: the present one stays until the new one carries media. */
  open(id: string, keep: boolean, make: (events: LineEvents) => MediaLines): void {
    clearTimeout(this.#timer);
    this.#former?.lines?.close();
    this.#former = keep && this.#now?.connected ? this.#now : undefined;
    if (!this.#former) this.#now?.lines?.close();
    const open: Open = { id, shown: new Map(), connected: false, unlocked: false };
    this.#now = open;
    const lines = make({
      track: (peer, stream, track) => this.#arrived(open, peer, stream, track),
      connected: (now) => this.#connected(open, now),
      hopeless: () => {
        if (open === this.#now) this.#events.hopeless();
      },
    });
    open.lines = lines;
    for (const [stream, track] of this.#tracks) void lines.publish(stream, track);
    this.#events.moved();
  }

  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    this.#tracks.set(stream, track);
    const [now, former] = [this.#now, this.#former];
    const [sent, before] = await Promise.allSettled(
      [now, former].map(async (open) => open?.lines?.publish(stream, track)),
    );
    // It is there for a moment more, and must not go on sending what was taken off.
    if (before?.status === 'rejected' && this.#former === former) this.#dropFormer();
    if (sent?.status === 'rejected' && this.#now === now) throw sent.reason;
  }

  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    await this.#now?.lines?.limit(limits);
  }

  /** How long what arrives is held before it is shown and heard, ms; null: as the browser finds right. */
  hold(ms: number | null): void {
    for (const receiver of this.#now?.lines?.receivers() ?? [])
      if (receiver.jitterBufferTarget !== ms) receiver.jitterBufferTarget = ms;
  }

  /** The keys of whoever is at the other end are there: tracks may be sent. */
  unlock(): void {
    if (!this.#now || this.#now.unlocked) return;
    this.#now.unlocked = true;
    this.#now.lines?.unlock();
  }

  restart(reason: RestartReason): void {
    this.#now?.lines?.restart(reason);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#now?.lines?.close();
    this.#former?.lines?.close();
    this.#now = undefined;
    this.#former = undefined;
  }

  #arrived(open: Open, peer: string, stream: StreamName, track: MediaStreamTrack | null): void {
    const before = open.shown.get(peer);
    const shown: Shown = before ?? { stream: new MediaStream() };
    open.shown.set(peer, shown);
    if (stream === 'screen' || stream === 'whisper') {
      const name = stream === 'screen' ? 'screen' : 'aside';
      if (track) shown[name] = new MediaStream([track]);
      else delete shown[name];
    } else {
      for (const old of shown.stream.getTracks())
        if (old.kind === (stream === 'video' ? 'video' : 'audio')) shown.stream.removeTrack(old);
      if (track) shown.stream.addTrack(track);
    }
    this.#events.moved();
  }

  #connected(open: Open, now: boolean): void {
    open.connected = now;
    if (open === this.#now && now && this.#former) this.#takeOver(Date.now() + patience);
    this.#events.moved();
  }

  #dropFormer(): void {
    this.#former?.lines?.close();
    this.#former = undefined;
    this.#events.moved();
  }

  /** The new way is used once pictures of it are shown, or voices where nobody shows herself. */
  #takeOver(latest: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#flows().then((flows) => {
        if (!this.#former) return;
        if (!flows && Date.now() < latest) return this.#takeOver(latest);
        this.#dropFormer();
      });
    }, lookEvery);
  }

  async #flows(): Promise<boolean> {
    const report = await this.#now?.lines?.stats().catch(() => undefined);
    if (!report) return false;
    const totals = totalsOf(report, Date.now());
    return this.#events.expectsPicture() ? totals.framesDecoded > 0 : totals.packetsIn > 0;
  }
}
