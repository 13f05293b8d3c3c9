/** The database of this installation: the embedded one or a server of one's own, with its roles, up to date. */
import { accessMigrations } from '@afar/access';
import { exchangeMigrations } from '@afar/exchange';
import {
  databasePasswords,
  migrate,
  provision,
  pruneArchive,
  startCluster,
  type DatabaseUrls,
  type Log,
  type Migrations,
} from '@afar/platform';
import { enrolmentMigrations } from '@afar/enrolment';
import { messagingMigrations } from '@afar/messaging';
import { recordsMigrations } from '@afar/records';
import { sharingMigrations } from '@afar/sharing';
import { terminologyMigrations } from '@afar/terminology';
import { visitsMigrations } from '@afar/visits';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';

/** Every room with tables, in the order of their imports. */
export const rooms: Migrations[] = [
  accessMigrations,
  recordsMigrations,
  terminologyMigrations,
  exchangeMigrations,
  visitsMigrations,
  sharingMigrations,
  enrolmentMigrations,
  messagingMigrations,
];

export interface Database {
  urls: DatabaseUrls;
  /** The superuser of the embedded cluster, or the DATABASE_URL. */
  adminUrl: string;
  embedded: boolean;
  /** True when the embedded PostgreSQL ran already. */
  adopted: boolean;
  stop(): Promise<void>;
  /** Immediate shutdown of the embedded PostgreSQL, not waited for. */
  abandon(): void;
}

const pruneEveryMs = 60_000;

/** Starts or adopts what is needed, makes the roles, runs the migrations. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl'>,
  folder: DataFolder,
  log: Log,
): Promise<Database> {
  const passwords = databasePasswords(folder.keys);
  if (config.databaseUrl !== undefined) {
    const urls = await provision(config.databaseUrl, passwords);
    await migrate(urls.owner, rooms, log);
    return {
      urls,
      adminUrl: config.databaseUrl,
      embedded: false,
      adopted: true,
      stop: () => Promise.resolve(),
      abandon: () => undefined,
    };
  }
  const cluster = await startCluster({
    folder: folder.database,
    adminPassword: passwords.admin,
    log,
  });
  try {
    const urls = await provision(cluster.adminUrl, passwords, 'afar');
    await migrate(urls.owner, rooms, log);
    const prune = setInterval(() => pruneArchive(cluster.archive), pruneEveryMs);
    prune.unref();
    return {
      urls,
      adminUrl: cluster.adminUrl,
      embedded: true,
      adopted: cluster.adopted,
      async stop() {
        clearInterval(prune);
        await cluster.stop();
      },
      abandon: () => cluster.abandon(),
    };
  } catch (error) {
    // What this start began, it ends; an orphan it found keeps running for the next try.
    if (!cluster.adopted) await cluster.stop();
    throw error;
  }
}
