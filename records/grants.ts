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
}

export function grantsOn(sql: Queryable, caller: Caller): Grants {
  const requireHouse = (): void => {
    if (!caller.wildcard)
      throw new Refusal('forbidden', { detail: 'grants are given by the house' });
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
  };
}
