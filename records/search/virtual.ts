/** Types that are computed, not stored: the provider's sorted stream, cut into pages. */
import type { SearchQuery } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { may, scopeAllows } from '@afar/access';
import type { VirtualProvider } from '../types.ts';
import type { Resource } from '@afar/fhir';
import type { Run } from './types.ts';

/** @throws Refusal `forbidden` for a role that may not search the type, `not-supported` for includes */
export async function virtualPage(
  run: Run,
  provider: VirtualProvider,
  query: SearchQuery,
  after: string | undefined,
): Promise<{ resources: Resource[]; next?: string }> {
  if (!may(run.caller, 'search', query.type)) throw new Refusal('forbidden');
  const resources: Resource[] = [];
  let last: string | undefined;
  for await (const { key, resource } of provider.stream(run.caller, query, after)) {
    if (!resource) return { resources, next: key };
    if (!scopeAllows(run.caller, 'search', resource)) continue;
    if (resources.length === query.count)
      return { resources, ...(last !== undefined && { next: last }) };
    resources.push(resource);
    last = key;
  }
  return { resources };
}

/** Matches counted one by one. */
const mostCounted = 1_000;

/** How many match, where they are few enough to be counted; else undefined, and `refuse` is told. @throws Refusal as `virtualPage` */
export async function virtualTotal(
  run: Run,
  provider: VirtualProvider,
  query: SearchQuery,
  refuse: (why: string) => void,
): Promise<number | undefined> {
  const { resources, next } = await virtualPage(
    run,
    provider,
    { ...query, count: mostCounted },
    undefined,
  );
  if (next === undefined) return resources.length;
  refuse(`_total: more than ${mostCounted} of a computed type are not counted`);
  return undefined;
}
