/** The log on a disk that has no room: the server goes on, and says what it could not write down. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileWriter } from './open-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'afar-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes lines at the end of the file', () => {
  const path = join(folder, 'afar.log');
  fileWriter(path)('one\n');
  fileWriter(path)('two\nthree\n');
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
});

it('a full disk ends nothing', () => {
  const path = join(folder, 'afar.log');
  // Every write to it fails with ENOSPC [full(4)].
  symlinkSync('/dev/full', path);
  const write = fileWriter(path);
  expect(() => {
    write('lost\nlost too\n');
    write('lost as well\n');
  }).not.toThrow();
  unlinkSync(path);
});
