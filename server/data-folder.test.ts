/** Who works on a data folder: one at a time, and the dead do not count. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimFolder, FolderTaken, openDataFolder } from './data-folder.ts';
import { demoSecrets, demoSecretsFile } from './demo-secrets.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'afar-folder-'));
});
afterEach(() => rmSync(path, { recursive: true }));

it('has the rights that keep others out of its parts, whatever they were before', () => {
  writeFileSync(join(path, 'x'), '');
  const folder = openDataFolder(join(path, 'data'));
  const modes = [folder.path, folder.database, folder.keys, folder.objects, folder.audit].map(
    (one) => statSync(one).mode & 0o777,
  );
  expect(modes).toEqual([0o711, 0o700, 0o700, 0o700, 0o700]);
});

it('belongs to one process at a time, until it gives it back', () => {
  const giveBack = claimFolder(path, 'an Afar server');
  expect(() => claimFolder(path, 'an afar command')).toThrow(FolderTaken);
  expect(() => claimFolder(path, 'an afar command')).toThrow(`process ${process.pid}`);
  giveBack();
  claimFolder(path, 'an afar command')();
});

it.each([
  ['a process that is gone', { pid: 2 ** 22 + 5, began: '1', what: 'an Afar server' }],
  ['an earlier process with our number', { pid: process.pid, began: '1', what: 'an Afar server' }],
])('is free when its holder is %s', (_what, holder) => {
  writeFileSync(join(path, 'afar.pid'), JSON.stringify(holder));
  expect(() => claimFolder(path, 'an Afar server')()).not.toThrow();
});

it('is free when the file of its holder is broken', () => {
  writeFileSync(join(path, 'afar.pid'), '{"pid":');
  expect(() => claimFolder(path, 'an Afar server')()).not.toThrow();
});

it('demo secrets stay when asked for again, follow the address, and add what is new', () => {
  const account = { key: 'a', role: 'nurse' as const, name: 'A', locale: 'en', zone: 'UTC' };
  const one = [{ ...account, email: 'a@example.org' }];
  const first = demoSecrets(path, 'http://localhost:1', one);
  const two = [...one, { ...account, role: 'patient' as const, email: 'b@example.org' }];
  const second = demoSecrets(path, 'http://localhost:2', two);
  expect(second.accounts[0]).toEqual(first.accounts[0]);
  expect(second.client).toEqual({ ...first.client, tokenUrl: 'http://localhost:2/oauth/token' });
  expect(second.fhirUrl).toBe('http://localhost:2/fhir/R4');
  expect(second.accounts[1]!.totpSecret).toBeNull();
  expect(first.accounts[0]!.totpSecret).toMatch(/^[A-Z2-7]{32}$/);
  expect(statSync(demoSecretsFile(path)).mode & 0o777).toBe(0o600);
});
