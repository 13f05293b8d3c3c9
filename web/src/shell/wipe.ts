/** Forgets what this device kept of a person: answers, drafts, files of the shell. For a device that was signed out from afar. */
import type { QueryClient } from '@tanstack/react-query';
import { sessionEnded } from './session.ts';

const quietly = async (work: () => Promise<unknown> | void): Promise<void> => {
  try {
    await work();
  } catch {
    // Storage that is switched off holds nothing.
  }
};

async function wipeStores(): Promise<void> {
  await quietly(() => localStorage.clear());
  await quietly(() => sessionStorage.clear());
  await quietly(async () => {
    for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
  });
  await quietly(async () => {
    for (const name of await caches.keys()) await caches.delete(name);
  });
  await quietly(async () => {
    for (const worker of await navigator.serviceWorker.getRegistrations())
      await worker.unregister();
  });
}

/** The server says so too (`Clear-Site-Data`); a browser that does not know that header is wiped here. */
export function wipeDevice(client: QueryClient): void {
  sessionEnded(client, 'revoked');
  client.clear();
  client.setQueryData(['me'], null);
  void wipeStores();
}
