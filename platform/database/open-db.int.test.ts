/** The database port against a real PostgreSQL: numbers, transactions, retries, and what a caller sees when it cannot serve. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../testing/index.ts';
import { openDb } from './open-db.ts';
import { databaseUrl } from './url.ts';
import { Unavailable } from './unavailable.ts';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
  await t.ownerDb.query(
    `create schema play; grant usage on schema play to afar_app;
     create table play.counter (id int primary key, n int not null);
     grant select, insert, update, delete on play.counter to afar_app`,
  );
});
afterAll(() => t.drop());

describe('numbers', () => {
  it('gives int8 as a number when exact, else as its decimal string', async () => {
    const { rows } = await t.db.query(
      `select 9007199254740991::int8 as safe, 9223372036854775807::int8 as big, array[1, -9223372036854775808]::int8[] as many`,
    );
    expect(rows[0]).toEqual({
      safe: 9007199254740991,
      big: '9223372036854775807',
      many: [1, '-9223372036854775808'],
    });
  });

  it('takes bigint and arrays of bigint', async () => {
    const { rows } = await t.db.query({
      name: 'test.bigints',
      text: 'select $1::int8 as one, $2::int8[] as many',
      values: [-(2n ** 63n), [1n, 2n ** 62n]],
    });
    expect(rows[0]).toEqual({ one: '-9223372036854775808', many: [1, '4611686018427387904'] });
  });
});

describe('transactions', () => {
  it('commit what they wrote, and nothing when the work throws', async () => {
    await t.db.tx((tx) => tx.query('insert into play.counter values (1, 0)'));
    const failed = t.db.tx(async (tx) => {
      await tx.query('update play.counter set n = 7 where id = 1');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    const { rows } = await t.db.query('select n from play.counter where id = 1');
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('refuse to commit when an error inside was swallowed', async () => {
    const swallowing = t.db.tx(async (tx) => {
      await tx.query('select 1 / 0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow(/had failed/);
  });

  it('refuse a query after their end', async () => {
    let late: (() => Promise<unknown>) | undefined;
    await t.db.tx(async (tx) => {
      late = () => tx.query('select 1');
      await tx.query('select 1');
    });
    await expect(late!()).rejects.toThrow(/has ended/);
  });

  it('run again after a serialization failure until all rivals are through', async () => {
    await t.db.query('insert into play.counter values (2, 0)');
    const add = () =>
      t.db.tx(
        async (tx) => {
          const { rows } = await tx.query<{ n: number }>('select n from play.counter where id = 2');
          await tx.query('update play.counter set n = $1 where id = 2', [rows[0]!.n + 1]);
        },
        { isolation: 'serializable', retries: 20 },
      );
    await Promise.all(Array.from({ length: 8 }, add));
    const { rows } = await t.db.query('select n from play.counter where id = 2');
    expect(rows).toEqual([{ n: 8 }]);
  });
});

describe('when it cannot serve', () => {
  it('an exhausted pool is Unavailable, with a time to come back', async () => {
    const small = openDb(t.url, { max: 1, acquireMs: 100 });
    const busy = small.query('select pg_sleep(0.5)');
    const error = await small.query('select 1').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Unavailable);
    expect((error as Unavailable).headers['retry-after']).toBe('2');
    await busy;
    await small.close();
  });

  it('transactions that fill the pool leave a connection for single statements, their own too', async () => {
    const small = openDb(t.url, { max: 2, acquireMs: 5_000 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        small.tx(async (tx) => {
          await tx.query('select 1');
          const { rows } = await small.query<{ two: number }>('select 2 as two');
          return rows[0]!.two;
        }),
      ),
    );
    await small.close();
    expect(answers).toEqual(Array.from({ length: 20 }, () => 2));
  });

  it('a server that is not there is Unavailable', async () => {
    const url = databaseUrl('postgres://u:p@127.0.0.1:9/none', {});
    const nowhere = openDb(url, { acquireMs: 500 });
    await expect(nowhere.query('select 1')).rejects.toBeInstanceOf(Unavailable);
    await expect(nowhere.tx((tx) => tx.query('select 1'))).rejects.toBeInstanceOf(Unavailable);
    await nowhere.close();
  });

  it('a statement over its time is Unavailable, and the connection serves on', async () => {
    const hasty = openDb(t.url, { max: 1, statementMs: 50 });
    await expect(hasty.query('select pg_sleep(1)')).rejects.toBeInstanceOf(Unavailable);
    expect((await hasty.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await hasty.close();
  });

  it('a connection cut in the middle of a transaction is Unavailable, and the pool recovers', async () => {
    const one = openDb(t.url, { max: 1, application: 'to-be-cut' });
    const cut = one.tx(async (tx) => {
      await tx.query('select 1');
      await t.ownerDb
        .query(`select 1`)
        .then(() => openDb(t.urls.admin, { max: 1 }))
        .then(async (admin) => {
          await admin.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to-be-cut'`,
          );
          await admin.close();
        });
      await tx.query('select 2');
    });
    await expect(cut).rejects.toBeInstanceOf(Unavailable);
    expect((await one.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
    await one.close();
  });
});

describe('a database that does not answer', () => {
  it('is given up in time, in and out of a transaction, and asked again on a new connection', async () => {
    const slow = openDb(t.url, { max: 3, statementMs: 200, application: 'silent' });
    const held: number[] = [];
    const hold = async (db: Pick<typeof slow, 'query'>, inLine?: true) => {
      const { rows } = await db.query<{ pid: number }>({
        name: 'held',
        text: 'select pg_backend_pid() as pid',
        ...(inLine && { inLine }),
      });
      process.kill(rows[0]!.pid, 'SIGSTOP');
      held.push(rows[0]!.pid);
    };
    try {
      await hold(slow, true);
      const asked = [
        slow.query({ name: 'one', text: 'select 1', inLine: true }),
        slow.tx(async (tx) => {
          await hold(tx);
          await tx.query('select 1');
        }),
      ];
      for (const { reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[])
        expect(reason).toMatchObject({ name: 'Unavailable', status: 503 });
      expect((await slow.query({ name: 'one', text: 'select 1', inLine: true })).rowCount).toBe(1);
      expect(await slow.tx(async (tx) => (await tx.query('select 2')).rowCount)).toBe(1);
    } finally {
      for (const pid of held) process.kill(pid, 'SIGCONT');
      await slow.close();
    }
  });
});
