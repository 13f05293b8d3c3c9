/** The key by which push services know this installation (VAPID): made at first start, kept sealed under the first clinic's key. */
import { existsSync, linkSync, readFileSync, rmSync } from 'node:fs';
import webPush from 'web-push';
import { durableWrite } from '../files.ts';
import type { DataKey } from '../keys/data-key.ts';
import type { SealedStore } from '../keys/sealed-store.ts';
import { aad, kidOf, open, seal } from '../seal/index.ts';

/** Base64url, as the Push API and the VAPID header want them [RFC 8292 3.2]. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

const bind = aad('vapid');

/**
 * Reads the pair, or makes it. Two processes that start at once end with the same one: whoever links its file first wins.
 * @throws SealBroken when the file is not ours
 */
export async function vapidKeys(file: string, key: () => Promise<DataKey>): Promise<VapidKeys> {
  const own = await key();
  if (!existsSync(file)) {
    const made = `${file}.${process.pid}.made`;
    durableWrite(made, seal(JSON.stringify(webPush.generateVAPIDKeys()), own, bind), 0o600);
    try {
      linkSync(made, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(made, { force: true });
    }
  }
  return JSON.parse(open(readFileSync(file), own, bind).toString('utf8')) as VapidKeys;
}

/** The file, for rotations of keys. @param home the tenant whose key it lies under */
export function sealedVapid(file: string, home: number): SealedStore {
  return {
    name: 'vapid',
    fate: 'resealed',
    outside: true,
    census: (_db, tenant) =>
      Promise.resolve(
        tenant === home && existsSync(file)
          ? new Map([[kidOf(readFileSync(file)), 1]])
          : new Map<string, number>(),
      ),
    async reseal({ keys, tenant }) {
      if (tenant !== home || !existsSync(file)) return { seen: 0, moved: 0, busy: 0 };
      const own = await keys.tenant(tenant);
      const sealed = readFileSync(file);
      if (kidOf(sealed) === own.kid) return { seen: 1, moved: 0, busy: 0 };
      durableWrite(file, seal(open(sealed, own, bind), own, bind), 0o600);
      return { seen: 1, moved: 1, busy: 0 };
    },
  };
}
