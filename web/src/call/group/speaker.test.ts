/** Who is shown large while people talk, pause and cough. */
import { describe, expect, it } from 'vitest';
import { isSpeaking, nextSpeaking, nobodySpeaks, type Speaking } from './speaker.ts';

const heard = (levels: Record<string, number>) => new Map(Object.entries(levels));
const run = (from: Speaking, levels: Record<string, number>, ms: number): Speaking => {
  let state = from;
  for (let at = 0; at < ms; at += 400) state = nextSpeaking(state, heard(levels), 400);
  return state;
};

describe('the speaker', () => {
  it('is the first voice heard, and stays through a pause', () => {
    const talking = run(nobodySpeaks, { a: 0.3, b: 0.005 }, 800);
    expect(talking.speaker).toBe('a');
    expect(run(talking, { a: 0, b: 0.005 }, 20_000).speaker).toBe('a');
  });

  it('changes when somebody else speaks on, not at a cough', () => {
    const talking = run(nobodySpeaks, { a: 0.3, b: 0 }, 800);
    const coughed = run(talking, { a: 0, b: 0.5 }, 400);
    expect(run(coughed, { a: 0.3, b: 0 }, 2_000).speaker).toBe('a');
    expect(run(talking, { a: 0, b: 0.3 }, 3_200).speaker).toBe('b');
  });

  it('does not change to and fro while two talk at once', () => {
    const talking = run(nobodySpeaks, { a: 0.3, b: 0 }, 800);
    expect(run(talking, { a: 0.3, b: 0.35 }, 20_000).speaker).toBe('a');
  });

  it('stays for some seconds, though others take turns faster', () => {
    let state = run(nobodySpeaks, { a: 0.3, b: 0 }, 800);
    const seen: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn++) {
      state = run(state, turn % 2 ? { a: 0.4, b: 0 } : { a: 0, b: 0.4 }, 1_200);
      seen.push(state.speaker);
    }
    const changes = seen.filter((one, at) => one !== seen[at - 1]).length - 1;
    expect(changes).toBeLessThanOrEqual(2);
  });

  it('is nobody once she is gone', () => {
    const talking = run(nobodySpeaks, { a: 0.3, b: 0 }, 800);
    expect(run(talking, { b: 0 }, 400).speaker).toBeUndefined();
    expect(isSpeaking(talking.levels.get('a')!)).toBe(true);
  });
});
