/** Grants that no resource of its own gives: break-glass, share links. Other rooms write them beside their own rows. */
import type { Caller, GrantRow } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { noteReach } from './reach-changes.ts';

export interface Grants {
  /** Adds or prolongs; the source names who answers for them. @throws Refusal `forbidden` unless the house itself asks */
  give(rows: readonly GrantRow[]): Promise<void>;
  /** Ends everything a source has given; grants of other sources stay. */
  withdraw(source: string): Promise<void>;
  /**
   * Keeps single rows from the patient herself, who speaks for her, and whom she shows her record to, until `until` (ms since
   * epoch). Staff see them. What was kept back under the same source before gives way. @throws Refusal `forbidden`
   */
  withhold(back: Withheld): Promise<void>;
  /** Shows what a source kept back. */
  show(source: string): Promise<void>;
}

/** Rows of one patient that she is to see later. */
export interface Withheld {
  patient: string;
  source: string;
  rows: readonly { type: string; rid: string }[];
  until: number;
}

export function grantsOn(sql: Queryable, caller: Caller): Grants {
  const requireHouse = (): void => {
    if (!caller.wildcard)
      throw new Refusal('forbidden', { detail: 'grants are given by the house' });
  };
  const show = async (source: string): Promise<void> => {
    await sql.query('delete from records.deny where tenant = $1 and source = $2', [
      caller.tenant,
      source,
    ]);
  };
  return {
    async give(rows) {
      requireHouse();
      await sql.query(
        `insert into records."grant" as g (tenant, principal, patient, class, purpose, source, starts, ends, ceiling)
         select $1, x.* from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[]) x
         on conflict (tenant, principal, patient, source, class, purpose)
           do update set starts = excluded.starts, ends = excluded.ends, ceiling = excluded.ceiling`,
        [
          caller.tenant,
          rows.map((row) => row.principal),
          rows.map((row) => row.patient),
          rows.map((row) => row.class),
          rows.map((row) => row.purpose),
          rows.map((row) => row.source),
          rows.map((row) => row.starts),
          rows.map((row) => row.ends),
          rows.map((row) => row.ceiling ?? null),
        ],
      );
    },
    async withdraw(source) {
      requireHouse();
      const { rows } = await sql.query<{ patient: string }>(
        'delete from records."grant" where tenant = $1 and source = $2 returning patient',
        [caller.tenant, source],
      );
      noteReach(sql, caller.tenant, [...new Set(rows.map((row) => row.patient))]);
    },
    async withhold({ patient, source, rows, until }) {
      requireHouse();
      await show(source);
      // Proxies and links that come later are not named here: see visits/results on what that leaves open.
      await sql.query(
        `insert into records.deny (tenant, principal, patient, source, type, rid, ends, firm, n)
         select $1, p.principal, $2::uuid, $3, x.type, x.rid, $6::bigint, true, x.n
         from (select $2::uuid as principal
             union select g.principal from records."grant" g where g.tenant = $1 and g.patient = $2::uuid and g.ends > $7::bigint
               and (g.source like 'RelatedPerson/%' or g.source like 'Link/%')) p,
           unnest($4::text[], $5::uuid[]) with ordinality x(type, rid, n)`,
        [
          caller.tenant,
          patient,
          source,
          rows.map((row) => row.type),
          rows.map((row) => row.rid),
          until,
          caller.at,
        ],
      );
    },
    async show(source) {
      requireHouse();
      await show(source);
    },
  };
}
