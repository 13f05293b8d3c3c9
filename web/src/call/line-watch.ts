/** Looks at the line once a second: what it bears, how it is, whose weakness it is; and exchanges that with the other end. */
import type { QualitySample } from '@afar/visits/contract';
import { type Adaptation, adapt, beginAdaptation, type Wish } from './adaptation.ts';
import { nextHold, noHold } from './hold.ts';
import type { VisitLink } from './link.ts';
import { ReachMeter } from './reach.ts';
import {
  levelOf,
  type LineReport,
  nextWeakness,
  noWeakness,
  readReport,
  type Verdict,
} from './weak.ts';

const everyLook = 1_000;
/** The other end hears of the line every third look. */
const everyReport = 3;
/** What the other end said longer ago than this says nothing about now, ms. */
const reportLasts = 12_000;

export interface Looked {
  sample: QualitySample;
  adaptation: Adaptation;
  verdict: Verdict;
  theirs?: LineReport;
}

export class LineWatch {
  readonly #link: VisitLink;
  readonly #wish: () => Wish;
  readonly #looked: (looked: Looked) => void;
  readonly #reach = new ReachMeter();
  #adaptation = beginAdaptation(Date.now());
  #weakness = noWeakness;
  #hold = noHold;
  #theirs: { report: LineReport; at: number } | undefined;
  #looks = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #deaf: (() => void) | undefined;

  constructor(link: VisitLink, wish: () => Wish, looked: (looked: Looked) => void) {
    this.#link = link;
    this.#wish = wish;
    this.#looked = looked;
  }

  start(): void {
    this.#deaf = this.#link.onSealed('line', (_from, bytes) => {
      const report = readReport(new TextDecoder().decode(bytes));
      if (report) this.#theirs = { report, at: Date.now() };
    });
    this.#reach.start();
    this.#timer = setInterval(() => void this.#look(), everyLook);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#reach.stop();
    this.#deaf?.();
  }

  /** She decided: what was learned about the line counts from here on. */
  reset(): void {
    this.#adaptation = { ...beginAdaptation(Date.now()), shortest: this.#adaptation.shortest };
  }

  get adaptation(): Adaptation {
    return this.#adaptation;
  }

  async #look(): Promise<void> {
    const found = await this.#link.sample().catch(() => undefined);
    if (!found || this.#link.state.phase !== 'live') return;
    const at = Date.now();
    const { room } = found;
    const sample = seen(found.sample, this.#link.state.remoteMedia?.camera !== false);
    const theirs =
      this.#theirs && at - this.#theirs.at < reportLasts ? this.#theirs.report : undefined;
    const look = {
      at,
      room,
      loss: sample.lossOut ?? 0,
      rtt: sample.rttMs,
      // What the other end could not hear of us is what our pictures may have pushed aside.
      concealed: theirs?.concealed ?? 0,
    };
    this.#hold = nextHold(this.#hold, { loss: sample.lossIn ?? 0, rtt: sample.rttMs });
    this.#link.hold(this.#hold.ms);
    this.#adaptation = adapt(this.#adaptation, look, this.#wish());
    const { fellBack } = this.#adaptation;
    const reach = this.#reach.reach;
    const mine: LineReport = {
      ...pick(sample),
      level: levelOf(sample, room, fellBack),
      fellBack,
      ...(room !== undefined && { room: Math.round(room) }),
      ...(reach && { reach }),
    };
    this.#weakness = nextWeakness(this.#weakness, mine, theirs, at);
    const { verdict } = this.#weakness;
    this.#reach.weak = verdict.level !== 'good';
    if (this.#looks++ % everyReport === 0)
      void this.#link
        .sendSealed('line', new TextEncoder().encode(JSON.stringify(mine)))
        .catch(() => undefined); // the next one says it
    this.#looked({ sample, adaptation: this.#adaptation, verdict, ...(theirs && { theirs }) });
  }
}

/** Without a picture to see there is none that froze, and none that was slow. */
function seen(sample: QualitySample, shown: boolean): QualitySample {
  if (shown) return sample;
  const { fps: _fps, freezes: _freezes, width: _width, height: _height, ...rest } = sample;
  return rest;
}

const pick = ({ rttMs, lossIn, concealed, kbpsIn, fps, freezes }: QualitySample) => ({
  ...(rttMs !== undefined && { rttMs }),
  ...(lossIn !== undefined && { lossIn }),
  ...(concealed !== undefined && { concealed }),
  ...(kbpsIn !== undefined && { kbpsIn }),
  ...(fps !== undefined && { fps }),
  ...(freezes !== undefined && { freezes }),
});
