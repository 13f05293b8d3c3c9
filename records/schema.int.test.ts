/** The schema in the repository is the schema of the database; resource rows are reached through `scoped` alone. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@afar/platform/testing';
import type { TestDatabase } from '@afar/platform/testing';
import { dumpSchema } from './testing/dump-schema.ts';

let data: TestDatabase;
beforeAll(async () => {
  data = await testDatabase(['access', 'records']);
});
afterAll(() => data.drop());

describe('records/schema.sql', () => {
  it('is what the migrations make (UPDATE_SCHEMA=1 writes it anew)', async () => {
    const file = join(import.meta.dirname, 'schema.sql');
    const dumped = await dumpSchema(data.ownerDb, 'records');
    if (process.env.UPDATE_SCHEMA) writeFileSync(file, dumped);
    expect(dumped).toBe(readFileSync(file, 'utf8'));
  });
});

describe('months', () => {
  it('are made ahead by the application role, again and again, and take the rows', async () => {
    const march = Date.UTC(2031, 2, 10);
    for (let time = 0; time < 2; time++)
      await data.db.query('select records.ensure_months($1, 2)', [march]);
    const put = (version: number, updated: number) =>
      data.db.query(
        `insert into records.history values (1, 'Patient', '00000000-0000-4000-8000-000000000000', $1, $2, 'PUT', false,
           0, 0, null, '', '{}', '')`,
        [version, updated],
      );
    await put(1, Date.UTC(2031, 2, 1));
    await put(2, Date.UTC(2031, 3, 30, 23, 59));
    await put(3, Date.UTC(2031, 4, 1));
    const { rows } = await data.ownerDb.query<{ place: string }>(
      'select tableoid::regclass::text as place from records.history order by version',
    );
    expect(rows.map((row) => row.place)).toEqual([
      'records.history_2031_03',
      'records.history_2031_04',
      'records.history_default',
    ]);
  });

  it('are the only tables the application role makes', async () => {
    await expect(data.db.query('create table records.mine (a int)')).rejects.toThrow(
      'permission denied',
    );
  });
});

describe('resource and history', () => {
  it('are named in a statement by scoped() and by the one that writes, nowhere else', () => {
    const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
      (file) => !file.endsWith('.test.ts') && !/^(testing|twin-worlds)\//.test(file),
    );
    const naming = files.filter((file) =>
      /(from|join|update|into|using)\s+(only\s+)?records\.(resource|history)\b|records\.\$\{table/i.test(
        readFileSync(join(import.meta.dirname, file), 'utf8'),
      ),
    );
    // Rotation and erasure of keys are nobody's request: they disclose nothing, and policy has no say in them.
    const ofKeys = naming.filter((file) => file.startsWith('rotation/'));
    expect(ofKeys.sort()).toEqual(
      ['erase', 'orphans', 'resources', 'stores'].map((name) => `rotation/${name}.ts`),
    );
    // Nor is the index of a search parameter built for anybody.
    const ofIndexes = naming.filter((file) => file.startsWith('parameters/'));
    expect(ofIndexes.sort()).toEqual(['parameters/build.ts', 'parameters/registry.ts']);
    // Nor are hashes compared with the trail's for anybody: what is answered is a yes or a no of the house.
    const ofRequests = naming.filter((file) => !/^(rotation|parameters)\//.test(file));
    expect(ofRequests.sort()).toEqual([
      'scoped.ts',
      'write/statement-parts.ts',
      'written-bodies.ts',
    ]);
  });
});
