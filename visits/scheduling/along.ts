/** What a visit needs besides its clinician, a room or an interpreter, and which of those that would do are free. */
import type { Queryable } from '@afar/platform';
import type { ScheduleRule, VisitMode } from '../contract.ts';
import { openSpans, type Span } from './open-hours.ts';
import { activeResources, type StoredResource } from './resources.ts';
import { fault, isUuid, refuseFaults } from './rule.ts';
import { isFree, takenSpans, type Taken } from './taken.ts';

/** One of `of` is needed. */
export interface Need {
  /** The field of the request that asks for it. */
  field: 'with' | 'interpreter' | 'room';
  of: StoredResource[];
}

export interface Wish {
  type?: VisitMode;
  interpreter?: string | undefined;
  with?: readonly string[] | undefined;
}

/** More than a visit of eight people takes. */
const mostAlong = 8;

/** @throws Refusal 'invalid' (422) */
export function readWish(asked: Record<string, unknown>): {
  interpreter?: string;
  with?: string[];
} {
  const { interpreter, with: along } = asked;
  const list = Array.isArray(along) ? (along as unknown[]) : [];
  refuseFaults([
    ...(interpreter === undefined ||
    (typeof interpreter === 'string' &&
      /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/.test(interpreter))
      ? []
      : [fault('interpreter', 'a language (BCP 47), such as es')]),
    ...(along === undefined || (Array.isArray(along) && along.length <= mostAlong)
      ? []
      : [fault('with', `a list of at most ${mostAlong}`)]),
    ...list.flatMap((one, at) =>
      isUuid(one) ? [] : [fault(`with[${at}]`, 'the id of a resource')],
    ),
  ]);
  return {
    ...(interpreter !== undefined && { interpreter: interpreter as string }),
    ...(along !== undefined && { with: [...new Set(list as string[])] }),
  };
}

const speaks = (one: StoredResource, language: string): boolean =>
  one.languages.some((its) => its.toLowerCase() === language.toLowerCase()) ||
  one.languages.some((its) => its.split('-')[0]!.toLowerCase() === language.toLowerCase());

/**
 * @throws Refusal 'invalid' (422) for a resource that is not there, or a language nobody here interprets
 */
export async function needsOf(
  sql: Queryable,
  tenant: number,
  rule: Pick<ScheduleRule, 'rooms'>,
  wish: Wish,
): Promise<Need[]> {
  const room = wish.type === 'in-person' && rule.rooms?.length ? rule.rooms : undefined;
  if (!room && wish.interpreter === undefined && !wish.with?.length) return [];
  const all = await activeResources(sql, tenant);
  const needs: Need[] = (wish.with ?? []).map((id) => ({
    field: 'with',
    of: all.filter((one) => one.id === id),
  }));
  refuseFaults(
    needs.flatMap(({ of }, at) => (of.length ? [] : [fault(`with[${at}]`, 'no such resource')])),
  );
  const has = (of: readonly StoredResource[]): boolean =>
    needs.some((need) => need.of.some((one) => of.includes(one)));
  if (wish.interpreter !== undefined) {
    const language = wish.interpreter;
    const of = all.filter((one) => one.kind === 'interpreter' && speaks(one, language));
    refuseFaults(of.length ? [] : [fault('interpreter', 'nobody here interprets this language')]);
    if (!has(of)) needs.push({ field: 'interpreter', of });
  }
  if (room) {
    const of = all.filter((one) => room.includes(one.id));
    // A room that staff name stands for the one that would be found.
    if (!has(of)) needs.push({ field: 'room', of });
  }
  return needs;
}

/** Whether open spans, which may touch one another, cover a span without a gap. */
export function covers(open: readonly Span[], { start, end }: Span): boolean {
  let at = start;
  for (const one of open) if (one.start <= at && one.end > at) at = one.end;
  return at >= end;
}

export interface Found {
  chosen: StoredResource[];
  /** The first need that nothing free can meet. */
  missing?: Need;
}

/** Chooses for spans within `span`: each need gets a resource of its own that is open and free. */
export async function alongIn(
  sql: Queryable,
  opts: {
    tenant: number;
    needs: readonly Need[];
    span: Span;
    now: number;
    except?: readonly string[];
  },
): Promise<(span: Span) => Found> {
  const { needs, span, ...query } = opts;
  const all = new Map(needs.flatMap(({ of }) => of.map((one) => [one.id, one] as const)));
  const taken = await takenSpans(sql, { ...query, span, actors: [...all.keys()] });
  const open = new Map(
    [...all.values()].map((one) => [one.id, openSpans(one.rule, span.start, span.end)]),
  );
  const isHad = (one: StoredResource, at: Span): boolean =>
    covers(open.get(one.id)!, at) && isFree(at, one.capacity, taken.get(one.id) ?? ([] as Taken[]));
  return (at) => {
    const chosen: StoredResource[] = [];
    for (const need of needs) {
      const one = need.of.find((some) => !chosen.includes(some) && isHad(some, at));
      if (!one) return { chosen, missing: need };
      chosen.push(one);
    }
    return { chosen };
  };
}
