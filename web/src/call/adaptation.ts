/** What is sent on the line there is: voice before screen before camera, quick to fall and slow to climb. Pure. */
import type { SendLimits } from './sending.ts';

/** What she wants: as the line allows, pictures whatever it costs, or voice alone. */
export type Wish = 'auto' | 'always' | 'never';

/** One look at the line, about a second after the last one. */
export interface Look {
  /** ms. */
  at: number;
  /** bit/s congestion control would send; undefined before it knows. */
  room: number | undefined;
  /** Share of what we sent that did not arrive, 0..1. */
  loss: number;
  /** Round trip, ms. */
  rtt: number | undefined;
  /** Share of the other end's sound that was made up here, and of ours there, 0..1. */
  concealed: number;
}

interface Rung extends SendLimits {
  /** bit/s there must be, voice included. */
  needs: number;
}

/**
 * From the whole picture to a stamp. A rung needs half of what it may take, and 60 kbit/s for the voice with its headers; below the
 * last one pictures starve the voice. Pixels go before frames: lips that move are understood.
 */
const rungs: readonly Rung[] = [
  { video: 1_200_000, scale: 1, fps: 30, needs: 700_000 },
  { video: 600_000, scale: 1.5, fps: 30, needs: 400_000 },
  { video: 320_000, scale: 2, fps: 24, needs: 270_000 },
  { video: 160_000, scale: 3, fps: 20, needs: 165_000 },
  { video: 80_000, scale: 4, fps: 12, needs: 120_000 },
];
const lowest = rungs.length - 1;
/** Asked for by whoever pays by the megabyte: 320 x 180 of the camera's picture. */
const saverRung = 3;
/** While a screen is shared the camera is a stamp beside it. */
const besideScreen = 3;

/** Looks in a row without room for any picture before it is given up: 4 s. */
const patience = 4;
/** Calm before a rung is climbed, ms; doubled by each climb that had to be taken back within `regret`. */
const calm = 4_000;
const mostCalm = 64_000;
const regret = 10_000;
/** Looks of loss after which it is the line's nature, no hiccup. */
const lasting = 6;
/** What a fall does shows after this long, ms. */
const settling = 4_000;
/** Without pictures, a taste of them is sent this often, ms, hidden from the other end, to learn whether there is room again. */
const tasteEvery = 7_000;
const mostBetween = 60_000;
const tasteFor = 4_000;
/** Room that must be seen in a taste, bit/s: a fifth more than the rung one comes back on needs. */
const tasteNeeds = 200_000;
/** A queue has built up somewhere when the round trip is this much longer than the shortest one, ms. */
const queueing = 350;
/** The first seconds: congestion control starts at 300 kbit/s and has to find its way up. */
const starting = 4_000;

export interface Adaptation {
  rung: number;
  /** Pictures were given up for the line. */
  fellBack: boolean;
  /** Pictures are sent again, unseen, to learn what the line bears. */
  tasting: boolean;
  startedAt: number;
  /** Looks in a row that spoke for giving up, and for coming back. */
  bad: number;
  good: number;
  /** Since when nothing was wrong, and how long that must last, ms. */
  calmSince: number;
  calmFor: number;
  climbedAt: number;
  fallenAt: number;
  /** When pictures were given up, came back, and are tasted next, ms. */
  fellAt: number;
  returnedAt: number;
  tasteAt: number;
  between: number;
  shortest: number;
  /** Smoothed over some five looks: of eight packets of voice, one lost is 12 %. */
  loss: number;
  concealed: number;
  /** Looks in a row with loss to be noticed; and whether that has lasted. */
  losing: number;
  lossy: boolean;
}

export const beginAdaptation = (at: number): Adaptation => ({
  rung: 0,
  fellBack: false,
  tasting: false,
  startedAt: at,
  bad: 0,
  good: 0,
  calmSince: at,
  calmFor: calm,
  climbedAt: Number.NEGATIVE_INFINITY,
  fallenAt: Number.NEGATIVE_INFINITY,
  fellAt: 0,
  returnedAt: Number.NEGATIVE_INFINITY,
  tasteAt: 0,
  between: tasteEvery,
  shortest: Number.POSITIVE_INFINITY,
  loss: 0,
  concealed: 0,
  losing: 0,
  lossy: false,
});

const smooth = (before: number, now: number): number => before + (now - before) * 0.25;

/** The best rung for this much room. */
const rungFor = (room: number): number => {
  const at = rungs.findIndex((rung) => rung.needs <= room);
  return at < 0 ? lowest : at;
};

/** The best rung for a line. Of five packets one is lost more often than of two: a lossy line gets no whole picture. */
const fitting = ({ lossy }: Adaptation, room: number): number =>
  Math.max(rungFor(room), lossy ? 1 : 0);

