/** What lies in the object store under which key, for rotations of keys: the header of each object names it. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedStore } from '../keys/sealed-store.ts';
import { withHyphens } from '../keys/sealed-store.ts';
import { HEADER } from './chunks.ts';

/** Objects are not sealed anew: the key of one stays as long as the object. */
export function sealedObjects(dir: string): SealedStore {
  return {
    name: 'objects',
    fate: 'kept',
    outside: true,
    async census(_db, tenant) {
      const kids = new Map<string, number>();
      const folder = join(dir, String(tenant));
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return [];
          throw error;
        },
      );
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const file = await open(join(entry.parentPath, entry.name), 'r');
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER), 0, HEADER, 0);
          if (bytesRead < HEADER) continue;
          // magic 4 | kid 16 | salt 32
          const kid = withHyphens(buffer.toString('hex', 4, 20));
          kids.set(kid, (kids.get(kid) ?? 0) + 1);
        } finally {
          await file.close();
        }
      }
      return kids;
    },
  };
}
