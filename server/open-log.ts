/** Where the log goes: standard output, or a file in the data folder that is kept within a bound. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLog, durableFolder, type FullLog } from '@afar/platform';
import type { Config } from './config.ts';

/** 20 MiB: some days of a clinic's requests; one older file is kept. */
const biggest = 20 * 1024 * 1024;

/**
 * Appends to a file. A full disk takes lines from the log, never the server down: what was lost is counted, and said when
 * there is room again.
 */
export function fileWriter(path: string): (lines: string) => void {
  const open = () => openSync(path, 'a', 0o600);
  let file = open();
  let size = fstatSync(file).size;
  let lost = 0;
  const put = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    size += bytes.length;
  };
  return (lines) => {
    try {
      if (size > biggest) {
        renameSync(path, `${path}.1`);
        const next = open();
        closeSync(file);
        file = next;
        size = 0;
      }
      if (lost > 0) {
        const msg = 'lines of the log were lost: the disk was full or broken';
        put(`${JSON.stringify({ time: new Date().toISOString(), level: 'error', lost, msg })}\n`);
        lost = 0;
      }
      put(lines);
    } catch {
      lost += lines.split('\n').length - 1;
    }
  };
}

/** Opens the log that the configuration asks for. */
export function openLog(config: Pick<Config, 'log' | 'logLevel' | 'data'>): FullLog {
  if (config.log === 'stdout') return createLog({ level: config.logLevel });
  durableFolder(config.data, 0o711);
  return createLog({ level: config.logLevel, write: fileWriter(join(config.data, 'afar.log')) });
}
