/** The lines of a room at LiveKit: its client is fetched only when a room uses it; until then wishes wait. */
import type { LiveKitAccess, Peer as Seat } from '@afar/visits/contract';
import type { StreamName } from '../frame-cipher.ts';
import type { KeyDesk } from '../key-desk.ts';
import type { Arrival, LineEvents, MediaLines, RestartReason, Wanted } from '../media-lines.ts';
import type { SendLimits } from '../peer.ts';
import type { LiveKitRoom } from './livekit-room.ts';

export interface LiveKitOptions {
  own: Seat;
  keys: KeyDesk;
  limits: SendLimits;
}

export class LiveKitLines implements MediaLines {
  readonly engine = 'livekit';
  readonly #tracks = new Map<StreamName, MediaStreamTrack | null>();
  readonly #events: LineEvents;
  #room: LiveKitRoom | undefined;
  #wanted: Wanted = { layers: {}, screens: {} };
  #unlocked = false;
  #closed = false;

  constructor(access: LiveKitAccess, options: LiveKitOptions, events: LineEvents) {
    this.#events = events;
    import('./livekit-room.ts')
      .then(({ LiveKitRoom }) => this.#fetched(new LiveKitRoom(options, events), access))
      .catch(() => this.#failed());
  }

  get restarts(): number {
    return this.#room?.restarts ?? 0;
  }

  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    // LiveKit gives a track to whoever subscribes: what is meant for one does not go there.
    if (stream === 'whisper') return;
    this.#tracks.set(stream, track);
    if (!this.#unlocked) return;
    try {
      await this.#room?.publish(stream, track);
    } catch (error) {
      // Closed meanwhile: whatever comes in its place is told what is sent.
      if (!this.#closed) throw error;
    }
  }

  async limit(limits: SendLimits): Promise<void> {
    await this.#room?.limit(limits);
  }

  unlock(): void {
    this.#unlocked = true;
    for (const [stream, track] of this.#tracks)
      void this.#room?.publish(stream, track).catch(() => undefined);
  }

  /** Its client mends its connections by itself. */
  restart(_reason: RestartReason): boolean {
    return false;
  }

  async stats(): Promise<Iterable<[string, unknown]>> {
    return (await this.#room?.stats()) ?? [];
  }

  receivers(): readonly RTCRtpReceiver[] {
    return this.#room?.receivers() ?? [];
  }

  async arrivals(): Promise<Arrival[]> {
    return (await this.#room?.arrivals()) ?? [];
  }

  /** LiveKit's own library asks LiveKit. */
  relays(): void {
    return undefined;
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#room?.want(wanted);
  }

  close(): void {
    this.#closed = true;
    this.#room?.close();
  }

  async #fetched(room: LiveKitRoom, access: LiveKitAccess): Promise<void> {
    if (this.#closed) return;
    this.#room = room;
    room.want(this.#wanted);
    await room.connect(access);
    if (this.#unlocked) this.unlock();
  }

  #failed(): void {
    if (!this.#closed) this.#events.hopeless();
  }
}
