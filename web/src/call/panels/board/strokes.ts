/** Strokes on the common board: their numbers, who may take which away, what comes from other browsers made sure of. Pure. */

/** Coordinates run from 0 to this on both sides of the surface, whatever size it has on a screen. */
export const span = 10_000;
/** Of one person, so that nobody fills another's memory. */
const mostStrokes = 300;
const mostNumbers = 6_000;

export type Tool = 'pen' | 'arrow';

export interface Stroke {
  id: string;
  /** Peer who drew it. */
  from: string;
  tool: Tool;
  /** x, y, x, y, ... */
  points: readonly number[];
}

/** What is drawn on: nothing, somebody's screen, somebody's camera. */
export type Surface = { kind: 'blank' } | { kind: 'screen' | 'camera'; peer: string };

const isPoint = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= span;

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{1,40}$/.test(value);

/** A piece of a stroke as another browser tells it; undefined when it is none. */
export function readPiece(
  said: Record<string, unknown>,
): { id: string; tool: Tool; at: number; points: number[] } | undefined {
  const { id, tool, at, p } = said;
  if (!isId(id) || (tool !== 'pen' && tool !== 'arrow') || !Array.isArray(p)) return undefined;
  if (typeof at !== 'number' || !Number.isInteger(at) || at < 0 || p.length % 2 === 1)
    return undefined;
  return p.every(isPoint) ? { id, tool, at, points: p } : undefined;
}

export function readSurface(said: Record<string, unknown>): Surface | undefined {
  const { kind, peer } = said;
  if (kind === 'blank') return { kind };
  return (kind === 'screen' || kind === 'camera') && isId(peer) ? { kind, peer } : undefined;
}

/** The strokes with one more piece: of a pen added at its place, of an arrow in place of the former end. */
export function withPiece(
  strokes: readonly Stroke[],
  from: string,
  piece: { id: string; tool: Tool; at: number; points: readonly number[] },
): readonly Stroke[] {
  const at = strokes.findIndex((one) => one.id === piece.id && one.from === from);
  if (at < 0) {
    const own = strokes.filter((one) => one.from === from).length;
    if (own >= mostStrokes) return strokes;
    return [...strokes, { id: piece.id, from, tool: piece.tool, points: piece.points }];
  }
  const before = strokes[at]!;
  const kept = before.points.slice(0, piece.at);
  if (kept.length + piece.points.length > mostNumbers) return strokes;
  return strokes.with(at, { ...before, points: [...kept, ...piece.points] });
}

/** Everybody takes away her own; the clinician everybody's. */
export const cleared = (
  strokes: readonly Stroke[],
  from: string,
  everybodys: boolean,
): readonly Stroke[] => (everybodys ? [] : strokes.filter((one) => one.from !== from));

export const without = (strokes: readonly Stroke[], from: string, id: string): readonly Stroke[] =>
  strokes.filter((one) => one.from !== from || one.id !== id);

/** How many of each, in the order in which they began. */
export function authorsOf(strokes: readonly Stroke[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { from } of strokes) counts.set(from, (counts.get(from) ?? 0) + 1);
  return counts;
}
