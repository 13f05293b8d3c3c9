/** An audit event as it lies in the table, and the digest the hash chain is made of. */
import { isResourceType } from '@afar/fhir';
import { aad, type Sql } from '@afar/platform';
import { isUuid, newId, sha256 } from '../ids.ts';
import { nobody } from '../caller.ts';
import type { AuditEntry } from './entry.ts';
import { isParamName } from './vocabulary.ts';

export interface EventRow {
  tenant: number;
  at: number;
  id: string;
  request: string;
  who: string;
  role: string;
  origin: Buffer;
  verb: string;
  action: string;
  type: string | null;
  rid: string | null;
  patients: string[] | null;
  purpose: string;
  outcome: number;
  params: string[] | null;
  body_hash: Buffer | null;
}

export const columns =
  'tenant, at, id, request, who, role, origin, verb, action, type, rid, patients, purpose, outcome, params, body_hash';

/**
 * The row of an entry. What could carry a value where only a name belongs (an id that is not ours, a
 * parameter that is no name) is left out: the trail holds no PHI whatever a client sends.
 */
export function rowOf(entry: AuditEntry, origin: Buffer): EventRow {
  const patients = [...new Set(entry.patients)].filter(isUuid);
  const params = (entry.params ?? []).filter(isParamName).slice(0, 32);
  return {
    tenant: entry.tenant,
    at: entry.at,
    id: newId(entry.at),
    request: entry.requestId,
    who: isUuid(entry.who) ? entry.who : nobody,
    role: entry.role,
    origin,
    verb: entry.verb,
    action: entry.action,
    type: entry.type && isResourceType(entry.type) ? entry.type : null,
    rid: entry.rid && isUuid(entry.rid) ? entry.rid : null,
    patients: patients.length > 0 ? patients : null,
    purpose: entry.purpose,
    outcome: entry.outcome,
    params: params.length > 0 ? params : null,
    body_hash: entry.bodyHash ?? null,
  };
}

/** sha256 over every column, unambiguously encoded. */
export function digestOf(row: EventRow): Buffer {
  return sha256(
    aad(
      row.tenant,
      row.at,
      row.id,
      row.request,
      row.who,
      row.role,
      row.origin,
      row.verb,
      row.action,
      row.type,
      row.rid,
      row.patients?.join(',') ?? null,
      row.purpose,
      row.outcome,
      row.params?.join(',') ?? null,
      row.body_hash,
    ),
  );
}

/** The insert of one event inside a write's own transaction; placeholders from `$first`. */
export function insertOf(
  row: EventRow,
  boot: string,
  first = 1,
): Required<Pick<Sql, 'text' | 'values'>> {
  const values = [
    row.tenant,
    row.at,
    row.id,
    row.request,
    row.who,
    row.role,
    row.origin,
    row.verb,
    row.action,
    row.type,
    row.rid,
    row.patients,
    row.purpose,
    row.outcome,
    row.params,
    row.body_hash,
    boot,
  ];
  const types =
    'int bigint uuid text uuid text bytea "char" text text text uuid[] text smallint text[] bytea uuid';
  const list = types.split(' ').map((type, at) => `$${first + at}::${type}`);
  return {
    text: `insert into access.audit_event (${columns}, boot, xid, seq) values (${list.join(', ')}, pg_current_xact_id(), nextval('access.audit_seq'))`,
    values,
  };
}

/** How many placeholders `insertOf` takes. */
export const insertArity = 17;

/** The insert of several events, of one request or of many: every column an array, so that the text never changes. */
export function insertManyOf(
  rows: readonly EventRow[],
  boot: string,
  first = 1,
): Required<Pick<Sql, 'text' | 'values'>> {
  // Ids, names of types and hex only (see `rowOf`): nothing that an array literal would have to quote.
  const array = (values: (string | number | null)[]): string =>
    `{${values.map((one) => (one === null ? 'NULL' : `"${one}"`)).join()}}`;
  const values = [
    boot,
    array(rows.map((row) => row.tenant)),
    array(rows.map((row) => row.at)),
    array(rows.map((row) => row.id)),
    rows.map((row) => row.request),
    array(rows.map((row) => row.who)),
    array(rows.map((row) => row.role)),
    array(rows.map((row) => row.origin.toString('hex'))),
    array(rows.map((row) => row.verb)),
    rows.map((row) => row.action),
    array(rows.map((row) => row.type)),
    array(rows.map((row) => row.rid)),
    array(rows.map((row) => row.patients && `{${row.patients.join()}}`)),
    rows.map((row) => row.purpose),
    array(rows.map((row) => row.outcome)),
    array(rows.map((row) => row.body_hash && row.body_hash.toString('hex'))),
  ];
  const types =
    'uuid int[] bigint[] uuid[] text[] uuid[] text[] text[] text[] text[] text[] text[] text[] text[] smallint[] text[]';
  const [own, ...lists] = types.split(' ').map((type, index) => `$${first + index}::${type}`);
  return {
    text: `insert into access.audit_event (${columns}, boot, xid, seq)
      select x.tenant, x.at, x.id, x.request, x.who, x.role, decode(x.origin, 'hex'), x.verb::"char", x.action, x.type,
        x.rid, x.patients::uuid[], x.purpose, x.outcome, null, decode(x.hash, 'hex'), ${own}, pg_current_xact_id(),
        nextval('access.audit_seq')
      from unnest(${lists.join(', ')})
        x(tenant, at, id, request, who, role, origin, verb, action, type, rid, patients, purpose, outcome, hash)`,
    values,
  };
}
