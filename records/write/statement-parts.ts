/** The parts a write's statement is put together from: each a data-modifying CTE, or a condition that must hold. */
import { anyDenialText, deniedText, everybody } from '../denials.ts';
import type { Asking } from '../denials.ts';
import { lists, plain, quoted } from './arrays.ts';
import { firstDenial } from './denials.ts';
import { grantParts } from './grant-parts.ts';
import type { Plan, PlannedRow } from './plan.ts';

/** One part of the statement: a data-modifying CTE, and its condition that must hold. */
export interface Part {
  name: string;
  needed(plan: Plan): boolean;
  text(p: (cast: string) => string, has: (name: string) => boolean): string;
  values(plan: Plan): unknown[];
}

/** Who writes, in the columns of the check `held`. */
const writing: Asking = {
  tenant: '$1',
  principals: 'n.principals',
  shut: 'n.shut',
  purposes: 'n.purposes',
  at: 'n.at',
};

const updates = (plan: Plan) => plan.rows.some((row) => row.version > 1);
const edgesOf = (plan: Plan) =>
  plan.rows.flatMap((row) => row.facts.edges.map((edge) => ({ row, edge })));
const periodsOf = (plan: Plan) =>
  plan.rows.flatMap((row) => row.facts.periods.map((period) => ({ row, period })));
const othersOf = (plan: Plan) =>
  plan.rows.flatMap((row) => row.others.map((patient) => ({ row, patient })));
const denialsOf = (plan: Plan) =>
  plan.rows.flatMap((row) => (row.denials ?? []).map((one) => ({ row, one })));
const membersOf = (plan: Plan) =>
  plan.rows.flatMap((row) => (row.members?.rows ?? []).map((one) => ({ row, one })));
const joiningOf = (plan: Plan) => membersOf(plan).filter(({ row }) => !row.members?.stay);
const listed = (plan: Plan) => plan.rows.filter((row) => row.directory !== undefined);

/** Tokens that the version before had and this one has not. */
function dropped({ before, facts }: PlannedRow): { token: string; at: number }[] {
  if (!before) return [];
  const kept = before.at === facts.at ? new Set(facts.tokens) : undefined;
  return before.tokens.filter((one) => !kept?.has(one)).map((token) => ({ token, at: before.at }));
}

