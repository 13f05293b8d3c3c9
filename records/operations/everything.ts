/** `$everything`: a chart, or all that belongs to an encounter, page by page, with the people and places it names. */
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry } from '@afar/fhir';
import { isResourceType, Refusal, resourceTypes, tryDateInterval } from '@afar/fhir';
import { inScope } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { read } from '../read/read.ts';
import { openCursor, sealCursor } from '../search/cursor.ts';
import type { Stored } from '../types.ts';
import { chartTypes } from '../walk/compartment-params.ts';
import { mayWalk } from '../walk/walk.ts';
import type { ChartWalk, WalkFilter, WalkKey, Walks } from '../walk/walk.ts';
import { referredTo } from './everything-support.ts';
import type { Operation, OperationAnswer, OperationCall } from './operation.ts';

const defaultCount = 100;
const mostCount = 500;
/** Rows looked at for one page; then it is given short, with a `next`. */
const budget = 2_000;
/** A client of the whole clinic walks a small one; a large one is what the bulk export is for. */
const mostCharts = 1_000;

type Asked = readonly [string, string][];
const names = ['_since', '_type', 'start', 'end', '_count'] as const;

/** [FHIR R4 patient-operation-everything.html, encounter-operation-everything.html] */
export function everythingOperations(ctx: StoreContext, walks: Walks): Operation[] {
  const run = (call: OperationCall) => everything(ctx, walks, call);
  return [
    {
      name: 'everything',
      definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
      on: ['type', 'instance'],
      types: ['Patient'],
      affectsState: false,
      run,
    },
    {
      name: 'everything',
      definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
      on: ['instance'],
      types: ['Encounter'],
      affectsState: false,
      run,
    },
  ];
}

async function everything(
  ctx: StoreContext,
  walks: Walks,
  call: OperationCall,
): Promise<OperationAnswer> {
  const { caller, type: target = 'Patient', id, inputs, evidence, fhirUrl } = call;
  const place = id === undefined ? target : `${target}/${id}`;
  const key = await ctx.keys.tenant(caller.tenant);
  const at = inputs.text('_cursor');
  const bound = `${place}/$everything`;
  const cursor = at === undefined ? undefined : openCursor(at, bound, caller, key);
  const asked: Asked =
    cursor?.p ??
    names.flatMap((name) => inputs.texts(name).map((value) => [name, value] as [string, string]));
  evidence.params.push(...new Set(asked.map(([name]) => name)));

  const { filter, types, count } = understood(asked, target);
  const of = await charts(ctx, walks, call);
  const walk: ChartWalk = {
    ...filter,
    of,
    target: target as 'Patient',
    types: walked(types, target),
  };
  const position = cursor && positionOf(cursor.r);
  const page = await fill(walks, call, walk, position, count);
  // An encounter does not point at itself, and its patient is part of what happened in it.
  const first = !position && target === 'Encounter' ? await encounterItself(ctx, call, types) : [];
  const docs = [...first, ...page.docs];
  const support = await referredTo(ctx, caller, docs, types);

  for (const { owner } of [...docs, ...support]) if (owner) evidence.patients.push(owner);
  const next =
    page.next && sealCursor({ p: [...asked], k: null, r: textOf(page.next) }, bound, caller, key);
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(!position && !next && { total: docs.length }),
    link: [
      { relation: 'self', url: `${fhirUrl}/${place}/$everything${queryOf(asked)}` },
      ...(next
        ? [{ relation: 'next', url: `${fhirUrl}/${place}/$everything?_cursor=${next}` }]
        : []),
    ],
    entry: [
      ...docs.map((doc) => entryOf(fhirUrl, doc, 'match')),
      ...support.map((doc) => entryOf(fhirUrl, doc, 'include')),
    ],
  };
  return { body: bundle };
}

