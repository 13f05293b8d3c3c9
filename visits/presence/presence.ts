/** Who of the clinic is there: said by her page every half minute, and by the seats she holds. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Presence, PresenceRequest, PresenceView } from '../contract-on-demand.ts';
import type { House } from '../house.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

/** 75 s: two missed words of 30 s and a slow network. */
const thereMs = 75_000;
/** Shown at most: a clinic's staff on one page. */
const mostShown = 200;

interface Row {
  practitioner: string;
  away: boolean;
  on_duty: boolean;
  there: boolean;
  seated: boolean;
}

/** @throws Refusal 'invalid' (422) */
export function readPresence(body: unknown): PresenceRequest {
  const { away, onDuty } = (body ?? {}) as Record<string, unknown>;
  const flag = (name: string, value: unknown) =>
    typeof value === 'boolean' ? [] : [fault(name, 'true or false')];
  refuseFaults([...flag('away', away), ...flag('onDuty', onDuty)]);
  return { away: away as boolean, onDuty: onDuty as boolean };
}

/** Whose presence this is. @throws Refusal 'forbidden' */
export function practitionerOf(caller: Caller): string {
  const { role, fhirUser } = caller;
  if (role !== 'practitioner' || fhirUser?.type !== 'Practitioner') throw new Refusal('forbidden');
  return fhirUser.id;
}

/** Who is away takes nobody. */
export async function keepPresence(
  house: House,
  caller: Caller,
  { away, onDuty }: PresenceRequest,
): Promise<void> {
  await house.db.query({
    name: 'visits.keep-presence',
    text: `insert into visits.presence (tenant, practitioner, away, on_duty, seen_at) values ($1, $2, $3, $4, $5)
      on conflict (tenant, practitioner) do update
        set away = excluded.away, on_duty = excluded.on_duty, seen_at = excluded.seen_at`,
    values: [caller.tenant, practitionerOf(caller), away, onDuty && !away, house.clock.now()],
  });
}

const wordOf = ({ there, seated, away }: Row): Presence => {
  if (seated) return 'on-call';
  if (!there) return 'offline';
  return away ? 'away' : 'online';
};

/** Everybody who was there today, those on duty first. */
export async function presenceOf(house: House, tenant: number): Promise<PresenceView> {
  const now = house.clock.now();
  const { rows } = await house.db.query<Row>({
    name: 'visits.presence',
    text: `select practitioner, away, on_duty, seen_at > $2 as there, exists (
        select from visits.seat s where s.tenant = p.tenant and s.person = p.practitioner and s.role = 'clinician'
          and s.connection is not null and s.lease_until > $3) as seated
      from visits.presence p where tenant = $1 and seen_at > $4
      order by on_duty desc, seen_at desc limit ${mostShown}`,
    values: [tenant, now - thereMs, now, now - 86_400_000],
  });
  const colleagues = await Promise.all(
    rows.map(async (row) => {
      const { name, specialty } = await house.directory.clinician(tenant, row.practitioner);
      const presence = wordOf(row);
      const onDuty = row.on_duty && row.there;
      return { id: row.practitioner, name, specialty, presence, onDuty };
    }),
  );
  return { colleagues };
}

/** Practitioners who take whoever waits, now. */
export async function onDuty(house: House, sql: Queryable, tenant: number): Promise<string[]> {
  const { rows } = await sql.query<{ practitioner: string }>({
    name: 'visits.on-duty',
    text: `select practitioner from visits.presence where tenant = $1 and on_duty and seen_at > $2
      order by practitioner limit ${mostShown}`,
    values: [tenant, house.clock.now() - thereMs],
  });
  return rows.map((row) => row.practitioner);
}
