/** Keeps the write-ahead archive within its bound: the oldest segments go first. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** 64 segments of 16 MiB = 1 GiB: what a clinic writes in weeks. Backups copy segments away before they are old. */
export const archiveSegments = 64;

/** Removes all but the newest `keep` segments (names order by time within a timeline). Returns how many went. */
export function pruneArchive(folder: string, keep = archiveSegments): number {
  const segments = readdirSync(folder)
    .filter((name) => /^[0-9A-F]{24}$/.test(name))
    .sort();
  const old = segments.slice(0, Math.max(0, segments.length - keep));
  for (const name of old) rmSync(join(folder, name), { force: true });
  return old.length;
}
