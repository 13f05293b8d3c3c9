/** The shapes every room speaks to the database with: a statement, something to query, a database with transactions. */

/** One statement. A `name` makes it a prepared statement of the connection: use one name for one text only. */
export interface Sql {
  name?: string;
  text: string;
  values?: unknown[];
  /**
   * A short read that waits for no lock: it may stand in line with a few others on one connection. Of no effect inside a
   * transaction.
   */
  inLine?: true;
  /** Rows as lists of their columns: for statements that give many rows. */
  rowMode?: 'array';
}

export interface Answer<R> {
  rows: R[];
  rowCount: number;
}

export interface Queryable {
  /**
   * Runs one statement. int8 comes back as a number when it is a safe integer, else as a decimal string; bytea as a Buffer.
   * @throws Unavailable when the database is down, exhausted or too slow
   */
  query<R extends object = Record<string, unknown>>(
    sql: Sql | string,
    values?: unknown[],
  ): Promise<Answer<R>>;
}

export interface TxOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How often the work is run again after a serialization failure (40001) or a deadlock (40P01). Default 5. */
  retries?: number;
}

export interface Db extends Queryable {
  /**
   * Runs `work` in one transaction and commits it; the work may run more than once, so it must have no effect of its own.
   * @throws Unavailable when the database is down, exhausted or too slow
   */
  tx<T>(work: (tx: Queryable) => Promise<T>, opts?: TxOptions): Promise<T>;
  close(): Promise<void>;
}
