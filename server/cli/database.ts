/** The commands about the database: its state, its migrations. */
import { join } from 'node:path';
import { openDb } from '@afar/platform';
import type { Config } from '../config.ts';
import { mediaLines, readNumbers } from '../media-status.ts';
import { withDatabase } from './open.ts';

/** Prints what runs and which migrations there are. */
export function statusCommand(config: Config): Promise<number> {
  return withDatabase(config, async (database, beside) => {
    const db = openDb(database.urls.owner, { max: 1, application: 'afar-status' });
    try {
      const server = await db.query<{ version: string; size: number }>(
        `select current_setting('server_version') as version, pg_database_size(current_database()) as size`,
      );
      const migrations = await db.query<{ room: string; last: string; count: number }>(
        `select room, max(name) as last, count(*) as count from platform.migration group by room order by room`,
      );
      const { version, size } = server.rows[0]!;
      console.log(`data        ${config.data}`);
      console.log(`server      ${beside ? 'runs' : 'does not run here'}`);
      console.log(
        `PostgreSQL  ${version}, ${database.embedded ? 'embedded' : 'your own'}, ${(size / 1e6).toFixed(1)} MB`,
      );
      for (const [what, how] of mediaLines(readNumbers(join(config.data, 'media'))))
        console.log(`${what.padEnd(11)} ${how}`);
      for (const { room, last, count } of migrations.rows)
        console.log(`${room.padEnd(11)} ${count} migrations, last ${last}`);
      return 0;
    } finally {
      await db.close();
    }
  });
}

/** Opening the database migrates it; this says so. */
export function migrateCommand(config: Config): Promise<number> {
  return withDatabase(config, () => {
    console.log('The database is up to date.');
    return Promise.resolve(0);
  });
}
