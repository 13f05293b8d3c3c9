/** What an account's person acts as and belongs to: principals beside her own, asked with the account itself. */

/**
 * A column for a query over access.account: each principal with its instants, `<uuid> <starts> <ends>`. Two steps: a role of
 * hers, or an organisation, may itself be in a team.
 */
export const membershipsOf = (account: string): string => `array(
  select m.principal || ' ' || m.starts || ' ' || m.ends from access.membership m
    where m.tenant = ${account}.tenant and m.person = ${account}.fhir_id
  union
  select n.principal || ' ' || greatest(m.starts, n.starts) || ' ' || least(m.ends, n.ends)
    from access.membership m join access.membership n on n.tenant = m.tenant and n.person = m.principal
    where m.tenant = ${account}.tenant and m.person = ${account}.fhir_id)`;

/** The principals among them that hold at an instant, ms since epoch. */
export function liveMemberships(memberships: readonly string[] | undefined, at: number): string[] {
  if (!memberships?.length) return [];
  const live = new Set<string>();
  for (const one of memberships) {
    const [principal, starts, ends] = one.split(' ');
    if (Number(starts) <= at && at < Number(ends)) live.add(principal!);
  }
  return [...live];
}
