/** `$reindex` and `$reindex-status` on a SearchParameter: how far the index of a clinic's own parameter is built, and to build it anew. */
import { isRid } from '../aliases.ts';
import { requireMay } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { read } from '../read/read.ts';
import type { Operation, OperationCall } from './operation.ts';
import { Refusal } from '@afar/fhir';
import type { Parameters } from '@afar/fhir';

interface State {
  state: string;
  announced: number;
  seen: number;
  moved: number;
  total: number;
  updated: number;
}

const definition = (name: string) => `urn:afar:OperationDefinition:${name}`;

/** For callers who may read the parameter, or for building anew, update it. */
export function reindexOperations(ctx: StoreContext): Operation[] {
  async function ridOf({ caller, id = '' }: OperationCall): Promise<string> {
    const { rid } = await read(ctx, ctx.db, caller, 'SearchParameter', id);
    return isRid(rid) ? rid : '';
  }

  async function status(tenant: number, rid: string): Promise<Parameters> {
    const { rows } = await ctx.db.query<State>({
      name: 'records.parameter-status',
      text: `select state, announced, seen, moved, total, updated from records.parameter
        where tenant = $1 and rid = $2`,
      values: [tenant, rid],
    });
    const [row] = rows;
    const count = (name: string, valueInteger: number) => ({ name, valueInteger });
    const time = (name: string, at: number) => ({
      name,
      valueInstant: new Date(at).toISOString(),
    });
    return {
      resourceType: 'Parameters',
      parameter: row
        ? [
            { name: 'state', valueCode: row.state },
            time('announced', row.announced),
            count('seen', row.seen),
            count('total', Math.max(row.total, row.seen)),
            count('indexed', row.moved),
            time('updated', row.updated),
          ]
        : [{ name: 'state', valueCode: 'unknown' }],
    };
  }

  return [
    {
      name: 'reindex-status',
      definition: definition('reindex-status'),
      on: ['instance'],
      types: ['SearchParameter'],
      affectsState: false,
      run: async (call) => ({ body: await status(call.caller.tenant, await ridOf(call)) }),
    },
    {
      name: 'reindex',
      definition: definition('reindex'),
      on: ['instance'],
      types: ['SearchParameter'],
      affectsState: true,
      async run(call) {
        const { tenant } = call.caller;
        requireMay(call.caller, 'update', 'SearchParameter');
        const rid = await ridOf(call);
        const { rowCount } = await ctx.db.query({
          name: 'records.parameter-again',
          text: `update records.parameter set state = 'announced', announced = $3, xid = pg_current_xact_id(),
              after_type = null, after_rid = null, seen = 0, moved = 0, updated = $3
            where tenant = $1 and rid = $2 and state <> 'ignored'`,
          values: [tenant, rid, ctx.clock.now()],
        });
        if (rowCount === 0)
          throw new Refusal('business-rule', {
            diagnostics: 'only active parameters of the clinic’s own have an index to build',
          });
        return { status: 202, body: await status(tenant, rid) };
      },
    },
  ];
}
