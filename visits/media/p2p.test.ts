/** Peer-to-peer media: the engine's contract, and TURN credentials that coturn accepts. */
import { createHmac } from 'node:crypto';
import { fixedClock } from '@afar/platform';
import { describe, expect, it } from 'vitest';
import { mediaContract } from './contract.ts';
import { peerToPeer } from './p2p.ts';
import { iceServersFor } from './turn/credentials.ts';

const now = Date.UTC(2027, 0, 1);

const engine = () => peerToPeer({ stunUrls: [], turnUrls: [] }, fixedClock(now));
mediaContract('peer to peer', () => Promise.resolve({ media: engine(), other: engine(), now }));

describe('ICE servers', () => {
  it('none on one machine or one LAN', () => {
    expect(iceServersFor({ stunUrls: [], turnUrls: [] }, 'peer', now)).toEqual([]);
  });

  it('TURN only with a secret, by a name that says when it ends and a keyed hash of it', () => {
    const turnUrls = ['turns:turn.example:443?transport=tcp'];
    expect(iceServersFor({ stunUrls: [], turnUrls }, 'peer', now)).toEqual([]);
    const turnSecret = 'between us and coturn';
    const [stun, turn] = iceServersFor(
      { stunUrls: ['stun:turn.example'], turnUrls, turnSecret },
      'peer',
      now + 7_200_000,
    );
    expect(stun).toEqual({ urls: ['stun:turn.example'] });
    expect(turn!.username).toBe(`${(now + 7_200_000) / 1000}:peer`);
    const expected = createHmac('sha1', turnSecret).update(turn!.username!).digest('base64');
    expect(turn!.credential).toBe(expected);
  });
});
