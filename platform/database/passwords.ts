/** The database roles' passwords: random, made once, kept in the keys folder beside no data. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durableFolder, durableWrite } from '../files.ts';

export interface DatabasePasswords {
  /** Names this installation, so that two of them never change each other's roles on one server. */
  installation: string;
  /** Superuser of the embedded cluster; unused with a database of one's own. */
  admin: string;
  owner: string;
  app: string;
  audit: string;
}

const made = (): string => randomBytes(32).toString('base64url');

/** Reads `<keysFolder>/database.json`, or makes it (mode 0600, durable before it is used). */
export function databasePasswords(keysFolder: string): DatabasePasswords {
  const path = join(keysFolder, 'database.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DatabasePasswords;
  durableFolder(keysFolder, 0o700);
  const fresh: DatabasePasswords = {
    installation: randomUUID(),
    admin: made(),
    owner: made(),
    app: made(),
    audit: made(),
  };
  durableWrite(path, JSON.stringify(fresh, null, 2) + '\n', 0o600);
  return fresh;
}
