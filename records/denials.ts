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

/**
 * The owner, or another patient whom the row names, shuts this caller out of it; unless an exception of the same rule
 * spares her. What is not firm gives way in an emergency (a grant for ETREAT). The rule is a function (migration 0016),
 * behind a probe for rows of this patient: a statement pays for every part of its plan when it starts, and nearly nobody
 * is denied anything.
 *
 * Measured, CPU us of the backend for 1 and 20 rows by their keys, generic plans, nothing denied / somebody else's denial of
 * everybody: all written out 106, 341 / 104, 378; the function alone 93, 423 / 123, 762; probe and function
 * 94, 366 / 88, 346.
 */
export function deniedText(row: string, asking: Asking): string {
  const { tenant, principals, shut, purposes, at } = asking;
  return `((exists (select from records.deny d where d.tenant = ${tenant} and d.principal = any(${shut}) and d.patient = ${row}.owner offset 0)
      or exists (select from records.compartment c where c.tenant = ${tenant} and c.rid = ${row}.rid and c.type = ${row}.type offset 0))
    and records.denied(${tenant}, ${principals}, ${shut}, ${purposes}, ${at}, ${row}.type, ${row}.rid, ${row}.owner, ${row}.labels))`;
}
