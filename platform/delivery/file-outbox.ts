/** An outbox of sealed files: where mail goes when no gateway is configured, as in the demo. */
import { randomUUID } from 'node:crypto';
import { mkdir, open as openFile, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataKey } from '../keys/data-key.ts';
import { aad, open, seal } from '../seal/index.ts';
import type { Delivery, Mail, Push, Sms } from './delivery.ts';

/** A message in the outbox, as a reader with the key sees it. */
export type Delivered = { id: string; at: number } & (
  | ({ kind: 'mail' } & Mail)
  | ({ kind: 'sms' } & Sms)
  | ({ kind: 'push' } & Push)
);

export interface Outbox extends Delivery {
  /** Everything in the outbox, oldest first. Throws SealBroken on a file that is not ours. */
  read(): Promise<Delivered[]>;
}

export interface OutboxOptions {
  dir: string;
  /** The key to seal under: a clinic's own. Asked for at every use, so that its lifetime holds. */
  key(): Promise<DataKey>;
  clock: { now(): number };
}

const bind = (name: string) => aad('outbox', name);

/**
 * Keeps every message as one file, sealed whole: neither an address nor a subject is in the clear.
 * A message is synced to the disk before its promise resolves.
 */
export function fileOutbox({ dir, key, clock }: OutboxOptions): Outbox {
  // Messages of one millisecond keep their order.
  let serial = 0;

  async function put(kind: Delivered['kind'], message: Mail | Sms | Push): Promise<void> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const at = clock.now();
    const id = randomUUID();
    const order = String(serial++ % 1_000_000).padStart(6, '0');
    const name = `${String(at).padStart(15, '0')}-${order}-${id}`;
    const sealed = seal(JSON.stringify({ id, at, kind, ...message }), await key(), bind(name));
    const temporary = join(dir, `.${name}`);
    const file = await openFile(temporary, 'wx', 0o600);
    try {
      await file.writeFile(sealed);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(dir, `${name}.sealed`));
    const folder = await openFile(dir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  return {
    channels: ['mail', 'sms', 'push'],
    close: () => undefined,
    mail: ({ to, subject, text, unsubscribe }) =>
      put('mail', { to, subject, text, ...(unsubscribe && { unsubscribe }) }),
    sms: ({ to, text }) => put('sms', { to, text }),
    push: ({ to, title, text, url }) => put('push', { to, title, text, ...(url && { url }) }),
    async read() {
      const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const opener = await key();
      const messages: Delivered[] = [];
      for (const file of names.filter((one) => one.endsWith('.sealed')).sort()) {
        const plain = open(await readFile(join(dir, file)), opener, bind(file.slice(0, -7)));
        messages.push(JSON.parse(plain.toString()) as Delivered);
      }
      return messages;
    },
  };
}
