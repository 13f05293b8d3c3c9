/** The words of the policy in SQL: when a grant opens a row, and when a denial shuts it. Used by scoped.ts alone. */

/** The principal of a denial that concerns everybody: everybody but the patient herself and the house. */
export const everybody = '00000000-0000-0000-0000-000000000000';

/** Expressions that say who asks: columns of the callers, or places of parameters. */
export interface Asking {
  tenant: string;
  /** uuid[] */
  principals: string;
  /** uuid[]: the same and `everybody`; without it for the house. */
  shut: string;
  /** text[]: see `purposesServing`. */
  purposes: string;
  /** bigint */
  at: string;
}

/**
 * A live grant on the row's owner: of the whole chart, of the type, or of this one row (`Type/rid`), for the purpose.
 *
 * `offset 0` keeps each EXISTS a probe of its own index for each row. Turned into a semi-join it was planned, on tables
 * without statistics, as a walk over all of a caller's grants for every row: 14 ms a page instead of 0.3 (search/).
 */
export function grantText(row: string, { tenant, principals, purposes, at }: Asking): string {
  return `exists (select from records."grant" g where g.tenant = ${tenant}
    and g.principal = any(${principals}) and g.patient = ${row}.owner
    and (g.class = 'chart' or g.class = ${row}.type or g.class = ${row}.type || '/' || ${row}.rid)
    and g.purpose = any(${purposes}) and g.starts <= ${at} and g.ends > ${at} offset 0)`;
}

/** Whether anything at all is denied to her: asked once for a caller, so that nothing is asked for each row. */
export const anyDenialText = ({ tenant, shut }: Pick<Asking, 'tenant' | 'shut'>): string =>
  `exists (select from records.deny d where d.tenant = ${tenant} and d.principal = any(${shut}))`;

/** A row of records.deny, or of its exceptions, speaks of this caller and this row. */
function concerns(deny: string, row: string, { tenant, shut, purposes, at }: Asking): string {
  return `${deny}.tenant = ${tenant} and ${deny}.principal = any(${shut})
    and (${deny}.label = 0 or ${deny}.label = any(${row}.labels)) and (${deny}.type = '' or ${deny}.type = ${row}.type)
    and (${deny}.rid is null or ${deny}.rid = ${row}.rid) and (${deny}.purpose = '' or ${deny}.purpose = any(${purposes}))
    and ${deny}.starts <= ${at} and ${deny}.ends > ${at}`;
}

/**
 * The owner, or another patient whom the row names, shuts this caller out of it; unless an exception of the same rule
 * spares her. What is not firm gives way in an emergency (a grant for ETREAT).
 */
export function deniedText(row: string, asking: Asking): string {
  const { tenant, principals, purposes, at } = asking;
  return `exists (select from records.deny d where ${concerns('d', row, asking)} and not d.spares
    and d.patient = any(array(select ${row}.owner union all select c.patient from records.compartment c
      where c.tenant = ${tenant} and c.rid = ${row}.rid and c.type = ${row}.type))
    and (d.principal <> '${everybody}' or d.patient <> all(${principals}))
    and ${stands('d', { tenant, principals, purposes, at })}
    and not exists (select from records.deny e where ${concerns('e', row, asking)} and e.spares
      and e.patient = d.patient and e.source = d.source and e.rule = d.rule offset 0) offset 0)`;
}

/** The denial is firm, or the caller is not in an emergency with this patient. */
export function stands(
  deny: string,
  { tenant, principals, purposes, at }: Omit<Asking, 'shut'>,
): string {
  return `(${deny}.firm or 'ETREAT' <> all(${purposes}) or not exists (select from records."grant" b where b.tenant = ${tenant}
      and b.principal = any(${principals}) and b.patient = ${deny}.patient and b.class = 'chart' and b.purpose = 'ETREAT'
      and b.starts <= ${at} and b.ends > ${at} offset 0))`;
}
