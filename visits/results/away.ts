/** Who answers while a clinician is away. */
import type { Caller } from '@afar/access';
import type { Away } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { clinicianBrief } from '../people.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';

/** A year: longer away, somebody else has her patients. */
const longestMs = 366 * 86_400_000;

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readAway(body: unknown): { cover: string; starts: number; ends: number } {
  const { from, until, cover } = (body ?? {}) as Record<string, unknown>;
  const [starts, ends] = [from, until].map((one) =>
    typeof one === 'string' ? Date.parse(one) : Number.NaN,
  ) as [number, number];
  refuseFaults([
    ...(Number.isNaN(starts) ? [fault('from', 'an instant')] : []),
    ...(ends > starts && ends - starts <= longestMs
      ? []
      : [fault('until', 'an instant after it, a year at most')]),
    ...(isUuid(cover) ? [] : [fault('cover', 'a practitioner')]),
  ]);
  return { cover: cover as string, starts, ends };
}

interface Row {
  cover: string;
  starts: number;
  ends: number;
}

export async function awayOf(house: House, caller: Caller): Promise<Away | undefined> {
  const { rows } = await house.db.query<Row>({
    name: 'visits.away',
    text: 'select cover, starts, ends from visits.away where tenant = $1 and clinician = $2 and ends > $3',
    values: [caller.tenant, caller.fhirUser?.id, house.clock.now()],
  });
  const row = rows[0];
  if (!row) return undefined;
  const { name } = await clinicianBrief(house, caller, row.cover);
  return { from: iso(row.starts), until: iso(row.ends), cover: row.cover, coverName: name };
}

/** @throws Refusal 'invalid' (422) when the cover is nobody who works here, or she herself */
export async function putAway(
  house: House,
  caller: Caller,
  { cover, starts, ends }: ReturnType<typeof readAway>,
): Promise<void> {
  const self = caller.fhirUser!.id;
  const known = await house.access.accounts.byFhirUser(caller.tenant, {
    type: 'Practitioner',
    id: cover,
  });
  if (cover === self || known?.role !== 'practitioner')
    refuseFaults([fault('cover', 'a practitioner who works here, and not yourself')]);
  await house.db.query({
    name: 'visits.put-away',
    text: `insert into visits.away (tenant, clinician, cover, starts, ends) values ($1, $2, $3, $4, $5)
      on conflict (tenant, clinician) do update set cover = excluded.cover, starts = excluded.starts, ends = excluded.ends`,
    values: [caller.tenant, self, cover, starts, ends],
  });
}

export async function endAway(house: House, caller: Caller): Promise<void> {
  await house.db.query({
    name: 'visits.end-away',
    text: 'delete from visits.away where tenant = $1 and clinician = $2',
    values: [caller.tenant, caller.fhirUser?.id],
  });
}
