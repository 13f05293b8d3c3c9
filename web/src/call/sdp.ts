/** The little we read and change in session descriptions. Pure. */
import { kindOf, lineNames, type LineName } from './sending.ts';

/**
 * What the other end should send: Opus with forward error correction, silence not transmitted, and lost packets again when
 * asked for. 3 % loss, concealed: 1.2 % with correction alone, 0.05 % with repetition; doubled voice (RED) 0.3 %, at twice the
 * rate [docs/decisions/0019-bad-networks.md].
 */
export function askForResilientAudio(given: string): string {
  const opus = /^a=rtpmap:(\d+) opus\//m.exec(given)?.[1];
  if (!opus) return given;
  const nack = `a=rtcp-fb:${opus} nack`;
  const sdp = new RegExp(`^${nack}$`, 'm').test(given)
    ? given
    : given.replaceAll(new RegExp(`^a=rtpmap:${opus} opus/.*$`, 'gm'), `$&\r\n${nack}`);
  const line = new RegExp(`^a=fmtp:${opus} .*$`, 'm');
  const wanted = ['useinbandfec=1', 'usedtx=1'];
  if (!line.test(sdp))
    return sdp.replace(
      new RegExp(`^(a=rtpmap:${opus} .*)$`, 'm'),
      `$1\r\na=fmtp:${opus} ${wanted.join(';')}`,
    );
  return sdp.replaceAll(new RegExp(line, 'gm'), (found) => {
    const missing = wanted.filter((one) => !found.includes(one.split('=')[0]!));
    return missing.length ? `${found};${missing.join(';')}` : found;
  });
}

export interface Line {
  mid: string;
  kind: 'audio' | 'video';
  direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
}

/** The media lines of a description, in order. */
export function linesOf(sdp: string): Line[] {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .flatMap((section) => {
      const kind = /^(audio|video) /.exec(section)?.[1];
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
      const direction =
        /^a=(sendonly|recvonly|sendrecv|inactive)/m.exec(section)?.[1] ?? 'sendrecv';
      return kind && mid
        ? [{ mid, kind: kind as Line['kind'], direction: direction as Line['direction'] }]
        : [];
    });
}

/**
 * The streams of an offer's lines by name, in the order in which they are offered: a second line of pictures is a screen. `theirs`
 * come from the offering end, `ours` go to it.
 */
export function namedLines(
  lines: readonly Line[],
): Record<'theirs' | 'ours', Map<string, LineName>> {
  const named = (direction: Line['direction']): Map<string, LineName> => {
    const left: LineName[] = [...lineNames];
    const found = new Map<string, LineName>();
    for (const line of lines.filter((one) => one.direction === direction)) {
      const at = left.findIndex((name) => kindOf(name) === line.kind);
      if (at >= 0) found.set(line.mid, left.splice(at, 1)[0]!);
    }
    return found;
  };
  return { theirs: named('sendonly'), ours: named('recvonly') };
}

/** True when every line flows one way: on a two-way line frames would reach a decoder unopened. */
export const oneWayOnly = (sdp: string): boolean =>
  linesOf(sdp).every((line) => line.direction !== 'sendrecv');
