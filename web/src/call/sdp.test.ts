/** Reading and changing session descriptions. */
import { describe, expect, it } from 'vitest';
import { askForResilientAudio, linesOf, namedLines, oneWayOnly } from './sdp.ts';

const section = (kind: string, mid: number, direction: string, more = '') =>
  `m=${kind} 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:${mid}\r\na=${direction}\r\n${more}`;
const head = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n';

describe('session descriptions', () => {
  it('asks for error correction and silence suppression once', () => {
    const sdp =
      head +
      section(
        'audio',
        0,
        'sendonly',
        'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n',
      );
    const asked = askForResilientAudio(sdp);
    expect(asked).toContain('a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n');
    expect(asked).toContain('a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n');
    expect(askForResilientAudio(asked)).toBe(asked);
  });

  it('adds the line when there is none, and leaves other codecs alone', () => {
    const sdp = head + section('audio', 0, 'sendonly', 'a=rtpmap:111 opus/48000/2\r\n');
    expect(askForResilientAudio(sdp)).toContain('a=fmtp:111 useinbandfec=1;usedtx=1');
    const video = head + section('video', 0, 'sendonly', 'a=rtpmap:96 VP8/90000\r\n');
    expect(askForResilientAudio(video)).toBe(video);
  });

  it('names the lines by their order: a second line of pictures is a screen', () => {
    const kinds = ['audio', 'video', 'video'];
    const lines = kinds.map((kind, mid) => section(kind, mid, 'sendonly'));
    lines.push(...kinds.map((kind, mid) => section(kind, mid + 3, 'recvonly')));
    const { theirs, ours } = namedLines(linesOf(head + lines.join('')));
    expect(Object.fromEntries(theirs)).toEqual({ 0: 'audio', 1: 'video', 2: 'screen' });
    expect(Object.fromEntries(ours)).toEqual({ 3: 'audio', 4: 'video', 5: 'screen' });
  });

  it('lists the lines and sees a two-way one', () => {
    const sdp = head + section('audio', 0, 'sendonly') + section('video', 1, 'recvonly');
    expect(linesOf(sdp)).toEqual([
      { mid: '0', kind: 'audio', direction: 'sendonly' },
      { mid: '1', kind: 'video', direction: 'recvonly' },
    ]);
    expect(oneWayOnly(sdp)).toBe(true);
    expect(oneWayOnly(sdp + section('video', 2, 'sendrecv'))).toBe(false);
  });
});