export const parts: readonly Part[] = [
  {
    name: 'v',
    needed: () => true,
    text: (
      p,
    ) => `select * from unnest(${p('text[]')}, ${p('uuid[]')}, ${p('int[]')}, ${p('bigint[]')},
      ${p('text[]')}, ${p('bool[]')}, ${p('bigint[]')}, ${p('bigint[]')}, ${p('uuid[]')}, ${p('text[]')},
      ${p('text[]')}, ${p('text[]')}, ${p('int[]')}, ${p('int[]')})
      as v(type, rid, version, updated, verb, deleted, at, until, owner, hash, labels, tokens, start, size)`,
    values: ({ rows }) => {
      let end = 1;
      const starts = rows.map((row) => (end += row.body.length) - row.body.length);
      return [
        plain(rows.map((row) => row.type)),
        plain(rows.map((row) => row.rid)),
        plain(rows.map((row) => row.version)),
        plain(rows.map((row) => row.updated)),
        plain(rows.map((row) => row.verb)),
        plain(rows.map((row) => row.deleted)),
        plain(rows.map((row) => row.at)),
        plain(rows.map((row) => row.until)),
        plain(rows.map((row) => row.owner)),
        quoted(rows.map((row) => row.compartment_hash.toString('hex'))),
        lists(rows.map((row) => row.labels)),
        lists(rows.map((row) => row.facts.tokens)),
        plain(starts),
        plain(rows.map((row) => row.body.length)),
      ];
    },
  },
  {
    name: 'old',
    needed: updates,
    text: () => `insert into records.history
      select r.tenant, r.type, r.rid, r.version, r.updated, r.verb, r.deleted, r.at, r.until, r.owner,
        r.compartment_hash, r.labels, r.body
      from v join records.resource r on r.tenant = $1 and r.type = v.type and r.rid = v.rid
      where v.version > 1 and r.version = v.version - 1`,
    values: () => [],
  },
  {
    name: 'wrote',
    needed: () => true,
    text: () => `insert into records.resource as r (tenant, type, rid, version, updated, verb, deleted, at, until,
        owner, compartment_hash, labels, tokens, body)
      select $1, v.type, v.rid, v.version, v.updated, v.verb, v.deleted, v.at, v.until, v.owner,
        decode(v.hash, 'hex'), v.labels::bigint[], v.tokens::bigint[], substring($2::bytea from v.start for v.size)
      from v
      on conflict (tenant, type, rid) do update set version = excluded.version, updated = excluded.updated,
        verb = excluded.verb, deleted = excluded.deleted, at = excluded.at, until = excluded.until,
        owner = excluded.owner, compartment_hash = excluded.compartment_hash, labels = excluded.labels,
        tokens = excluded.tokens, body = excluded.body
      where r.version = excluded.version - 1
      returning 1`,
    values: () => [],
  },
  {
    name: 'untokened',
    needed: (plan) => plan.rows.some((row) => dropped(row).length > 0),
    text: (p) => `delete from records.token t
      using unnest(${p('bigint[]')}, ${p('bigint[]')}, ${p('uuid[]')}) d(token, at, rid)
      where t.tenant = $1 and t.token = d.token and t.at = d.at and t.rid = d.rid`,
    values: ({ rows }) => {
      const gone = rows.flatMap((row) => dropped(row).map((one) => ({ ...one, rid: row.rid })));
      return [
        plain(gone.map((one) => one.token)),
        plain(gone.map((one) => one.at)),
        plain(gone.map((one) => one.rid)),
      ];
    },
  },
  {
    name: 'tokened',
    needed: (plan) => plan.rows.some((row) => row.facts.tokens.length > 0),
    // What an update leaves as it was is there already.
    text: (_p, has) => `insert into records.token (tenant, token, at, rid)
      select $1, t, v.at, v.rid from v, unnest(v.tokens::bigint[]) t
      ${has('old') ? 'on conflict do nothing' : ''}`,
    values: () => [],
  },
  {
    name: 'unlinked',
    needed: updates,
    text: (
      _p,
      has,
    ) => `delete from records.edge e using v where v.version > 1 and e.tenant = $1 and e.source = v.rid
      and e.source_type = v.type
      ${has('e') ? 'and (e.source, e.source_type, e.target, e.target_type) not in (select source, source_type, target, target_type from e)' : ''}`,
    values: () => [],
  },
  {
    name: 'e',
    needed: (plan) => edgesOf(plan).length > 0,
    text: (
      p,
    ) => `select * from unnest(${p('text[]')}, ${p('uuid[]')}, ${p('text[]')}, ${p('uuid[]')}, ${p('text[]')})
      as e(source_type, source, target_type, target, params)`,
    values: (plan) => {
      const edges = edgesOf(plan);
      return [
        plain(edges.map(({ row }) => row.type)),
        plain(edges.map(({ row }) => row.rid)),
        plain(edges.map(({ edge }) => edge.targetType)),
        plain(edges.map(({ edge }) => edge.target)),
        lists(edges.map(({ edge }) => edge.params)),
      ];
    },
  },
  {
    name: 'linked',
    needed: (plan) => edgesOf(plan).length > 0,
    text: (
      _p,
      has,
    ) => `insert into records.edge (tenant, source_type, source, target_type, target, params)
      select $1, source_type, source, target_type, target, params::text[] from e
      ${has('old') ? 'on conflict (tenant, source, source_type, target, target_type) do update set params = excluded.params' : ''}`,
    values: () => [],
  },
  {
    name: 'p',
    needed: (plan) => periodsOf(plan).length > 0,
    text: (
      p,
    ) => `select distinct * from unnest(${p('text[]')}, ${p('uuid[]')}, ${p('text[]')}, ${p('bigint[]')}, ${p('bigint[]')})
      as p(type, rid, param, starts, until)`,
    values: (plan) => {
      const periods = periodsOf(plan);
      return [
        plain(periods.map(({ row }) => row.type)),
        plain(periods.map(({ row }) => row.rid)),
        plain(periods.map(({ period }) => period.param)),
        plain(periods.map(({ period }) => period.starts)),
        plain(periods.map(({ period }) => period.until)),
      ];
    },
  },
  {
    name: 'undated',
    needed: updates,
    text: (
      _p,
      has,
    ) => `delete from records.period d using v where v.version > 1 and d.tenant = $1 and d.rid = v.rid
      and d.type = v.type
      ${has('p') ? 'and (d.type, d.rid, d.param, d.starts, d.until) not in (select type, rid, param, starts, until from p)' : ''}`,
    values: () => [],
  },
  {
    name: 'dated',
    needed: (plan) => periodsOf(plan).length > 0,
    text: (_p, has) => `insert into records.period (tenant, type, rid, param, starts, until)
      select $1, type, rid, param, starts, until from p ${has('old') ? 'on conflict do nothing' : ''}`,
    values: () => [],
  },
  {
    name: 'c',
    needed: (plan) => othersOf(plan).length > 0,
    text: (p) =>
      `select * from unnest(${p('text[]')}, ${p('uuid[]')}, ${p('uuid[]')}) as c(type, rid, patient)`,
    values: (plan) => {
      const others = othersOf(plan);
      return [
        plain(others.map(({ row }) => row.type)),
        plain(others.map(({ row }) => row.rid)),
        plain(others.map(({ patient }) => patient)),
      ];
    },
  },
  {
    name: 'unnamed',
    needed: updates,
    text: (
      _p,
      has,
    ) => `delete from records.compartment d using v where v.version > 1 and d.tenant = $1 and d.rid = v.rid
      and d.type = v.type ${has('c') ? 'and (d.type, d.rid, d.patient) not in (select type, rid, patient from c)' : ''}`,
    values: () => [],
  },
  {
    name: 'named',
    needed: (plan) => othersOf(plan).length > 0,
    text: () => `insert into records.compartment (tenant, type, rid, patient)
      select $1, type, rid, patient from c on conflict do nothing`,
    values: () => [],
  },
  {
    name: 'keyed',
    needed: (plan) => plan.newKeys.length > 0,
    text: (p) => `insert into records.owner_key (tenant, owner, kid, version)
      select $1, k.* from unnest(${p('uuid[]')}, ${p('uuid[]')}, ${p('int[]')}) k
      on conflict do nothing returning 1`,
    values: ({ newKeys }) => [
      plain(newKeys.map((one) => one.owner)),
      plain(newKeys.map((one) => one.key.kid)),
      plain(newKeys.map((one) => one.key.version)),
    ],
  },
  {
    name: 'listed',
    needed: (plan) => listed(plan).length > 0,
    // Rows of one resource follow one another in (xid, seq): the tail of the directory sees each once more.
    text: (p) => `insert into records.directory as d (tenant, type, rid, sealed, deleted)
      select $1, x.type, x.rid, decode(x.sealed, 'hex'), x.sealed is null
      from unnest(${p('text[]')}, ${p('uuid[]')}, ${p('text[]')}) x(type, rid, sealed)
      on conflict (tenant, type, rid) do update set sealed = excluded.sealed, deleted = excluded.deleted,
        seq = excluded.seq, xid = excluded.xid`,
    values: (plan) => {
      const rows = listed(plan);
      return [
        plain(rows.map((row) => row.type)),
        plain(rows.map((row) => row.rid)),
        plain(rows.map((row) => row.directory?.toString('hex') ?? null)),
      ];
    },
  },
  ...grantParts,
  {
    name: 'undenied',
    needed: (plan) => plan.rows.some((row) => row.version > 1 && row.denials),
    // Rows of this version count on from those of the last: none of them is in the way.
    text: (
      p,
    ) => `delete from records.deny d using unnest(${p('text[]')}, ${p('bigint[]')}) x(source, since)
      where d.tenant = $1 and d.source = x.source and d.n < x.since`,
    values: ({ rows }) => {
      const changed = rows.filter((row) => row.version > 1 && row.denials);
      return [
        quoted(changed.map((row) => row.source)),
        plain(changed.map((row) => firstDenial(row.version))),
      ];
    },
  },
  {
    name: 'denied',
    needed: (plan) => denialsOf(plan).length > 0,
    text: (
      p,
    ) => `insert into records.deny (tenant, principal, patient, label, source, type, rid, purpose, starts, ends, rule, spares, firm, n)
      select $1, x.* from unnest(${p('uuid[]')}, ${p('uuid[]')}, ${p('bigint[]')}, ${p('text[]')}, ${p('text[]')}, ${p('uuid[]')},
        ${p('text[]')}, ${p('bigint[]')}, ${p('bigint[]')}, ${p('int[]')}, ${p('bool[]')}, ${p('bool[]')}, ${p('bigint[]')}) x`,
    values: (plan) => {
      const all = denialsOf(plan);
      return [
        plain(all.map(({ one }) => one.principal)),
        plain(all.map(({ one }) => one.patient)),
        plain(all.map(({ one }) => one.label)),
        quoted(all.map(({ row }) => row.source)),
        quoted(all.map(({ one }) => one.type)),
        plain(all.map(({ one }) => one.rid)),
        quoted(all.map(({ one }) => one.purpose)),
        plain(all.map(({ one }) => one.starts)),
        plain(all.map(({ one }) => one.ends)),
        plain(all.map(({ one }) => one.rule)),
        plain(all.map(({ one }) => one.spares)),
        plain(all.map(({ one }) => one.firm)),
        plain(all.map(({ row, one }) => firstDenial(row.version) + row.denials!.indexOf(one))),
      ];
    },
  },
  {
    name: 'parted',
    needed: (plan) => plan.rows.some((row) => row.version > 1 && row.members),
    text: (
      p,
    ) => `delete from access.membership d where d.tenant = $1 and d.source = any(${p('text[]')})
      and (d.person, d.principal, d.source) not in
        (select * from unnest(${p('uuid[]')}, ${p('uuid[]')}, ${p('text[]')}))`,
    values: (plan) => {
      const all = membersOf(plan);
      return [
        quoted(plan.rows.filter((row) => row.version > 1 && row.members).map((row) => row.source)),
        plain(all.map(({ one }) => one.person)),
        plain(all.map(({ one }) => one.principal)),
        quoted(all.map(({ row }) => row.source)),
      ];
    },
  },
  {
    name: 'joined',
    needed: (plan) => joiningOf(plan).length > 0,
    text: (p) => `insert into access.membership (tenant, person, principal, source, starts, ends)
      select $1, x.* from unnest(${p('uuid[]')}, ${p('uuid[]')}, ${p('text[]')}, ${p('bigint[]')}, ${p('bigint[]')}) x
      on conflict (tenant, person, principal, source)
        do update set starts = excluded.starts, ends = excluded.ends`,
    values: (plan) => {
      const all = joiningOf(plan);
      return [
        plain(all.map(({ one }) => one.person)),
        plain(all.map(({ one }) => one.principal)),
        quoted(all.map(({ row }) => row.source)),
        plain(all.map(({ one }) => one.starts)),
        plain(all.map(({ one }) => one.ends)),
      ];
    },
  },
  {
    name: 'told',
    needed: () => true,
    text: () => `insert into records.change (tenant, type, rid, version, verb, owner, at)
      select $1, v.type, v.rid, v.version, v.verb, v.owner, v.updated from v`,
    values: () => [],
  },
  {
    name: 'answered',
    needed: (plan) => plan.idempotency !== undefined,
    text: (p) => `insert into records.idempotency (tenant, caller, key, request_hash, response, at)
      values ($1, ${p('uuid')}, ${p('bigint')}, ${p('bytea')}, ${p('bytea')}, ${p('bigint')})`,
    values: ({ idempotency: one }) =>
      one ? [one.caller, one.key, one.requestHash, one.response, one.at] : [],
  },
];

