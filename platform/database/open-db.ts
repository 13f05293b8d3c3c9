/** The database as the application sees it: the rows of the tenant that the present work was declared to reach, and no others. */
import type { Log } from '../log.ts';
import { reach } from '../tenancy.ts';
import { openPool } from './pool.ts';
import type { Db } from './sql.ts';
import { houseUrl } from './url.ts';

export interface DbOptions {
  /** Connections at most, two for short reads not counted. Default 16: about what two cores keep busy. */
  max?: number;
  /** Longest wait for a free connection, ms. Default 5,000. */
  acquireMs?: number;
  /** Longest statement, ms. Default 30,000. */
  statementMs?: number;
  /** Longest wait for a lock, ms. Default 10,000. */
  lockMs?: number;
  /** Shown in pg_stat_activity. */
  application?: string;
  log?: Log;
  /**
   * The tenant of work that declared none: the only one, while there is one. Without it, and with several tenants, such work
   * sees no row of any [decision 11].
   */
  home?: () => number | undefined;
}

/** Connections of the house's own work: the feed, the trail's chain, sweeps, jobs. */
const houseMax = 6;

/**
 * Opens a pool on a connection string. Connects at the first query, not before.
 *
 * As `afar_app` each statement is sent on a connection that bears the tenant of the work it belongs to (`within`); the house's
 * own work (`everyTenant`) goes by connections of the role `afar_house`, which row-level security lets see all. Any other role
 * is taken as it is.
 * @throws nothing now: a database that is down shows at the first query as `Unavailable`
 */
export function openDb(url: string, opts: DbOptions = {}): Db {
  const ofHouse = houseUrl(url);
  if (ofHouse === undefined) return openPool(url, opts, () => undefined);
  const app = openPool(url, opts, () => {
    const declared = reach() ?? opts.home?.();
    return declared === undefined ? '' : String(declared);
  });
  let house: Db | undefined;
  const here = (): Db =>
    reach() === 'every'
      ? (house ??= openPool(ofHouse, { ...opts, max: houseMax }, () => undefined))
      : app;
  return {
    query: (sql, values) => here().query(sql, values),
    tx: (work, options) => here().tx(work, options),
    async close() {
      await Promise.all([app.close(), house?.close()]);
    },
  };
}
