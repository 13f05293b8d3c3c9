/** A recording that went on after a pause or a crash is several films in a row: where each begins. Pure. */

/** [RFC 8794 11.2.4] What every WebM begins with. */
const webm = [0x1a, 0x45, 0xdf, 0xa3];

/** A film's first bytes: WebM by its header, MP4 by its first box [ISO 14496-12 4.3]. */
export function beginsFilm(bytes: ArrayBuffer): boolean {
  const head = new Uint8Array(bytes, 0, Math.min(8, bytes.byteLength));
  if (webm.every((byte, at) => head[at] === byte)) return true;
  return String.fromCharCode(...head.subarray(4, 8)) === 'ftyp';
}

/**
 * The chunks of each film. What stands before the first beginning cannot be shown and goes with it; after one that was left out (undefined)
 * nothing can be shown until the next film begins.
 */
export function filmsIn(chunks: readonly (ArrayBuffer | undefined)[]): ArrayBuffer[][] {
  const films: ArrayBuffer[][] = [];
  let torn = false;
  for (const chunk of chunks) {
    const last = films.at(-1);
    if (!chunk) torn = true;
    else if (beginsFilm(chunk) || (!last && !torn)) {
      torn = false;
      films.push([chunk]);
    } else if (!torn) last!.push(chunk);
  }
  return films;
}
