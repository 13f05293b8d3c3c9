/** The answer of a search, as a Bundle or, without parsing what need not be parsed, as its bytes. */
import type { Bundle, BundleEntry, OperationOutcome, Resource, SearchQuery } from '@afar/fhir';
import { searchParams, shape } from '@afar/fhir';
import type { Stored } from '../types.ts';

export interface Answer {
  type: string;
  query: SearchQuery;
  matches: Stored[];
  /** Matches of a computed type. */
  virtual?: Resource[];
  included: Stored[];
  total?: number | undefined;
  /** What was ignored or could not be honoured. */
  warnings: string[];
  /** The FHIR address of the server. */
  baseUrl: string;
  /** The query as it was understood [FHIR R4 search.html#conformance]. Holds what the client sent: never log it. */
  self: string;
  next?: string;
}

/** Patients whose data the answer discloses: for the audit event. */
export function patientsIn({ matches, included }: Answer): string[] {
  const owners = new Set<string>();
  for (const { owner } of [...matches, ...included]) if (owner) owners.add(owner);
  return [...owners];
}

/**
 * The parameters of a search as the trail may keep them: a name that the type does not have can be anything, a name of
 * a person too, and so can a modifier.
 */
export function namesForTrail(
  type: string | readonly string[],
  params: readonly [string, string][],
): string[] {
  const types = typeof type === 'string' ? [type] : type;
  const knows = (code: string) => types.some((one) => searchParams(one).has(code));
  const names = params.map(([name]) => {
    const [code = ''] = name.split(/[:.]/, 1);
    return controls.has(code) || knows(code) ? code : '(unknown)';
  });
  return [...new Set(names)];
}

const controls: ReadonlySet<string> = new Set([
  '_count',
  '_sort',
  '_include',
  '_revinclude',
  '_has',
  '_total',
  '_summary',
  '_elements',
  '_cursor',
  '_format',
  '_filter',
  '_list',
  '_text',
  '_content',
  '_type',
]);

export function bundleOf(answer: Answer): Bundle {
  const entry: BundleEntry[] = [
    ...(answer.virtual ?? []).map((resource) =>
      entryOf(answer, shape(resource, answer.query), 'match'),
    ),
    ...answer.matches.map(({ resource }) =>
      entryOf(answer, shape(resource, answer.query), 'match'),
    ),
    ...answer.included.map(({ resource }) =>
      entryOf(answer, shape(resource, answer.query), 'include'),
    ),
    ...outcomeEntry(answer),
  ];
  return { ...headOf(answer), ...(entry.length > 0 && { entry }) };
}

/** The same as bytes: stored JSON goes out as it was sealed. */
export function jsonOf(answer: Answer): Buffer {
  if (answer.virtual || shapes(answer)) return Buffer.from(JSON.stringify(bundleOf(answer)));
  const head = JSON.stringify(headOf(answer));
  const parts: (string | Buffer)[] = [];
  // What stands between two bodies is written in one go.
  let between = `${head.slice(0, -1)},"entry":[`;
  const add = (stored: Stored, mode: 'match' | 'include') => {
    const url = JSON.stringify(`${answer.baseUrl}/${stored.type}/${stored.id}`);
    const comma = parts.length > 0 ? ',' : '';
    parts.push(`${between}${comma}{"fullUrl":${url},"resource":`, stored.json);
    between = `,"search":{"mode":"${mode}"}}`;
  };
  for (const stored of answer.matches) add(stored, 'match');
  for (const stored of answer.included) add(stored, 'include');
  const outcomes = outcomeEntry(answer);
  if (parts.length + outcomes.length === 0) return Buffer.from(head);
  for (const outcome of outcomes) {
    parts.push(`${between}${parts.length > 0 ? ',' : ''}${JSON.stringify(outcome)}`);
    between = '';
  }
  parts.push(`${between}]}`);
  return joined(parts);
}

/** Texts and bytes behind one another, in one allocation. */
function joined(parts: readonly (string | Buffer)[]): Buffer {
  let size = 0;
  for (const part of parts) size += typeof part === 'string' ? part.length * 3 : part.length;
  const all = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts)
    at += typeof part === 'string' ? all.write(part, at) : part.copy(all, at);
  return all.subarray(0, at);
}

function headOf({ total, self, next }: Answer): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total !== undefined && { total }),
    link: [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])],
  };
}

function entryOf({ baseUrl }: Answer, resource: Resource, mode: 'match' | 'include'): BundleEntry {
  return {
    fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id}`,
    resource,
    search: { mode },
  };
}

/** [FHIR R4 search.html#errors] what was ignored is said in an entry of mode `outcome`. */
function outcomeEntry({ warnings }: Answer): BundleEntry[] {
  if (warnings.length === 0) return [];
  const resource: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: warnings.map((diagnostics) => ({
      severity: 'warning',
      code: 'not-supported',
      diagnostics,
    })),
  };
  return [{ resource, search: { mode: 'outcome' } }];
}

/** True when parts of resources are asked for, so that bodies cannot go out as they were sealed. */
function shapes({ query }: Answer): boolean {
  return query.elements !== undefined || !['false', undefined].includes(query.summary);
}

/** The parameters that were honoured: what the type does not have is left out. */
export function usedParams(params: [string, string][], query: SearchQuery): [string, string][] {
  const unknown = new Set(query.unknown);
  return params.filter(
    ([name, value]) => name !== '_cursor' && value !== '' && !unknown.has(name) && nameable(name),
  );
}

function nameable(name: string): boolean {
  return /^[\w.:-]{1,100}$/.test(name);
}

export function selfLink(baseUrl: string, type: string, params: [string, string][]): string {
  const query = new URLSearchParams(params).toString();
  return `${baseUrl}/${type}${query ? `?${query}` : ''}`;
}
