/** The little we read and change in session descriptions. Pure. */

/** What the other end should send: Opus with forward error correction and silence not transmitted. */
export function askForResilientAudio(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\//m.exec(sdp)?.[1];
  if (!opus) return sdp;
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

/** True when every line flows one way: on a two-way line frames would reach a decoder unopened. */
export const oneWayOnly = (sdp: string): boolean =>
  linesOf(sdp).every((line) => line.direction !== 'sendrecv');
