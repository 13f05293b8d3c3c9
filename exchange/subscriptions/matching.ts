/** Does a change concern a subscription? Asked as its creator, with what she may see and search at this moment. */
import type { Caller } from '@afar/access';
import { index, parseQuery, Refusal } from '@afar/fhir';
import type { Criterion, Resource } from '@afar/fhir';
import type { Stored } from '@afar/records';
import type { House } from './house.ts';
import type { Plan } from './plan.ts';
import type { About } from './rows.ts';
import type { Interaction } from './topics.ts';

/** A change as the feed tells it. */
export interface Changed {
  type: string;
  rid: string;
  version: number;
  verb: string;
}

/** What the creator sees of a changed resource now: its current version, or that she could see it and it is gone. */
export type Seen = { stored: Stored } | { gone: true } | undefined;

/** She may not, or there is none: an answer. That the house cannot tell just now is none. */
export const isAnswer = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.status < 500;

/** @returns undefined for what is hidden from her, which is the same as what never was */
export async function seeAs(house: House, caller: Caller, { type, rid }: Changed): Promise<Seen> {
  try {
    return { stored: await house.records.read(caller, type, rid) };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return error.code === 'gone' ? { gone: true } : undefined;
  }
}

export function interactionOf({ verb, version }: Changed): Interaction {
  if (verb === 'DELETE') return 'delete';
  return version === 1 ? 'create' : 'update';
}

async function versionAs(
  house: House,
  caller: Caller,
  { type, rid }: Changed,
  version: number,
): Promise<Stored | undefined> {
  if (version < 1) return undefined;
  try {
    return await house.records.vread(caller, type, rid, version);
  } catch (error) {
    if (isAnswer(error)) return undefined;
    throw error;
  }
}

/** What the event is about, or undefined when it is no concern of this subscription. */
export async function matchAs(
  house: House,
  caller: Caller,
  plan: Plan,
  changed: Changed,
  seen: Seen,
): Promise<About | undefined> {
  const interaction = interactionOf(changed);
  if (!seen || !plan.interactions.includes(interaction)) return undefined;
  if (interaction === 'delete') return matchThen(house, caller, plan, changed, changed.version - 1);
  const { state } = plan.topic ?? {};
  if (state) {
    const before = await versionAs(house, caller, changed, changed.version - 1);
    const now = await versionAs(house, caller, changed, changed.version);
    if (!now || !state(now.resource) || (before && state(before.resource))) return undefined;
  }
  if ('stored' in seen) {
    const { stored } = seen;
    if (plan.criteria.length === 0 || (await found(house, caller, plan, stored.id)))
      return about(changed, stored);
    if (stored.version === changed.version) return undefined;
  }
  // Changed again, or deleted, before it was looked at: what it was then decides.
  return matchThen(house, caller, plan, changed, changed.version);
}

function about(changed: Changed, { id, owner }: Stored): About {
  const { type, version } = changed;
  return { type, id, version, interaction: interactionOf(changed), ...(owner && { owner }) };
}

/** The criteria mean what they mean in a search: the search is made, for this one id. */
async function found(house: House, caller: Caller, plan: Plan, id: string): Promise<boolean> {
  const { entry = [] } = await house.records.search(caller, plan.type, [
    ...plan.criteria,
    ['_id', id],
    ['_count', '1'],
  ]);
  return entry.some(({ resource, search }) => search?.mode !== 'outcome' && resource?.id === id);
}

/** A version that is no longer the current one is not searched: if she may see it, it is held against codes and references. */
async function matchThen(
  house: House,
  caller: Caller,
  plan: Plan,
  changed: Changed,
  version: number,
): Promise<About | undefined> {
  const then = await versionAs(house, caller, changed, version);
  return then && holds(then.resource, plan) ? about(changed, then) : undefined;
}

/** Codes and references without modifiers; a filter of another kind does not hold for what is no longer. */
function holds(resource: Resource, { type, criteria }: Plan): boolean {
  const { clauses } = parseQuery(type, criteria);
  const { tokens, references } = index(resource);
  const meets = ({ param, modifier, values }: Criterion): boolean =>
    !modifier &&
    values.some((value) => {
      if (value.kind === 'token')
        return tokens.some(
          (one) =>
            one.param === param &&
            (value.system === undefined || value.system === (one.system ?? '')) &&
            (value.code === undefined || value.code === one.code),
        );
      return (
        value.kind === 'reference' &&
        value.id !== undefined &&
        references.some(
          (one) =>
            one.param === param &&
            one.id === value.id &&
            (value.type === undefined || value.type === one.type),
        )
      );
    });
  return clauses.every((clause) => clause.kind === 'value' && meets(clause));
}
