/** Directs a room of many while it lasts: who speaks, who is seen how large, whose line is weak. */
import type { VisitLink } from '../link.ts';
import type { Arrival } from '../media-lines.ts';
import { debugCounters } from '../debug.ts';
import { readReport } from '../weak.ts';
import { layersFor, nextStrain, noStrain, type Tile } from './layers.ts';
import { isSpeaking, nextSpeaking, nobodySpeaks } from './speaker.ts';

const everyLook = 400;
/** Loss is judged over this many looks: 2 s. */
const looksPerJudgement = 5;
/** What comes in at most, bit/s; with data saver as much as two small pictures and voices. */
const wholeBudget = 4_000_000;
const saverBudget = 250_000;
/** What a browser said of its own line longer ago than this says nothing about now, ms. */
const reportLasts = 12_000;

export interface Direction {
  speaker: string | undefined;
  /** Peers whose own line is poor. */
  weak: ReadonlySet<string>;
  /** What the line here still takes. */
  level: (typeof noStrain)['level'];
}

export class Director {
  readonly #link: VisitLink;
  readonly #listeners = new Set<() => void>();
  readonly #poor = new Map<string, number>();
  #tiles: readonly Tile[] = [];
  #pinned: string | undefined;
  #saver = false;
  #speaking = nobodySpeaks;
  #strain = noStrain;
  #before: { at: number; arrivals: Arrival[] } | undefined;
  #looks = 0;
  #state: Direction = {
    speaker: undefined,
    weak: new Set(),
    level: 'all',
  };
  #timer: ReturnType<typeof setInterval> | undefined;
  #deaf: (() => void) | undefined;

  constructor(link: VisitLink) {
    this.#link = link;
  }

  get state(): Direction {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#timer = setInterval(() => void this.#look(), everyLook);
    this.#deaf = this.#link.onSealed('line', (from, bytes) => {
      const report = readReport(new TextDecoder().decode(bytes));
      if (report?.level === 'poor') this.#poor.set(from, Date.now());
      else this.#poor.delete(from);
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#deaf?.();
  }

  /** What stands on screen at this time. */
  show(tiles: readonly Tile[], pinned: string | undefined, saver: boolean): void {
    this.#tiles = tiles;
    this.#pinned = pinned;
    this.#saver = saver;
    this.#wish();
  }

  async #look(): Promise<void> {
    const arrivals = await this.#link.arrivals();
    const loud = new Map(
      arrivals
        .filter(({ stream }) => stream === 'audio')
        .map(({ peer, level }) => [peer, level ?? 0]),
    );
    this.#speaking = nextSpeaking(this.#speaking, loud, everyLook);
    const { levels, speaker } = this.#speaking;
    const heard = [...levels].filter(([, level]) => isSpeaking(level)).map(([peer]) => peer);
    this.#link.heard(new Set(heard), speaker);
    if (++this.#looks % looksPerJudgement === 0) this.#judge(arrivals);
    const late = Date.now() - reportLasts;
    const weak = new Set([...this.#poor].filter(([, at]) => at > late).map(([peer]) => peer));
    this.#tell({ speaker: this.#speaking.speaker, weak, level: this.#strain.level });
  }

  #judge(arrivals: Arrival[]): void {
    const at = Date.now();
    const before = this.#before;
    this.#before = { at, arrivals };
    debugCounters({
      arrivals: arrivals.map(({ peer, stream, framesDecoded, packets, width, height }) => ({
        peer,
        stream,
        framesDecoded,
        packets,
        ...(width !== undefined && { width }),
        ...(height !== undefined && { height }),
      })),
    });
    if (!before) return;
    const sum = (of: (one: Arrival) => number): number => {
      const then = new Map(before.arrivals.map((one) => [`${one.peer} ${one.stream}`, of(one)]));
      return arrivals.reduce(
        (total, one) =>
          total + Math.max(0, of(one) - (then.get(`${one.peer} ${one.stream}`) ?? of(one))),
        0,
      );
    };
    const [packets, lost, bytes] = [sum((o) => o.packets), sum((o) => o.lost), sum((o) => o.bytes)];
    const over = at - before.at;
    const loss = packets + lost > 0 ? lost / (packets + lost) : 0;
    this.#strain = nextStrain(this.#strain, { loss, kbps: (bytes * 8) / over, over });
    this.#wish();
  }

  #wish(): void {
    const { layers, screens } = layersFor({
      tiles: this.#tiles,
      first: this.#pinned ?? this.#speaking.speaker,
      level: this.#strain.level,
      budget: this.#saver ? saverBudget : wholeBudget,
    });
    this.#link.want(layers, screens);
  }

  #tell(state: Direction): void {
    const same =
      state.speaker === this.#state.speaker &&
      state.level === this.#state.level &&
      [...state.weak].join() === [...this.#state.weak].join();
    if (same) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
