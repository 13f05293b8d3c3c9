/** Totals of a moment and the sample between two. */
import { describe, expect, it } from 'vitest';
import { sampleOf, totalsOf } from './quality.ts';

const report = (bytes: number, packets: number, lost: number, frames: number, remote = 'relay') =>
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
    ['r', { type: 'remote-candidate', id: 'r', candidateType: remote }],
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

  it('says only what is known of a relay: who it is that answers may be learned later', () => {
    const relayed = (remote: string): boolean | undefined =>
      sampleOf(totalsOf(report(0, 0, 0, 0, remote), 0), totalsOf(report(9, 9, 0, 9, remote), 1_000))
        .relayed;
    expect(['relay', 'host', 'srflx', 'prflx'].map(relayed)).toEqual([
      true,
      false,
      false,
      undefined,
    ]);
  });
});
