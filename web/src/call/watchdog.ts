/** Watches for frames that arrive and cannot be opened: two seconds of them and the tile goes blank. Pure. */
import type { FrameCounts } from './frame-messages.ts';

/** Without one opened frame for this long while frames come, ms [signalling.md K8]. */
const blindAfter = 2000;
/** A renegotiation that has not helped by then will not: begin a new session. */
const hopelessAfter = 12_000;

export class Watchdog {
  #opened = 0;
  #openedVideo = 0;
  /** Opened under earlier keys: a new connection's decoder starts from nothing. */
  #before = 0;
  #received = 0;
  #since: number | undefined;

  /** New keys: what was counted before says nothing about them. */
  reset(): void {
    this.#since = undefined;
    this.#before = this.#openedVideo;
  }

  /**
   * Whether the decoder has been given frames that were never opened: a transform that is not in
   * force. Counts are a moment apart, so a second's worth of pictures is allowed for.
   */
  decodedInTheClear(framesDecoded: number): boolean {
    return framesDecoded > this.#openedVideo - this.#before + 60;
  }

  look(counts: FrameCounts, now: number): 'seeing' | 'waiting' | 'blind' | 'still-blind' {
    const opened = counts.audio.opened + counts.video.opened;
    const received = counts.audio.received + counts.video.received;
    const newOpened = opened > this.#opened;
    const newReceived = received > this.#received;
    this.#opened = opened;
    this.#openedVideo = counts.video.opened;
    this.#received = received;
    if (newOpened) {
      this.#since = undefined;
      return 'seeing';
    }
    if (!newReceived) return 'waiting';
    this.#since ??= now;
    if (now - this.#since >= hopelessAfter) {
      this.#since = now;
      return 'still-blind';
    }
    return now - this.#since >= blindAfter ? 'blind' : 'waiting';
  }
}
