/** Notes of conditions that matched nothing their author could see: `twins.ts` looks whether something hidden matched. */
import type { Caller } from '@afar/access';
import { aad, seal } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import { hasGranularScope } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import { uuid7 } from '../uuid7.ts';
import type { Criteria } from './conditional.ts';

export interface Made {
  criteria: Criteria;
  made: { type: string; rid: string };
}

/** What the seal of a note is bound to. */
export const sealedFor = (tenant: number, id: string) => aad('twin-check', tenant, id);

/** In the transaction that created. Who sees every row has nothing hidden from her: no note. */
export async function noteConditions(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  all: readonly Made[],
): Promise<void> {
  if (all.length === 0 || (caller.wildcard && !hasGranularScope(caller))) return;
  const { tenant } = caller;
  const now = ctx.clock.now();
  const key = await ctx.keys.tenant(tenant);
  const ids = all.map(() => uuid7(now));
  await sql.query({
    name: 'records.note-conditions',
    text: `insert into records.twin_check (id, tenant, type, rid, condition, at)
           select x.id, $1, x.type, x.rid, x.condition, $2
           from unnest($3::uuid[], $4::text[], $5::uuid[], $6::bytea[]) x(id, type, rid, condition)`,
    values: [
      tenant,
      now,
      ids,
      all.map(({ made }) => made.type),
      all.map(({ made }) => made.rid),
      all.map(({ criteria }, at) =>
        seal(JSON.stringify(criteria.params), key, sealedFor(tenant, ids[at]!)),
      ),
    ],
  });
}
