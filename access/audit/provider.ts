/** AuditEvent as a computed FHIR type: read and search over the trail, for those whose role allows it. */
import {
  Refusal,
  type AuditEvent,
  type Clause,
  type Criterion,
  type SearchQuery,
} from '@afar/fhir';
import type { Db } from '@afar/platform';
import type { Caller } from '../caller.ts';
import { isUuid } from '../ids.ts';
import { may } from '../may.ts';
import { accountSystem, requestType, signInType, toAuditEvent } from './fhir-event.ts';
import type { Origins } from './origin.ts';
import type { EventRow } from './row.ts';
import { searchEvents, type AuditFilter } from './search.ts';

/** What `records.virtual('AuditEvent', …)` takes. */
export interface AuditEvents {
  /** What it is searched by; anything else is refused. */
  searchParams: readonly string[];
  read(caller: Caller, id: string): Promise<AuditEvent | undefined>;
  stream(
    caller: Caller,
    query: SearchQuery,
    after?: string,
  ): AsyncIterable<{ key: string; resource: AuditEvent }>;
}

const searched = [
  '_id',
  '_lastUpdated',
  'action',
  'agent',
  'agent-role',
  'date',
  'entity',
  'outcome',
  'patient',
  'subtype',
  'type',
] as const;

interface Wanted extends AuditFilter {
  /** Asked for by a code that no event has. */
  nothing?: boolean;
}

const outcomes = ['0', '4', '8'];

const unsupported = (param: string): Refusal =>
  new Refusal('not-supported', { diagnostics: `AuditEvent is not searched by ${param} this way` });

/** A second's slack is not needed: bounds are exact, ends exclusive. */
function narrowDate(filter: AuditFilter, { values, param }: Criterion): void {
  const value = values[0];
  if (values.length !== 1 || value?.kind !== 'date') throw unsupported(param);
  const from = (at: number): void => {
    filter.from = Math.max(filter.from ?? 0, Math.ceil(at));
  };
  const to = (at: number): void => {
    filter.to = Math.min(filter.to ?? Number.MAX_SAFE_INTEGER, Math.ceil(at));
  };
  // [FHIR R4 search.html#date] an instant lies inside, before or after the value's interval.
  switch (value.prefix) {
    case 'eq':
      from(value.start);
      return to(value.end);
    case 'ge':
      return from(value.start);
    case 'gt':
    case 'sa':
      return from(value.end);
    case 'le':
      return to(value.end);
    case 'lt':
    case 'eb':
      return to(value.start);
    default:
      throw unsupported(param);
  }
}

function narrowToken(filter: Wanted, { values, param }: Criterion): void {
  const value = values[0];
  if (values.length !== 1 || value?.kind !== 'token' || !value.code) throw unsupported(param);
  if (param === '_id') filter.id = value.code;
  else if (param === 'outcome') {
    filter.nothing ||= !outcomes.includes(value.code);
    filter.outcome = Number(value.code) as 0 | 4 | 8;
  } else if (param === 'subtype') filter.action = value.code;
  else if (param === 'action') filter.verb = value.code as AuditFilter['verb'];
  else if (param === 'agent-role') filter.role = value.code;
  else if (param === 'type') {
    filter.nothing ||= value.code !== signInType && value.code !== requestType;
    filter.signIn = value.code === signInType;
  } else throw unsupported(param);
}

function narrowReference(filter: Wanted, { values, param }: Criterion): void {
  const value = values[0];
  if (values.length !== 1 || value?.kind !== 'reference') throw unsupported(param);
  if (param === 'agent' && value.system === accountSystem && value.code) filter.who = value.code;
  else if (param === 'patient' && value.id && (value.type ?? 'Patient') === 'Patient')
    filter.patient = value.id;
  else if (param === 'entity' && value.type && value.id) {
    // A patient among those concerned, or the thing itself.
    if (value.type === 'Patient') filter.patient = value.id;
    else Object.assign(filter, { type: value.type, rid: value.id });
  } else throw unsupported(param);
}

function narrow(filter: Wanted, clause: Clause): void {
  if (clause.kind !== 'value') throw unsupported('param' in clause ? clause.param : '_filter');
  if (clause.modifier === 'missing' || clause.modifier === 'not') throw unsupported(clause.param);
  if (clause.type === 'date') narrowDate(filter, clause);
  else if (clause.type === 'token') narrowToken(filter, clause);
  else if (clause.type === 'reference') narrowReference(filter, clause);
  else throw unsupported(clause.param);
}

function wantedOf({ clauses }: SearchQuery): Wanted {
  const wanted: Wanted = {};
  for (const clause of clauses) narrow(wanted, clause);
  return wanted;
}

/** The trail is told newest first: what an auditor asks, and the only order its index has. */
function checkSort({ sort }: SearchQuery): void {
  const [key, more] = sort;
  if (!key) return;
  if (more || !key.descending || !['date', '_lastUpdated'].includes(key.param))
    throw unsupported(`_sort=${key.param}`);
}

export function auditEvents(deps: {
  db: Db;
  origins: Origins;
  names(tenant: number, ids: string[]): Promise<Map<string, string>>;
}): AuditEvents {
  const { db, origins, names } = deps;

  async function drawn(rows: EventRow[], tenant: number): Promise<AuditEvent[]> {
    const known = await names(
      tenant,
      rows.map((row) => row.who),
    );
    return Promise.all(
      rows.map(async (row) =>
        toAuditEvent(row, await origins.open(tenant, row.origin), known.get(row.who)),
      ),
    );
  }

  return {
    searchParams: searched,
    async read(caller, id) {
      if (!may(caller, 'read', 'AuditEvent')) throw new Refusal('forbidden');
      if (!isUuid(id)) return undefined;
      const rows = await searchEvents(db, caller.tenant, { id }, 1);
      return (await drawn(rows, caller.tenant))[0];
    },
    async *stream(caller, query, after) {
      if (!may(caller, 'search', 'AuditEvent')) throw new Refusal('forbidden');
      checkSort(query);
      const { nothing, ...filter } = wantedOf(query);
      if (nothing) return;
      if (
        [filter.id, filter.who, filter.patient, filter.rid].some(
          (one) => one !== undefined && !isUuid(one),
        )
      )
        return;
      const size = Math.min(Math.max(query.count + 1, 2), 500);
      let last = after && isUuid(after) ? after : undefined;
      for (;;) {
        const rows = await searchEvents(db, caller.tenant, { ...filter, after: last }, size);
        for (const resource of await drawn(rows, caller.tenant))
          yield { key: resource.id!, resource };
        if (rows.length < size) return;
        last = rows.at(-1)!.id;
      }
    },
  };
}
