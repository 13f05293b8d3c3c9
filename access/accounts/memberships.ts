/** What an account's person acts as and belongs to: principals beside her own, asked with the account itself. */
import type { Queryable } from '@afar/platform';

/**
 * A column for a query over access.account: each principal with its instants, `<uuid> <starts> <ends>`. Two steps: a role of
 * hers, or an organisation, may itself be in a team. Only groups that count: that a grant or a denial names, or that are in
 * another (migration 0020); a care team that lets in its own participants and no more is none of them.
 */
export const membershipsOf = (account: string): string => `array(
  select m.principal || ' ' || m.starts || ' ' || m.ends from access.membership m
    where m.tenant = ${account}.tenant and m.person = ${account}.fhir_id and m.counts
  union
  select n.principal || ' ' || greatest(m.starts, n.starts) || ' ' || least(m.ends, n.ends)
    from access.membership m join access.membership n on n.tenant = m.tenant and n.person = m.principal and n.counts
    where m.tenant = ${account}.tenant and m.person = ${account}.fhir_id and m.counts)`;

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

/** Of these groups, named by anything or not, the ones that a person is in at an instant, ms since epoch: for who is about to name one. */
export async function groupsAmong(
  sql: Queryable,
  who: { tenant: number; person: string; at: number },
  groups: readonly string[],
): Promise<string[]> {
  const { rows } = await sql.query<{ principal: string }>({
    name: 'access.groups-among',
    text: `select n.principal from access.membership n
      where n.tenant = $1 and n.principal = any($2::uuid[]) and n.starts <= $4 and n.ends > $4
        and (n.person = $3 or exists (select from access.membership m where m.tenant = $1 and m.person = $3
          and m.principal = n.person and m.starts <= $4 and m.ends > $4))`,
    values: [who.tenant, groups, who.person, who.at],
  });
  return rows.map((row) => row.principal);
}
