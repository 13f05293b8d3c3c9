/** One import under way: the store as a system caller sees it, and the key ids are derived under. */
import type { KeyObject } from 'node:crypto';
import { systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import { Refusal, resourceTypes } from '@afar/fhir';
import type { RecordsContext } from '../context.ts';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import type { Records } from '../types.ts';
import { createClaims } from './claims.ts';
import type { Claims } from './claims.ts';

export interface Importing {
  records: Records;
  context: RecordsContext;
  tenant: number;
  source: string;
  key: KeyObject;
  caller(): Caller;
  claims: Claims;
  /** The id of the one match of a query, undefined for none. @throws Refusal `multiple-matches` */
  find(type: string, query: string): Promise<string | undefined>;
  /** Types of ids that are in the store; deleted ones too. */
  typesOf(ids: string[], types?: readonly string[]): Promise<Map<string, string>>;
}

const contexts = new WeakMap<Records, RecordsContext>();

/** Lets an import reach behind the store it was given. Called where the room is put together. */
export function rememberContext(records: Records, context: RecordsContext): void {
  contexts.set(records, context);
}

export async function importing(
  records: Records,
  tenant: number,
  source: string,
): Promise<Importing> {
  const context = contexts.get(records);
  if (!context) throw new Error('this record store was not made by createRecords');
  // The first index key there was: what an import named before a rotation keeps its name.
  const { first } = await context.keys.tenant(tenant);
  // A new caller for each step: its instant is the one the policy and the clock of the row see.
  const caller = () => systemCaller(tenant, context.clock, 'import');
  const known = new Map<string, string>();
  return {
    records,
    context,
    tenant,
    source,
    key: first,
    caller,
    claims: createClaims(),
    async find(type, query) {
      const name = `${type}?${query}`;
      const held = known.get(name);
      if (held) return held;
      const params = [...new URLSearchParams(query), ['_count', '2']] as [string, string][];
      const { entry = [] } = await records.search(caller(), type, params);
      const found = entry.filter((one) => one.search?.mode === 'match');
      if (found.length > 1) throw new Refusal('multiple-matches');
      const id = found[0]?.resource?.id;
      if (id) known.set(name, id);
      return id;
    },
    async typesOf(ids, types = resourceTypes) {
      if (ids.length === 0) return new Map();
      const params = new Params();
      const table = scoped(types, 'r', caller(), params);
      const { rows } = await context.db.query<{ rid: string; type: string }>(
        prepared(
          `select r.rid, r.type from ${table.from} where ${table.where} and r.rid = any(${params.add(ids)}::uuid[])`,
          params.values,
        ),
      );
      return new Map(rows.map((row) => [row.rid, row.type]));
    },
  };
}