const giveUp = (state: Adaptation, at: number): Adaptation => {
  // Back for a moment only: wait longer before the next try, so that a line on the edge does not flicker.
  const between =
    at - state.returnedAt < 20_000 ? Math.min(mostBetween, state.between * 2) : tasteEvery;
  return {
    ...state,
    fellBack: true,
    tasting: false,
    bad: 0,
    good: 0,
    fellAt: at,
    between,
    tasteAt: at + between,
  };
};

function withoutPictures(state: Adaptation, look: Look, wish: Wish): Adaptation {
  if (wish === 'always')
    return { ...state, fellBack: false, tasting: false, rung: lowest, bad: 0, calmSince: look.at };
  if (!state.tasting)
    return look.at >= state.tasteAt
      ? { ...state, tasting: true, good: 0, tasteAt: look.at }
      : state;
  const good = (look.room ?? 0) >= tasteNeeds && look.loss < 0.1 ? state.good + 1 : 0;
  if (good >= 2)
    return {
      ...state,
      fellBack: false,
      tasting: false,
      rung: saverRung,
      bad: 0,
      returnedAt: look.at,
      calmSince: look.at,
      climbedAt: look.at,
    };
  // More than voice and a stamp need: congestion control is on its way up, and is given the time.
  const lasts = (look.room ?? 0) > 150_000 ? 2 * tasteFor : tasteFor;
  // The voice suffers: at once enough of it.
  if (look.at - state.tasteAt >= lasts || look.concealed > 0.08)
    return { ...state, tasting: false, good: 0, tasteAt: look.at + state.between };
  return { ...state, good };
}

/** The next state after a look. */
export function adapt(before: Adaptation, look: Look, wish: Wish): Adaptation {
  const { room, at } = look;
  const shortest = Math.min(before.shortest, look.rtt ?? Number.POSITIVE_INFINITY);
  const loss = smooth(before.loss, look.loss);
  const losing = loss > 0.02 ? before.losing + 1 : 0;
  const state = {
    ...before,
    shortest,
    loss,
    losing,
    lossy: losing >= lasting || (before.lossy && loss > 0.01),
    concealed: smooth(before.concealed, look.concealed),
  };
  if (state.fellBack) return withoutPictures(state, look, wish);
  if (room === undefined || at - state.startedAt < starting) return state;

  const narrow = room < rungs[lowest]!.needs;
  const bad = narrow ? state.bad + 1 : 0;
  if (bad >= patience && wish !== 'always') return giveUp({ ...state, rung: lowest }, at);

  const queue = look.rtt !== undefined && look.rtt - shortest > queueing;
  const fits = fitting(state, room);
  // One rung for what hurts, and time to see whether it helped; room alone decides at once.
  const hurt = queue || state.loss > 0.1 || state.concealed > 0.08;
  const helped = at - state.fallenAt >= settling;
  const down = Math.max(fits, hurt && helped ? Math.min(lowest, state.rung + 1) : 0);
  if (down > state.rung) {
    const held = at - state.climbedAt;
    // Taken back soon: wait longer before the next climb. One that held is forgiven.
    const longer = held < regret ? Math.min(mostCalm, state.calmFor * 2) : state.calmFor;
    const calmFor = held > 3 * regret ? calm : longer;
    return { ...state, bad, rung: down, calmSince: at, calmFor, fallenAt: at };
  }
  if (state.rung === 0 || hurt || narrow)
    return { ...state, bad, calmSince: hurt ? at : state.calmSince };
  // With a tenth to spare. The estimate grows to half as much again as what is sent, so that the next rung can be seen from here.
  const up = fitting(state, room / 1.1);
  if (up >= state.rung) return { ...state, bad, calmSince: at };
  if (at - state.calmSince < state.calmFor) return { ...state, bad };
  return { ...state, bad, rung: up, calmSince: at, climbedAt: at };
}

export interface Plan {
  limits: SendLimits;
  /** The camera's track is on its line. */
  camera: boolean;
  /** The other end shows it. */
  shown: boolean;
}

/** What to send now. @param screen one is being shared @param saver she asked for little data */
export function planOf(
  state: Adaptation,
  { wish, saver, screen }: { wish: Wish; saver: boolean; screen: boolean },
): Plan {
  const least = Math.max(saver ? saverRung : 0, screen ? besideScreen : 0);
  const rung = state.fellBack ? lowest : Math.max(state.rung, least);
  const { video, scale, fps } = rungs[rung]!;
  const shown = wish !== 'never' && !state.fellBack;
  const limits: SendLimits = state.tasting
    ? // As much as proves that there is room; the picture itself stays a stamp.
      { video: 300_000, scale: 4, fps: 10 }
    : { video, scale, fps };
  if (screen) {
    // What the line bears goes to the screen: letters that cannot be read help nobody, so frames go first.
    const most = state.fellBack ? 80_000 : rungs[state.rung]!.video;
    limits.screen = { video: Math.max(80_000, most), fps: most < 300_000 ? 3 : 15 };
  }
  return { limits, camera: shown || (state.tasting && wish === 'auto'), shown };
}
