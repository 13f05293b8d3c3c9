/** Short reads of one turn of the event loop, a few on one connection: a write to a socket and the wake of a backend cost more than they do. */
import type pg from 'pg';
import type { Answer, Sql } from './sql.ts';

/** Statements behind one another on one connection: the last waits for three short ones at most. */
const most = 4;

interface Waiter {
  sql: Sql;
  resolve(answer: Answer<object>): void;
  reject(error: unknown): void;
}

/** What the wire of a client can do: hold back what is written, to send it at once. */
interface Wire {
  connection?: { stream?: { cork?(): void; uncork?(): void } };
}

/**
 * Each statement stays its own transaction and fails alone; only the way there is shared.
 * @param acquire a connection of the pool
 * @param run one statement on it
 */
export function inLine(
  acquire: () => Promise<pg.PoolClient>,
  run: (client: pg.ClientBase, sql: Sql) => Promise<Answer<object>>,
): <R extends object>(sql: Sql) => Promise<Answer<R>> {
  let waiting: Waiter[] = [];

  async function send(batch: Waiter[]): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await acquire();
    } catch (error) {
      for (const one of batch) one.reject(error);
      return;
    }
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    const stream = (client as Wire).connection?.stream;
    stream?.cork?.();
    const all = batch.map(({ sql, resolve, reject }) => run(client, sql).then(resolve, reject));
    stream?.uncork?.();
    await Promise.all(all);
    client.off('error', onError);
    client.release(broken);
  }

  return <R extends object>(sql: Sql) =>
    new Promise<Answer<R>>((resolve, reject) => {
      if (waiting.length === 0)
        setImmediate(() => {
          const all = waiting;
          waiting = [];
          for (let at = 0; at < all.length; at += most) void send(all.slice(at, at + most));
        });
      waiting.push({ sql, resolve: resolve as Waiter['resolve'], reject });
    });
}
