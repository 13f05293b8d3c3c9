/** Who speaks: the loudest, unless the one who spoke last has not been quiet for long. Pure. */

/** Louder than this is a voice, not a room (of 0 to 1, as WebRTC measures it). */
const voice = 0.02;
/** Somebody else must be this much louder, for this long, to be shown in place of who speaks, ms. */
const louder = 1.5;
const before = 800;
/** Whoever was made large stays so at least this long: words go to and fro faster than eyes, ms. */
const settled = 2_500;
/** Loudness is smoothed over about this time, ms: words have gaps. */
const smoothing = 600;

export interface Speaking {
  /** Who is shown large: the last one who spoke. */
  speaker: string | undefined;
  /** Smoothed loudness by peer. */
  levels: ReadonlyMap<string, number>;
  /** Who wants to take over, and for how long already, ms. */
  rival: { peer: string; for: number } | undefined;
  /** For how long the speaker has been it, ms. */
  held: number;
}

export const nobodySpeaks: Speaking = {
  speaker: undefined,
  levels: new Map(),
  rival: undefined,
  held: 0,
};

/** Whether somebody is heard now. */
export const isSpeaking = (level: number): boolean => level > voice;

/** @param heard loudness now, by peer; who is not named is gone. @param over ms since the last look */
export function nextSpeaking(
  state: Speaking,
  heard: ReadonlyMap<string, number>,
  over: number,
): Speaking {
  const weight = Math.min(1, over / smoothing);
  const levels = new Map(
    [...heard].map(([peer, level]) => {
      const was = state.levels.get(peer) ?? 0;
      return [peer, was + (level - was) * weight];
    }),
  );
  const speaker =
    state.speaker !== undefined && levels.has(state.speaker) ? state.speaker : undefined;
  const held = state.held + over;
  const [loudest] = [...levels].sort((a, b) => b[1] - a[1]);
  if (!loudest || !isSpeaking(loudest[1]) || loudest[0] === speaker)
    return { speaker, levels, rival: undefined, held };
  const [peer, level] = loudest;
  if (speaker === undefined) return { speaker: peer, levels, rival: undefined, held: 0 };
  const own = levels.get(speaker) ?? 0;
  if (isSpeaking(own) && level < own * louder) return { speaker, levels, rival: undefined, held };
  const waited = (state.rival?.peer === peer ? state.rival.for : 0) + over;
  return waited >= before && held >= settled
    ? { speaker: peer, levels, rival: undefined, held: 0 }
    : { speaker, levels, rival: { peer, for: waited }, held };
}
