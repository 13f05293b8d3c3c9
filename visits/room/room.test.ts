/** The pure parts of the room: messages, floods, origins. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flood } from './flood.ts';
import { parseMessage } from './parse-message.ts';
import { originAllowed } from './socket.ts';

const to = '0190a000-0000-7000-8000-000000000001';

describe('messages (signalling.md S4)', () => {
  it('an SDP of more media than any room carries is none: an engine would build them all', () => {
    const sdp = (sections: number) => `v=0\r\n${'m=video 9 X 96\r\n'.repeat(sections)}`;
    for (const type of ['sfu-publish', 'sfu-answer']) {
      const said = (sections: number) =>
        parseMessage(JSON.stringify({ type, negotiation: 1, sdp: sdp(sections) }));
      expect(said(96)).toBeDefined();
      expect(said(97)).toBeUndefined();
    }
    const offer = { type: 'offer', to, negotiation: 1, iceRestart: false };
    expect(parseMessage(JSON.stringify({ ...offer, sdp: sdp(97) }))).toBeUndefined();
  });

  it('every kind that a browser may send is read as it was sent', () => {
    const messages = [
      { type: 'watch' },
      { type: 'renew' },
      { type: 'leave' },
      { type: 'join', token: 'x'.repeat(43) },
      { type: 'media', media: { camera: true, microphone: true, screen: false, audioOnly: false } },
      { type: 'offer', to, negotiation: 1, sdp: 'v=0', iceRestart: true },
      { type: 'answer', to, negotiation: 1, sdp: 'v=0' },
      { type: 'candidate', to, negotiation: 1, candidate: null },
      {
        type: 'candidate',
        to,
        negotiation: 1,
        candidate: { candidate: '', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
      },
      { type: 'restart', to, reason: 'network-changed' },
      { type: 'commit', to, epoch: 2, commitment: 'a'.repeat(43) },
      { type: 'reveal', to, epoch: 2, publicKey: 'b'.repeat(87), nonce: 'c'.repeat(43) },
      { type: 'sender-key', to, epoch: 2, wrapped: 'd'.repeat(1024), seq: 7 },
      { type: 'join', token: 'x', after: 3 },
      { type: 'renew', after: 0 },
      { type: 'sealed', to: 'all', kind: 'typing', body: 'A', seq: 1 },
      { type: 'sealed', to, kind: 'stroke-2', body: 'A'.repeat(21_846) },
      { type: 'sfu-publish', negotiation: 1, sdp: 'v=0' },
      {
        type: 'sfu-publish',
        negotiation: 2,
        sdp: 'v=0',
        streams: [
          { mid: '0', kind: 'audio' },
          { mid: '1', kind: 'whisper' },
        ],
      },
      { type: 'sfu-answer', negotiation: 1, sdp: 'v=0' },
      { type: 'sfu-candidate', link: 'down', candidate: null },
      { type: 'sfu-want', layers: { [to]: 'low' }, screens: { [to]: 'high' } },
      { type: 'sfu-restart', link: 'up' },
    ];
    for (const one of messages) expect(parseMessage(JSON.stringify(one))).toEqual(one);
  });

  it('a member that is missing, unknown, or of another shape makes it nothing', () => {
    const wrong = [
      { type: 'join', token: '' },
      { type: 'join', token: 'x'.repeat(129) },
      { type: 'media', media: { camera: 1, microphone: true, screen: false, audioOnly: false } },
      { type: 'media', media: { camera: true } },
      { type: 'offer', to, negotiation: 1.5, sdp: 'v=0', iceRestart: true },
      { type: 'offer', to: 'everybody', negotiation: 1, sdp: 'v=0', iceRestart: true },
      { type: 'offer', to, negotiation: 1, sdp: '', iceRestart: true },
      { type: 'offer', to, negotiation: 1, sdp: 'v=0', iceRestart: true, from: to },
      { type: 'candidate', to, negotiation: 1 },
      { type: 'candidate', to, negotiation: 1, candidate: { candidate: 'x'.repeat(1025) } },
      { type: 'candidate', to, negotiation: 1, candidate: { candidate: '', evil: 1 } },
      { type: 'restart', to, reason: 'I feel like it' },
      { type: 'commit', to, epoch: 2, commitment: 'a'.repeat(42) },
      { type: 'commit', to, epoch: 2, commitment: '='.repeat(43) },
      { type: 'reveal', to, epoch: -1, publicKey: 'b'.repeat(87), nonce: 'c'.repeat(43) },
      { type: 'sender-key', to, epoch: 2, wrapped: '' },
      { type: 'sender-key', to: 'all', epoch: 2, wrapped: 'd' },
      { type: 'sealed', to: 'all', kind: 'Typing', body: 'A' },
      { type: 'sealed', to: 'all', kind: 'x'.repeat(33), body: 'A' },
      { type: 'sealed', to: 'all', kind: 'typing', body: 'A+' },
      { type: 'sealed', to: 'all', kind: 'typing', body: 'A'.repeat(21_847) },
      { type: 'sealed', to: 'all', kind: 'typing', body: 'A', from: to },
      { type: 'renew', after: -1 },
      { type: 'join', token: 'x', after: '3' },
      { type: 'sfu-publish', negotiation: 1, sdp: 'v=0', streams: [{ mid: '0', kind: 'smell' }] },
      {
        type: 'sfu-publish',
        negotiation: 1,
        sdp: 'v=0',
        streams: [{ mid: '0', kind: 'audio', to }],
      },
      {
        type: 'sfu-publish',
        negotiation: 1,
        sdp: 'v=0',
        streams: Array.from({ length: 33 }, () => ({ mid: '0', kind: 'audio' })),
      },
      { type: 'sfu-candidate', link: 'sideways', candidate: null },
      { type: 'sfu-want', layers: { everybody: 'low' } },
      { type: 'sfu-want', layers: [] },
      { type: 'sfu-restart' },
      { type: 'toString' },
      { type: 7 },
    ];
    for (const one of wrong) expect(parseMessage(JSON.stringify(one))).toBeUndefined();
  });

  it('nothing that arrives makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseMessage(text)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe('floods (S5)', () => {
  it('a burst of 120 passes, the next does not; 40 a second come back', () => {
    const within = flood(0);
    for (let n = 0; n < 120; n++) expect(within(0, 10)).toBe(true);
    expect(within(0, 10)).toBe(false);
    const later = flood(0);
    for (let n = 0; n < 120; n++) later(0, 10);
    for (let n = 0; n < 40; n++) expect(later(1000, 10)).toBe(true);
    expect(later(1000, 10)).toBe(false);
  });

  it('half a megabyte in ten seconds is enough', () => {
    const within = flood(0);
    for (let n = 0; n < 8; n++) expect(within(n * 100, 64 * 1024)).toBe(true);
    expect(within(900, 1)).toBe(false);
    const patient = flood(0);
    for (let n = 0; n < 20; n++) expect(patient(n * 2_000, 64 * 1024)).toBe(true);
  });
});

describe('origins (S2)', () => {
  const allowed = new Set(['https://afar.example']);
  const cookie = 'afar_session=x';

  it('only our own pages, whatever the host header says', () => {
    expect(originAllowed({ origin: 'https://afar.example', cookie }, allowed)).toBe(true);
    for (const origin of [
      'https://evil.example',
      'http://afar.example',
      'https://afar.example.evil.example',
      'null',
      '',
    ])
      expect(
        originAllowed({ origin, host: new URL('https://evil.example').host, cookie }, allowed),
      ).toBe(false);
  });

  it('this machine by another of its names, only when it is the one asked', () => {
    const ask = (origin: string, host: string) => originAllowed({ origin, host, cookie }, allowed);
    expect(ask('http://127.0.0.1:8080', '127.0.0.1:8080')).toBe(true);
    expect(ask('http://127.0.0.1:9999', '127.0.0.1:8080')).toBe(false);
    expect(ask('http://rebound.example:8080', 'rebound.example:8080')).toBe(false);
  });

  it('without an origin only a client that signs in by header and has no cookie', () => {
    expect(originAllowed({ authorization: 'Bearer x' }, allowed)).toBe(true);
    expect(originAllowed({ authorization: 'Bearer x', cookie }, allowed)).toBe(false);
    expect(originAllowed({ cookie }, allowed)).toBe(false);
    expect(originAllowed({}, allowed)).toBe(false);
  });
});
