/** Watches everybody's frames at once: whose cannot be opened, and whether a decoder was given any unopened. */
import type { CallCounters } from './debug.ts';
import type { FrameCounts } from './frame-messages.ts';
import { ClearGuard, type Finding, Watchdog } from './watchdog.ts';

export interface Findings {
  /** Somebody's tile goes blank or comes back. */
  changed: boolean;
  newlyBlind: boolean;
  /** Somebody's frames have not opened for so long that only a new session can help. */
  hopeless: boolean;
}

export class Watch {
  readonly #dogs = new Map<string, Watchdog>();
  readonly #blind = new Set<string>();
  readonly #guard = new ClearGuard();
  #counts: FrameCounts | undefined;

  /** New keys: patience begins anew. */
  newKeys(): void {
    for (const dog of this.#dogs.values()) dog.reset();
  }

  /** A new connection: its decoders have been given nothing yet. */
  newConnection(): void {
    this.newKeys();
    this.#guard.reset();
  }

  blind(peer: string): boolean {
    return this.#blind.has(peer);
  }

  /** None of those who are here can be seen or heard. */
  allBlind(peers: readonly string[]): boolean {
    const counted = peers.filter((peer) => this.#counts?.peers[peer]);
    return counted.length > 0 && counted.every((peer) => this.#blind.has(peer));
  }

  decodedInTheClear(framesDecoded: number): boolean {
    return this.#guard.decodedInTheClear(framesDecoded);
  }

  /** Takes the worker's counts; what of them tests and support see. */
  take(counts: FrameCounts): CallCounters {
    const before = this.#counts;
    this.#counts = counts;
    const all = Object.values(counts.peers);
    const sum = (of: (one: (typeof all)[0]) => number): number =>
      all.reduce((total, one) => total + of(one), 0);
    const pictures = sum(({ video, screen }) => video.opened + screen.opened);
    for (const [peer, { video, screen }] of Object.entries(counts.peers))
      this.#guard.opened(video.opened + screen.opened - this.#picturesOf(before, peer));
    return {
      framesDecrypted: pictures,
      audioFramesDecrypted: sum(({ audio }) => audio.opened),
      framesSealed: counts.sealed.video,
      framesRefused: sum(
        ({ video, audio, screen }) => video.refused + audio.refused + screen.refused,
      ),
      peers: Object.fromEntries(
        Object.entries(counts.peers).map(([peer, { audio, video, screen, whisper }]) => [
          peer,
          {
            received: audio.received + video.received + screen.received,
            pictures: video.opened + screen.opened,
            voices: audio.opened,
            asides: whisper.opened,
            refused: audio.refused + video.refused + screen.refused + whisper.refused,
          },
        ]),
      ),
    };
  }

  /** Somebody who went and came back is counted from nothing again. */
  #picturesOf(counts: FrameCounts | undefined, peer: string): number {
    const found = counts?.peers[peer];
    return found ? found.video.opened + found.screen.opened : 0;
  }

  look(now: number): Findings {
    const findings: Findings = { changed: false, newlyBlind: false, hopeless: false };
    const peers = this.#counts?.peers ?? {};
    for (const [peer, counts] of Object.entries(peers)) {
      let dog = this.#dogs.get(peer);
      if (!dog) this.#dogs.set(peer, (dog = new Watchdog()));
      this.#found(peer, dog.look(counts, now), findings);
    }
    for (const peer of this.#dogs.keys())
      if (!peers[peer]) {
        this.#dogs.delete(peer);
        findings.changed = this.#blind.delete(peer) || findings.changed;
      }
    return findings;
  }

  #found(peer: string, finding: Finding, into: Findings): void {
    if (finding === 'still-blind') into.hopeless = true;
    if (finding === 'seeing' && this.#blind.delete(peer)) into.changed = true;
    if (finding !== 'blind' || this.#blind.has(peer)) return;
    this.#blind.add(peer);
    into.changed = true;
    into.newlyBlind = true;
  }
}
