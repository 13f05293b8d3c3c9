/** The steps of an export: which types, by which walk, in an order that does not move. */
import type { Caller } from '@afar/access';
import { resourceClass, resourceTypes } from '@afar/fhir';
import { chartTypes, isFoundByChart, mayWalk } from '@afar/records';
import type { WalkKey, WalkPage, Walks } from '@afar/records';
import type { ExportRequest } from './types.ts';

export interface Step {
  type: string;
  deleted: boolean;
}

/** Types of the house's own that go along with charts when they are asked for by name: they belong to no patient. */
export const goesAlong = (type: string): boolean =>
  resourceClass[type] === 'directory' || ['Medication', 'Substance'].includes(type);

/** What the level has, before any right is asked. */
export function typesOf(request: Pick<ExportRequest, 'level' | 'types'>): string[] {
  const { level, types } = request;
  if (level === 'system') return (types ?? [...resourceTypes]).toSorted();
  if (!types) return [...chartTypes];
  return types.filter((type) => chartTypes.includes(type) || goesAlong(type)).toSorted();
}

/** One step a type, and one for what was deleted of it when only what changed is asked for. */
export function stepsOf(request: ExportRequest): Step[] {
  const types = typesOf(request);
  const there = types.map((type) => ({ type, deleted: false }));
  if (request.since === undefined) return there;
  return [...there, ...types.map((type) => ({ type, deleted: true }))];
}

/** Whether the walk needs to know whose charts. */
export const needsRoster = (request: ExportRequest, caller: Caller): boolean =>
  !caller.wildcard || request.patients !== undefined;

/**
 * One page of one step, as the caller may see it now.
 * @param roster patients the export keeps to, ascending; undefined: all
 */
export async function pageOf(
  walks: Walks,
  caller: Caller,
  request: ExportRequest,
  step: Step,
  roster: readonly string[] | undefined,
  after: WalkKey | undefined,
  at: { until: number; limit: number },
): Promise<WalkPage> {
  const { type, deleted } = step;
  const { level, since } = request;
  const filter = { until: at.until, ...(since !== undefined && { since }) };
  // A role or scope that was taken away in the middle ends this type, not the export.
  if (!mayWalk(caller, type)) return { docs: [], keys: [] };
  if (roster && !deleted && isFoundByChart(type))
    return walks.charts(
      caller,
      { ...filter, of: roster, target: 'Patient', types: [type] },
      after,
      at.limit,
    );
  const inCharts = level !== 'system' && !goesAlong(type);
  const owners = inCharts && roster ? { owners: roster } : {};
  return walks.type(caller, { ...filter, type, deleted, inCharts, ...owners }, after, at.limit);
}
