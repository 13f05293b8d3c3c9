/** The house for a command: beside a running server, or with a database that is started for the command and stopped after it. */
import { openLog } from '../open-log.ts';
import type { Config } from '../config.ts';
import { claimFolder, FolderTaken, openDataFolder } from '../data-folder.ts';
import { openDatabase, type Database } from '../database.ts';
import { everyTenant, within } from '@afar/platform';
import { openHouse, type House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';

/** Opens the database, does the work, and stops what was started for it. */
export async function withDatabase<T>(
  config: Config,
  work: (database: Database, beside: boolean) => Promise<T>,
): Promise<T> {
  const folder = openDataFolder(config.data);
  const log = openLog({ ...config, log: 'file' });
  let giveBack: (() => void) | undefined;
  if (config.databaseUrl === undefined)
    try {
      giveBack = claimFolder(folder.path, 'an afar command');
    } catch (error) {
      // A running server holds it: its PostgreSQL serves us as well, and is its own to stop.
      if (!(error instanceof FolderTaken) || error.what !== 'an Afar server') throw error;
    }
  const beside = config.databaseUrl === undefined && giveBack === undefined;
  const opening = openDatabase(config, folder, log);
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= opening.then(
      (database) => (beside ? undefined : database.stop()),
      // What failed to open has stopped what it had started.
      () => undefined,
    ));
  // A command that is broken off leaves no process either; what it was writing is rolled back, and run again it goes on.
  const brokenOff = (signal: NodeJS.Signals) => {
    void stop().finally(() => {
      giveBack?.();
      log.flush();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, brokenOff);
  try {
    return await work(await opening, beside);
  } finally {
    await stop();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, brokenOff);
    giveBack?.();
    log.flush();
  }
}

/** The same with the rooms on top, access and records started; the work is the chosen tenant's. */
export function withHouse<T>(
  config: Config,
  work: (house: House, database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(config, async (database) => {
    const folder = openDataFolder(config.data);
    const log = openLog({ ...config, log: 'file' });
    const baseUrl = config.baseUrl ?? 'http://localhost';
    const house = await openHouse({ config, baseUrl, folder, database, log });
    try {
      const tenant = chosenTenant();
      if (!house.tenants.list().some(({ id }) => id === tenant))
        throw new Error(`there is no tenant ${tenant}`);
      await everyTenant(() => house.access.start());
      try {
        await everyTenant(() => house.records.start());
        try {
          return await within(tenant, () => work(house, database));
        } finally {
          await house.records.stop();
        }
      } finally {
        await house.access.stop();
      }
    } finally {
      await house.close();
      log.flush();
    }
  });
}
