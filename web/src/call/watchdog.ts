/** Watches one sender for frames that arrive and cannot be opened: two seconds of them and the tile goes blank. Pure. */
import type { StreamName } from './frame-cipher.ts';
import type { PeerCounts } from './frame-messages.ts';

const streamNames: readonly StreamName[] = ['audio', 'video', 'screen', 'whisper'];

/** Without one opened frame for this long while frames come, ms [signalling.md K13]. */
const blindAfter = 2000;
/** A renegotiation that has not helped by then will not: begin a new session. */
const hopelessAfter = 12_000;

export type Finding = 'seeing' | 'waiting' | 'blind' | 'still-blind';

interface Line {
  opened: number;
  received: number;
  since: number | undefined;
}

export class Watchdog {
  readonly #lines: Partial<Record<StreamName, Line>> = {};

  /** New keys or a new connection: what was counted before says nothing about them. */
  reset(): void {
    for (const line of Object.values(this.#lines)) line.since = undefined;
  }

  /** One stream that cannot be opened is enough: somebody put it there. */
  look(counts: PeerCounts, now: number): Finding {
    const found = new Set(
      streamNames.map((name) =>
        this.#lookAt(name, counts[name].opened, counts[name].received, now),
      ),
    );
    return (['still-blind', 'blind', 'seeing'] as const).find((one) => found.has(one)) ?? 'waiting';
  }

  #lookAt(name: StreamName, opened: number, received: number, now: number): Finding {
    const line = (this.#lines[name] ??= { opened: 0, received: 0, since: undefined });
    const newOpened = opened > line.opened;
    const newReceived = received > line.received;
    line.opened = opened;
    line.received = received;
    if (newOpened) {
      line.since = undefined;
      return 'seeing';
    }
    if (!newReceived) return 'waiting';
    line.since ??= now;
    if (now - line.since >= hopelessAfter) {
      line.since = now;
      return 'still-blind';
    }
    return now - line.since >= blindAfter ? 'blind' : 'waiting';
  }
}

/** Knows when decoders were given frames that nobody opened: a transform that is not in force. */
export class ClearGuard {
  #opened = 0;
  /** Opened under earlier keys: a new connection's decoder starts from nothing. */
  #before = 0;

  reset(): void {
    this.#before = this.#opened;
  }

  /** So many pictures more were opened. */
  opened(pictures: number): void {
    this.#opened += Math.max(0, pictures);
  }

  /** Counts are a moment apart, so a second's worth of pictures is allowed for. */
  decodedInTheClear(framesDecoded: number): boolean {
    return framesDecoded > this.#opened - this.#before + 60;
  }
}
