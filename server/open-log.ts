/** Where the log goes: standard output, or a file in the data folder that is kept within a bound. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLog, durableFolder, type FullLog } from '@afar/platform';
import type { Config } from './config.ts';

/** 20 MiB: some days of a clinic's requests; one older file is kept. */
const biggest = 20 * 1024 * 1024;

function fileWriter(path: string): (lines: string) => void {
  const open = () => openSync(path, 'a', 0o600);
  let file = open();
  let size = fstatSync(file).size;
  return (lines) => {
    if (size > biggest) {
      closeSync(file);
      renameSync(path, `${path}.1`);
      file = open();
      size = 0;
    }
    size += writeSync(file, lines);
  };
}

/** Opens the log that the configuration asks for. */
export function openLog(config: Pick<Config, 'log' | 'logLevel' | 'data'>): FullLog {
  if (config.log === 'stdout') return createLog({ level: config.logLevel });
  durableFolder(config.data, 0o711);
  return createLog({ level: config.logLevel, write: fileWriter(join(config.data, 'afar.log')) });
}
