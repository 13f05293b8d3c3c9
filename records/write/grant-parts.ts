/** Grants in a write's statement: those of this version replace what its earlier ones gave. */
import { plain, quoted } from './arrays.ts';
import type { Plan } from './plan.ts';
import type { Part } from './statement-parts.ts';

const grantsOf = (plan: Plan) => plan.rows.flatMap((row) => row.grants ?? []);
const consentsOf = ({ rows }: Plan) =>
  rows.filter((row) => row.type === 'Consent' && row.version > 1 && row.grants);

export const grantParts: readonly Part[] = [
  {
    name: 'g',
    needed: (plan) => grantsOf(plan).length > 0,
    text: (
      p,
    ) => `select * from unnest(${p('uuid[]')}, ${p('uuid[]')}, ${p('text[]')}, ${p('text[]')}, ${p('text[]')},
      ${p('bigint[]')}, ${p('bigint[]')}, ${p('bigint[]')}) as g(principal, patient, class, purpose, source, starts, ends, ceiling)`,
    values: (plan) => {
      const grants = grantsOf(plan);
      return [
        plain(grants.map((one) => one.principal)),
        plain(grants.map((one) => one.patient)),
        quoted(grants.map((one) => one.class)),
        quoted(grants.map((one) => one.purpose)),
        quoted(grants.map((one) => one.source)),
        plain(grants.map((one) => one.starts)),
        plain(grants.map((one) => one.ends)),
        plain(grants.map((one) => one.ceiling ?? null)),
      ];
    },
  },
  {
    name: 'revoked',
    needed: (plan) => plan.rows.some((row) => row.version > 1 && row.grants),
    text: (
      p,
      has,
    ) => `delete from records."grant" d where d.tenant = $1 and d.source = any(${p('text[]')})
      ${has('g') ? 'and (d.principal, d.patient, d.source, d.class, d.purpose) not in (select principal, patient, source, class, purpose from g)' : ''}`,
    values: ({ rows }) => [
      plain(rows.filter((row) => row.version > 1 && row.grants).map((row) => row.source)),
    ],
  },
  {
    name: 'outlived',
    needed: (plan) => consentsOf(plan).length > 0,
    // What holders wrote for somebody whom a consent had let in does not outlive it, unless something else lets her in.
    text: (
      p,
      has,
    ) => `delete from records."grant" d using (select distinct w.principal, w.patient, x.sources, x.at
        from (select array_agg(u.source) as sources, max(u.at) as at from unnest(${p('text[]')}, ${p('bigint[]')}) u(source, at)) x
        join records."grant" w on w.tenant = $1 and w.source = any(x.sources)
        ${has('g') ? 'where (w.principal, w.patient, w.source, w.class, w.purpose) not in (select principal, patient, source, class, purpose from g)' : ''}) o
      where d.tenant = $1 and d.principal = o.principal and d.patient = o.patient and d.ceiling is not null
        and not exists (select from records."grant" r where r.tenant = $1 and r.principal = o.principal and r.patient = o.patient
          and r.class = 'chart' and r.ceiling is null and r.source <> all(o.sources) and r.starts <= o.at and r.ends > o.at)`,
    values: (plan) => {
      const rows = consentsOf(plan);
      return [quoted(rows.map((row) => row.source)), plain(rows.map((row) => row.updated))];
    },
  },
  {
    name: 'granted',
    needed: (plan) => grantsOf(plan).length > 0,
    text: () => `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends, ceiling)
      select $1, g.* from g
      on conflict (tenant, principal, patient, source, class, purpose)
        do update set starts = excluded.starts, ends = excluded.ends, ceiling = excluded.ceiling`,
    values: () => [],
  },
];