/** Conditions that end the whole statement when they do not hold; each with its SQLSTATE. */
export const checks: readonly Part[] = [
  {
    name: 'current',
    needed: () => true,
    text: () => `records.must((select count(*) from wrote) = (select count(*) from v), 'AF409')`,
    values: () => [],
  },
  {
    // Another process gave this patient a key a moment ago: run again, and find it.
    name: 'first',
    needed: (plan) => plan.newKeys.length > 0,
    text: (p) => `records.must((select count(*) from keyed) = ${p('int')}, '40001')`,
    values: ({ newKeys }) => [newKeys.length],
  },
  {
    name: 'held',
    needed: (plan) => plan.mustHold.length > 0,
    text: (
      p,
    ) => `records.must(not exists (select from (select u.patient as owner, u.type, null::uuid as rid, '{}'::bigint[] as labels, u.at,
          u.principals::uuid[] as principals, u.principals::uuid[] || '${everybody}'::uuid as shut, u.purposes::text[] as purposes
        from unnest(${p('uuid[]')}, ${p('text[]')}, ${p('text[]')}, ${p('text[]')}, ${p('bigint[]')}) u(patient, type, principals, purposes, at)
        offset 0) n
      where not exists (select from records."grant" g where g.tenant = $1 and g.principal = any(n.principals)
          and g.patient = n.owner and g.class = 'chart' and g.purpose = any(n.purposes) and g.starts <= n.at and g.ends > n.at)
        or ${anyDenialText(writing)} and ${deniedText('n', writing)}), 'AF403')`,
    values: ({ mustHold }) => [
      plain(mustHold.map((one) => one.patient)),
      plain(mustHold.map((one) => one.type)),
      lists(mustHold.map((one) => one.principals)),
      lists(mustHold.map((one) => one.purposes)),
      plain(mustHold.map((one) => one.at)),
    ],
  },
];
