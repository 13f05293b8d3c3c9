/** Samples, verdicts and the fall to audio and back. */
import { describe, expect, it } from 'vitest';
import { nextFallback, noFallback, sampleOf, totalsOf, verdictOf } from './quality.ts';

const report = (bytes: number, packets: number, lost: number, frames: number) =>
  new Map<string, unknown>([
    [
      'v',
      {
        type: 'inbound-rtp',
        id: 'v',
        kind: 'video',
        bytesReceived: bytes,
        packetsReceived: packets,
        packetsLost: lost,
        framesDecoded: frames,
        freezeCount: 0,
        frameWidth: 640,
        frameHeight: 480,
      },
    ],
    ['t', { type: 'transport', id: 't', selectedCandidatePairId: 'p' }],
    [
      'p',
      {
        type: 'candidate-pair',
        id: 'p',
        currentRoundTripTime: 0.042,
        availableOutgoingBitrate: 900_000,
        localCandidateId: 'l',
        remoteCandidateId: 'r',
      },
    ],
    ['l', { type: 'local-candidate', id: 'l', candidateType: 'host' }],
    ['r', { type: 'remote-candidate', id: 'r', candidateType: 'relay' }],
  ]);

describe('a quality sample', () => {
  it('is the difference of two moments', () => {
    const before = totalsOf(report(100_000, 100, 0, 10), 1_000_000);
    const now = totalsOf(report(225_000, 190, 10, 60), 1_002_000);
    expect(sampleOf(before, now)).toEqual({
      at: '1970-01-01T00:16:42.000Z',
      rttMs: 42,
      lossIn: 0.1,
      kbpsIn: 500,
      kbpsOut: 0,
      fps: 25,
      width: 640,
      height: 480,
      freezes: 0,
      relayed: true,
    });
  });
});

describe('a verdict', () => {
  const at = '2027-01-01T00:00:00.000Z';
  it('says whose link is weak', () => {
    expect(verdictOf({ at, lossIn: 0, lossOut: 0.01, rttMs: 40 }, 2e6)).toEqual({ level: 'good' });
    expect(verdictOf({ at, lossIn: 0, lossOut: 0.05 }, 2e6)).toEqual({
      level: 'fair',
      weak: 'mine',
    });
    expect(verdictOf({ at, lossIn: 0.2, lossOut: 0 }, 2e6)).toEqual({
      level: 'poor',
      weak: 'theirs',
    });
    expect(verdictOf({ at, rttMs: 700 }, 2e6)).toEqual({ level: 'poor' });
    expect(verdictOf({ at }, 90_000)).toEqual({ level: 'fair', weak: 'mine' });
  });
});

describe('the fall to audio', () => {
  it('takes three narrow looks, returns slowly, and waits longer each time', () => {
    let state = noFallback;
    const look = (room: number, now: number) => (state = nextFallback(state, room, 0, now));
    look(50_000, 0);
    look(900_000, 2000);
    look(50_000, 4000);
    look(50_000, 6000);
    expect(state.audioOnly).toBe(false);
    look(50_000, 8000);
    expect(state).toMatchObject({ audioOnly: true, tryAt: 38_000 });
    expect(look(900_000, 37_000).audioOnly).toBe(true);
    expect(look(900_000, 38_000).audioOnly).toBe(false);
    for (const now of [40_000, 42_000, 44_000]) look(50_000, now);
    expect(state).toMatchObject({ audioOnly: true, tryAt: 104_000 });
  });
});
