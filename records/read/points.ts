/** Point reads. */
import type { Caller } from '@afar/access';
import type { Queryable } from '@afar/platform';
import type { Row } from '../vault.ts';
import { currentRow } from './rows.ts';
import type { Key } from './rows.ts';

export interface Points {
  read(sql: Queryable, caller: Caller, key: Key): Promise<Row | undefined>;
}

export function createPoints(): Points {
  return { read: (sql, caller, key) => currentRow(sql, caller, 'read', key) };
}
