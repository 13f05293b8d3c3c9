/** Where things stand in the columns of a calendar: their piece of each day, and side by side where they meet. Pure. */
import { addDays, dayKey, startOfDay } from '../kit/time.ts';
import { dayMinutes, wallMinutes } from './wall.ts';

/** Ms since epoch, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A piece of a span on one day, in marks of the wall clock. */
export interface Piece {
  day: string;
  from: number;
  to: number;
  /** It began before this day, goes on after it. */
  begun: boolean;
  goesOn: boolean;
}

/** Fewer marks than this cannot be read or touched: a visit of five minutes is drawn as long as one of twenty. */
const leastMarks = 20;

/** The pieces of a span, one a day it touches, in order. */
export function piecesOf({ start, end }: Span, zone: string): Piece[] {
  const pieces: Piece[] = [];
  const last = dayKey(Math.max(start, end - 1), zone);
  for (let day = dayKey(start, zone); day <= last; day = addDays(day, 1)) {
    const dayStart = startOfDay(day, zone);
    const dayEnd = startOfDay(addDays(day, 1), zone);
    const begun = start < dayStart;
    const goesOn = end > dayEnd;
    const from = begun ? 0 : wallMinutes(start, zone);
    // While the clock goes back an end can stand above its start: then its length is drawn.
    const length = (Math.min(end, dayEnd) - Math.max(start, dayStart)) / 60_000;
    const shown = end >= dayEnd ? dayMinutes : wallMinutes(end, zone);
    const to = Math.min(dayMinutes, shown > from ? shown : from + length);
    pieces.push({ day, from, to, begun, goesOn });
  }
  return pieces;
}

export interface Placed<T> {
  item: T;
  piece: Piece;
  /** Which of `lanes` side by side, from 0. */
  lane: number;
  lanes: number;
}

/** The pieces of one day side by side where their drawings would meet. */
export function sideBySide<T>(pieces: readonly { item: T; piece: Piece }[]): Placed<T>[] {
  const sorted = pieces.toSorted(
    (one, other) => one.piece.from - other.piece.from || other.piece.to - one.piece.to,
  );
  const placed: Placed<T>[] = [];
  let group: Placed<T>[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const one of group) one.lanes = ends.length;
    group = [];
    ends = [];
  };
  for (const { item, piece } of sorted) {
    if (ends.every((end) => end <= piece.from)) close();
    const free = ends.findIndex((end) => end <= piece.from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = Math.max(piece.to, piece.from + leastMarks);
    const one = { item, piece, lane, lanes: 1 };
    group.push(one);
    placed.push(one);
  }
  close();
  return placed;
}

/** Seven days from the Monday (or Sunday, as the reader's week begins) on or before a day. */
export function weekOf(day: string, firstDay: number): string[] {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay() || 7;
  const first = addDays(day, -((weekday - firstDay + 7) % 7));
  return Array.from({ length: 7 }, (_, index) => addDays(first, index));
}
