/** What a chart refers to and does not hold itself: the people, places and medications named in it. */
import type { Caller } from '@afar/access';
import { index, resourceClass, resourceTypes } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { inScope } from '../checks.ts';
import { currentRows } from '../read/rows.ts';
import { mayWalk } from '../walk/walk.ts';
import type { Stored } from '../types.ts';

/** Of the house's own types those that a chart leans on; nothing of another patient's is among them. */
const supporting: ReadonlySet<string> = new Set([
  ...resourceTypes.filter((type) => resourceClass[type] === 'directory'),
  'Medication',
  'Substance',
]);

/** A page of a chart names some dozens; more than this is left to be read one by one. */
const most = 500;

/**
 * [FHIR R4 patient-operation-everything.html] "all resources ... plus resources they refer to", two steps far (a role names
 * its practitioner), each once, as the caller may see them. Only what she was shown is followed.
 */
export async function referredTo(
  ctx: RecordsContext,
  caller: Caller,
  docs: readonly Stored[],
  types: ReadonlySet<string> | undefined,
): Promise<Stored[]> {
  const known = new Set(docs.map(nameOf));
  const found: Stored[] = [];
  let from = docs;
  for (let hop = 0; hop < 2 && from.length > 0; hop++) {
    const wanted = new Map<string, { type: string; id: string }>();
    for (const doc of from)
      for (const { type, id } of index(doc.resource).references) {
        if (!type || !id || !supporting.has(type) || known.has(`${type}/${id}`)) continue;
        // A role of a type that was not asked for may still lead to a person who was.
        if (mayWalk(caller, type)) wanted.set(`${type}/${id}`, { type, id });
      }
    const asked = [...wanted.values()].slice(0, most);
    for (const name of wanted.keys()) known.add(name);
    from = await visible(ctx, caller, asked);
    found.push(...from.filter((doc) => !types || types.has(doc.type)));
  }
  return found;
}

async function visible(
  ctx: RecordsContext,
  caller: Caller,
  asked: readonly { type: string; id: string }[],
): Promise<Stored[]> {
  const rids = await ctx.aliases.find(ctx.db, caller.tenant, asked);
  const keys = asked.flatMap(({ type }, at) => (rids[at] ? [{ type, rid: rids[at] }] : []));
  const rows = await currentRows(ctx.db, caller, 'read', keys);
  const docs: Stored[] = [];
  for (const row of rows) {
    if (row.deleted) continue;
    try {
      const doc = await ctx.vault.stored(caller.tenant, row);
      if (inScope(caller, 'read', doc)) docs.push(doc);
    } catch (error) {
      if (!(error instanceof KeyErased)) throw error;
    }
  }
  return docs.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = ({ type, id }: Stored): string => `${type}/${id}`;
