/** Who speaks aside: by how loud she is, for a microphone that is off sends too. Pure. */
import type { Arrival } from '../media-lines.ts';
import { isSpeaking } from './speaker.ts';

/** Longer than most pauses in what somebody says, ms: a sign must not come and go with each sentence, nor be read out with it. */
const pause = 6_000;

export interface AsideWords {
  /** When each was heard last, ms since epoch. */
  heard: ReadonlyMap<string, number>;
  speaking: readonly string[];
}

export const noAsides: AsideWords = { heard: new Map(), speaking: [] };

/** @returns `before` itself while the same ones speak and nobody is heard anew */
export function nextAsides(
  before: AsideWords,
  arrivals: readonly Arrival[],
  now: number,
): AsideWords {
  const loud = arrivals.filter(
    ({ stream, level }) => stream === 'whisper' && isSpeaking(level ?? 0),
  );
  const heard = new Map([...before.heard, ...loud.map(({ peer }) => [peer, now] as const)]);
  const speaking = [...heard].flatMap(([peer, at]) => (now - at < pause ? peer : []));
  const same = loud.length === 0 && speaking.join() === before.speaking.join();
  return same ? before : { heard, speaking };
}
