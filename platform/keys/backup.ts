/** Copies of the keystore: whole, sealed once more under the key provider, apart from any copy of the database. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { durableWrite } from '../files.ts';
import type { KeyAdmin } from './admin.ts';
import { KeyUnavailable } from './errors.ts';
import type { KeyProvider } from './provider.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

const format = 'afar keystore backup 1';

export interface BackupHead {
  format: string;
  /** ms since epoch. */
  at: number;
  provider: string;
  /** The key it is sealed under, as the provider wrapped it, base64. */
  wrapped: string;
  /** Wrapping epoch by clinic: after an erasure the copy is of a past epoch, and of no use. */
  epochs: Record<string, number>;
}

const contextOf = (at: number) => `keystore backup ${at}`;

/**
 * Writes a copy of the keystore as it is now, mode 0600.
 * @throws Error when the file is there already; KeyUnavailable
 */
export async function backupKeystore(
  admin: KeyAdmin,
  file: string,
  at: number,
): Promise<BackupHead> {
  if (existsSync(file)) throw new Error(`${file} is there already`);
  const { store, providers } = admin;
  const copy = join(
    dirname(store.path),
    `.backup-${process.pid}-${randomBytes(4).toString('hex')}`,
  );
  let content: Buffer;
  try {
    // One consistent state, without the log and without what was deleted.
    store.db.prepare('vacuum into ?').run(copy);
    content = readFileSync(copy);
  } finally {
    rmSync(copy, { force: true });
  }
  const secret = randomBytes(32);
  const { provider, wrapped } = await providers.wrap(secret, contextOf(at));
  const head: BackupHead = {
    format,
    at,
    provider,
    wrapped: Buffer.from(wrapped).toString('base64'),
    epochs: Object.fromEntries(
      admin.tenants().map((tenant) => [tenant, store.wrapping(tenant)!.epoch]),
    ),
  };
  const line = JSON.stringify(head);
  const sealed = wrapKey(createSecretKey(secret), content, line);
  secret.fill(0);
  durableWrite(file, Buffer.concat([Buffer.from(`${line}\n`), sealed]), 0o600);
  admin.setFact('backup', JSON.stringify({ at, epochs: head.epochs }));
  return head;
}

/**
 * Puts a copy in the place of a keystore that is not there. The processes of the installation must not run.
 * @throws Error when there is a keystore, when the file is no backup, or when it was altered; KeyUnavailable
 */
export async function restoreKeystore(
  dir: string,
  file: string,
  providerOf: readonly KeyProvider[],
): Promise<BackupHead> {
  const path = join(dir, 'keystore.sqlite');
  if (existsSync(path)) throw new Error(`there is a keystore in ${dir}: move it away first`);
  const content = readFileSync(file);
  const end = content.indexOf('\n');
  const line = content.toString('utf8', 0, Math.max(end, 0));
  const head = parsed(line);
  if (!head) throw new Error(`${file} is no backup of a keystore`);
  const provider = providerOf.find((one) => one.id === head.provider);
  if (!provider)
    throw new KeyUnavailable(`the backup was sealed by ${head.provider}, which is not configured`);
  const secret = await provider.unwrap(Buffer.from(head.wrapped, 'base64'), contextOf(head.at));
  let plain: Buffer;
  try {
    plain = unwrapKey(createSecretKey(secret), content.subarray(end + 1), line);
  } catch (cause) {
    throw new Error(`${file} is damaged or was altered`, { cause });
  } finally {
    secret.fill(0);
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  durableWrite(path, plain, 0o600);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const { integrity_check: said } = db.prepare('pragma integrity_check').get() as {
      integrity_check: string;
    };
    if (said !== 'ok') throw new Error(`the restored keystore is damaged: ${said}`);
  } finally {
    db.close();
  }
  return head;
}

function parsed(line: string): BackupHead | undefined {
  try {
    const head = JSON.parse(line) as BackupHead;
    return head.format === format ? head : undefined;
  } catch {
    return undefined;
  }
}
