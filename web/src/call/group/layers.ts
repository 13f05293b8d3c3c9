/** Who is wanted how large: the speaker well, the others small, hidden ones not at all, within what the line takes. Pure. */
import type { Layer } from '@afar/visits/contract';

/** One picture of somebody as it stands on screen. */
export interface Tile {
  peer: string;
  kind: 'video' | 'screen';
  /** Of the tile, in pixels of the device; 0 when it is scrolled away or not drawn. */
  height: number;
}

/** How it went since the last look. */
export interface Arrived {
  /** 0..1 of all packets that were to come. */
  loss: number;
  kbps: number;
  /** Milliseconds since the last look. */
  over: number;
}

/** What is received at most: everything, cameras small, voices and screens, voices alone. */
export const levels = ['all', 'small', 'screens', 'voices'] as const;
export type Level = (typeof levels)[number];

export interface Strain {
  level: Level;
  /** ms that have been bad, or good, in a row. */
  bad: number;
  good: number;
  /** How long it must be good before more is tried; doubles with each try that fails. */
  wait: number;
  /** ms since more was tried; a failure soon after counts against it. */
  since: number;
}

export const noStrain: Strain = { level: 'all', bad: 0, good: 0, wait: 10_000, since: 60_000 };

/** Above this voices suffer [design: 3 % is heard, 8 % cannot be talked over]. */
const lossy = 0.05;
const fine = 0.02;
/** Falling is quick, coming back is slow: a call on the edge must not flicker. */
const fallAfter = 4_000;
const longestWait = 80_000;

/** The next level of strain. Where the line takes less than asked, what does not fit is lost on the way: loss tells of it. */
export function nextStrain(before: Strain, { loss, over }: Arrived): Strain {
  const at = levels.indexOf(before.level);
  const since = before.since + over;
  if (loss > lossy) {
    const bad = before.bad + over;
    if (bad < fallAfter || at === levels.length - 1) return { ...before, bad, good: 0, since };
    const wait = since < 30_000 ? Math.min(longestWait, before.wait * 2) : before.wait;
    return { level: levels[at + 1]!, bad: 0, good: 0, wait, since };
  }
  const good = loss < fine ? before.good + over : 0;
  if (good < before.wait || at === 0) return { ...before, bad: 0, good, since };
  return { level: levels[at - 1]!, bad: 0, good: 0, wait: before.wait, since: 0 };
}

/** bit/s a stream takes about, as we send it (sfu-up.ts). */
const cost = { low: 100_000, high: 650_000, screen: 500_000 } as const;
/** A tile this tall shows that a small picture is one. */
const largeTile = 240;

export interface Wish {
  layers: Record<string, Layer>;
  screens: Record<string, Layer>;
}

export interface View {
  tiles: readonly Tile[];
  /** Who speaks, or is pinned: first in line. */
  first: string | undefined;
  level: Level;
  /** bit/s that may come. */
  budget: number;
}

/** Screens before cameras, the first before the others, larger tiles before smaller ones, until the budget is spent. */
export function layersFor({ tiles, first, level, budget }: View): Wish {
  const wish: Wish = { layers: {}, screens: {} };
  let left = budget;
  const take = (price: number): boolean => {
    if (price > left) return false;
    left -= price;
    return true;
  };
  const shown = (tile: Tile): boolean => tile.height > 0;
  for (const tile of tiles.filter(({ kind }) => kind === 'screen'))
    wish.screens[tile.peer] =
      shown(tile) && level !== 'voices' && take(cost.screen) ? 'high' : 'off';
  const cameras = tiles
    .filter(({ kind }) => kind === 'video')
    .toSorted((a, b) => rank(b, first) - rank(a, first));
  const allowed = level === 'all' || level === 'small';
  for (const tile of cameras)
    wish.layers[tile.peer] = shown(tile) && allowed && take(cost.low) ? 'low' : 'off';
  if (level !== 'all') return wish;
  for (const tile of cameras)
    if (wish.layers[tile.peer] === 'low' && tile.height >= largeTile && take(cost.high - cost.low))
      wish.layers[tile.peer] = 'high';
  return wish;
}

const rank = (tile: Tile, first: string | undefined): number =>
  tile.height + (tile.peer === first ? 100_000 : 0);
