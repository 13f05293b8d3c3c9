/** The service of being seen now: its settings, its FHIR HealthcareService, and what a newcomer may expect. */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { HealthcareService } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { OnDemandNow, OnDemandSettings } from '../contract-on-demand.ts';
import type { House } from '../house.ts';
import { onDuty } from '../presence/presence.ts';
import { fault, refuseFaults, visitModes } from '../scheduling/rule.ts';

/** The clinic's service, once it has been set up. */
export interface Service {
  /** HealthcareService id; stands as `clinician` of a visit that nobody has taken. */
  rid: string;
  settings: OnDemandSettings;
}

export const closedService: OnDemandSettings = {
  open: false,
  modes: ['video', 'audio'],
  mostWaiting: 20,
  minutes: 20,
};

/** @throws Refusal 'invalid' (422) with every fault */
export function readSettings(body: unknown): OnDemandSettings {
  const { open, modes, mostWaiting, minutes } = (body ?? {}) as Record<string, unknown>;
  const whole = (name: string, value: unknown, least: number, most: number) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? []
      : [fault(name, `a whole number from ${least} to ${most}`)];
  const known = Array.isArray(modes) && modes.length > 0;
  refuseFaults([
    ...(typeof open === 'boolean' ? [] : [fault('open', 'true or false')]),
    ...(known && modes.every((one) => visitModes.includes(one as never) && one !== 'in-person')
      ? []
      : [fault('modes', 'at least one of video, audio, chat')]),
    ...whole('mostWaiting', mostWaiting, 1, 200),
    ...whole('minutes', minutes, 5, 120),
  ]);
  return {
    open: open as boolean,
    modes: [...new Set(modes as OnDemandSettings['modes'])],
    mostWaiting: mostWaiting as number,
    minutes: minutes as number,
  };
}

export async function serviceOf(sql: Queryable, tenant: number): Promise<Service | undefined> {
  const { rows } = await sql.query<Service>({
    name: 'visits.on-demand-service',
    text: 'select rid, settings from visits.on_demand where tenant = $1',
    values: [tenant],
  });
  return rows[0];
}

/** Sets it; the first time its HealthcareService is made. */
export async function putService(
  house: House,
  tenant: number,
  settings: OnDemandSettings,
): Promise<OnDemandSettings> {
  const caller = systemCaller(tenant, house.clock, 'on-demand');
  await house.records.write(caller, async (tx) => {
    // Two offices at once make one service.
    await tx.sql.query('select pg_advisory_xact_lock(4197103, $1)', [tenant]);
    const before = await serviceOf(tx.sql, tenant);
    const resource: HealthcareService = {
      resourceType: 'HealthcareService',
      active: settings.open,
      name: 'Be seen now',
      appointmentRequired: false,
    };
    const rid = before
      ? (await tx.update<HealthcareService>({ ...resource, id: before.rid })).rid
      : (await tx.create<HealthcareService>(resource)).rid;
    await tx.sql.query({
      name: 'visits.put-on-demand',
      text: `insert into visits.on_demand (tenant, rid, settings, updated) values ($1, $2, $3, $4)
        on conflict (tenant) do update set settings = excluded.settings, updated = excluded.updated`,
      values: [tenant, rid, JSON.stringify(settings), house.clock.now()],
    });
  });
  return settings;
}

/** The last visits that say how long one takes. */
const recentVisits = 30;

/** Median minutes of the service's recent visits, whoever held them; undefined while fewer than three are known. */
export async function usualServiceMinutes(
  sql: Queryable,
  tenant: number,
  pool: string,
  now: number,
): Promise<number | undefined> {
  const { rows } = await sql.query<{ median: number | null; known: number }>({
    name: 'visits.usual-service-minutes',
    text: `select percentile_cont(0.5) within group (order by ended_at - admitted_at) as median, count(*) as known
      from (select admitted_at, ended_at from visits.visit
        where tenant = $1 and pool = $2 and state = 'ended' and admitted_at is not null and ended_at > $3
        order by ended_at desc limit ${recentVisits}) as recent`,
    values: [tenant, pool, now - 30 * 86_400_000],
  });
  const { median, known } = rows[0]!;
  return median === null || known < 3 ? undefined : median / 60_000;
}

/** Those who have asked and were not taken yet: all, and those already in the waiting room. */
export async function unTaken(
  sql: Queryable,
  tenant: number,
  pool: string,
): Promise<{ asked: number; waiting: number }> {
  const { rows } = await sql.query<{ asked: number; waiting: number }>({
    name: 'visits.on-demand-untaken',
    text: `select count(*)::int as asked, count(*) filter (where state = 'waiting')::int as waiting
      from visits.visit where tenant = $1 and clinician = $2 and state in ('booked', 'waiting')`,
    values: [tenant, pool],
  });
  return rows[0]!;
}

/**
 * Minutes until the one with `before` others ahead is seen: so many rounds of all who are on duty; undefined: nobody can say.
 */
export function expectedWait(
  before: number,
  staff: number,
  usual: number | undefined,
): number | undefined {
  return usual === undefined || staff === 0 ? undefined : Math.ceil((before / staff) * usual);
}

export async function onDemandNow(house: House, tenant: number): Promise<OnDemandNow> {
  const service = await serviceOf(house.db, tenant);
  const { open, modes } = service?.settings ?? closedService;
  if (!service || !open) return { open: false, modes, onDuty: 0, waiting: 0 };
  const [staff, { waiting }, usual] = await Promise.all([
    onDuty(house, house.db, tenant),
    unTaken(house.db, tenant, service.rid),
    usualServiceMinutes(house.db, tenant, service.rid, house.clock.now()),
  ]);
  const waitMinutes = expectedWait(waiting, staff.length, usual);
  return {
    open,
    modes,
    onDuty: staff.length,
    waiting,
    ...(waitMinutes !== undefined && { waitMinutes }),
  };
}

/** @throws Refusal 'conflict' (409), says why */
export const cannotNow = (diagnostics: string): Refusal => new Refusal('conflict', { diagnostics });
