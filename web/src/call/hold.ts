/**
 * How long what arrives is held before it is shown and heard. A packet that was lost is asked for again and comes a round trip later: on a
 * lossy line a picture that waits for it moves evenly, and one that does not stands still. Pure.
 *
 * Only steady loss is paid for with delay; a whole line is shown at once. ITU-T G.114 has 400 ms one way as the most a talk bears.
 */

/** Share lost of what comes in from which waiting is worth its delay, and below which it is not any more. */
const lossy = 0.012;
const whole = 0.004;
/** Looks in a row, a second apart: loss that lasts, and calm that lasts (each change of the delay stretches or squeezes a voice). */
const lasting = 4;
const calm = 20;
/** ms. Two losses of one packet in a row are mended: noticed by the next picture, asked for twice. */
const base = 150;
const most = 300;

export interface Hold {
  /** Smoothed over some five looks. */
  loss: number;
  bad: number;
  good: number;
  /** ms; null: as the browser finds right. */
  ms: number | null;
}

export const noHold: Hold = { loss: 0, bad: 0, good: 0, ms: null };

/** The next state after a look. @param look.loss share lost of what came in, 0..1 @param look.rtt ms */
export function nextHold(before: Hold, look: { loss: number; rtt: number | undefined }): Hold {
  const loss = before.loss + (look.loss - before.loss) * 0.25;
  const bad = loss > lossy ? before.bad + 1 : 0;
  const good = loss < whole ? before.good + 1 : 0;
  if (bad === lasting && before.ms === null)
    return { loss, bad, good, ms: Math.min(most, base + 2 * Math.round(look.rtt ?? 0)) };
  if (good >= calm) return { loss, bad, good, ms: null };
  return { loss, bad, good, ms: before.ms };
}