/** @throws Refusal `invalid` with the parameter */
function understood(
  asked: Asked,
  target: string,
): { filter: WalkFilter; types: ReadonlySet<string> | undefined; count: number } {
  const one = (name: string): string | undefined => {
    const values = asked.filter(([given]) => given === name);
    if (values.length > 1) throw wrong(name, 'given more than once');
    return values[0]?.[1];
  };
  const instant = (name: string, end: 'start' | 'end'): number | undefined => {
    const text = one(name);
    if (text === undefined) return undefined;
    const interval = tryDateInterval(text);
    if (!interval) throw wrong(name, 'a date is expected');
    return interval[end];
  };
  if (target === 'Encounter')
    for (const name of ['start', 'end'])
      if (one(name) !== undefined) throw wrong(name, 'an encounter has no date range');
  const listed = asked
    .filter(([name]) => name === '_type')
    .flatMap(([, value]) => value.split(','))
    .map((type) => type.trim())
    .filter(Boolean);
  for (const type of listed) if (!isResourceType(type)) throw wrong('_type', 'not a resource type');
  const counted = one('_count');
  if (counted !== undefined && !/^[1-9]\d{0,5}$/.test(counted))
    throw wrong('_count', 'a whole number from 1 is expected');
  const since = instant('_since', 'start');
  const careFrom = instant('start', 'start');
  const careBefore = instant('end', 'end');
  return {
    filter: {
      ...(since !== undefined && { since }),
      ...(careFrom !== undefined && { careFrom }),
      ...(careBefore !== undefined && { careBefore }),
    },
    types: listed.length > 0 ? new Set(listed) : undefined,
    count: Math.min(Number(counted ?? defaultCount), mostCount),
  };
}

function walked(types: ReadonlySet<string> | undefined, target: string): string[] {
  const all = target === 'Patient' ? chartTypes : resourceTypes;
  return all.filter((type) => !types || types.has(type)).toSorted();
}

/**
 * Whose charts, or which encounter.
 * @throws Refusal `not-found`, `gone`, `forbidden`, as a read would
 */
async function charts(ctx: StoreContext, walks: Walks, call: OperationCall): Promise<string[]> {
  const { caller, type = 'Patient', id } = call;
  if (id !== undefined) return [(await read(ctx, ctx.db, caller, type, id)).rid];
  const held = await walks.panel(caller, mostCharts);
  if (held) return held;
  throw new Refusal('too-costly', {
    diagnostics: `more than ${mostCharts} patients: ask for Patient/$export`,
  });
}

async function encounterItself(
  ctx: StoreContext,
  { caller, id }: OperationCall,
  types: ReadonlySet<string> | undefined,
): Promise<Stored[]> {
  const encounter = await read(ctx, ctx.db, caller, 'Encounter', id!);
  const patient = await patientOf(ctx, caller, encounter);
  return [encounter, ...patient].filter(({ type }) => !types || types.has(type));
}

/** Whose it is, if she may be told of here: by role, by the scopes of the token, and not erased. */
async function patientOf(ctx: StoreContext, caller: Caller, { owner }: Stored): Promise<Stored[]> {
  if (owner === undefined || !mayWalk(caller, 'Patient')) return [];
  const row = await ctx.points.read(ctx.db, caller, { type: 'Patient', rid: owner });
  if (!row || row.deleted) return [];
  const patient = await ctx.vault.stored(caller.tenant, row);
  return inScope(caller, 'read', patient) ? [patient] : [];
}

/** Rows until the page is full. One more than is missing tells whether there is another page. */
async function fill(
  walks: Walks,
  { caller }: OperationCall,
  walk: ChartWalk,
  after: WalkKey | undefined,
  count: number,
): Promise<{ docs: Stored[]; next?: WalkKey }> {
  const docs: Stored[] = [];
  let position = after;
  for (let scanned = 0; ;) {
    const limit = Math.min(Math.max(count - docs.length + 1, 50), budget);
    const page = await walks.charts(caller, walk, position, limit);
    for (const [index, doc] of page.docs.entries()) {
      if (docs.length === count) return { docs, next: page.keys[index - 1] ?? position! };
      docs.push(doc);
    }
    if (!page.next) return { docs };
    position = page.next;
    scanned += limit;
    if (scanned >= budget) return { docs, next: position };
  }
}

const textOf = ({ of, type, rid }: WalkKey): string => [of, type, rid].join(' ');

function positionOf(text: string): WalkKey {
  const [of = '', type = '', rid = ''] = text.split(' ');
  return { of, type, rid };
}

function queryOf(asked: Asked): string {
  const text = new URLSearchParams([...asked]).toString();
  return text && `?${text}`;
}

function entryOf(fhirUrl: string, doc: Stored, mode: 'match' | 'include'): BundleEntry {
  return {
    fullUrl: `${fhirUrl}/${doc.type}/${doc.id}`,
    resource: doc.resource,
    search: { mode },
  };
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${name}: ${what}`, expression: [name] });
}
