/** Files that must survive a power cut: written beside, synced, renamed into place, and the folder synced. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder (and its parents) durable with the given rights. */
export function durableFolder(path: string, mode = 0o700): void {
  if (mkdirSync(path, { recursive: true, mode })) syncFolder(dirname(path));
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Replaces the file's content in one step: a reader or a crash sees the old content or the new, never a part. */
export function durableWrite(path: string, content: string | Buffer, mode = 0o600): void {
  const beside = `${path}.${process.pid}.new`;
  const file = openSync(beside, 'w', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncFolder(dirname(path));
}
