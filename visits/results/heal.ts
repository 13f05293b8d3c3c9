/** What no living process heard is found again: everything written since the mark, and rows whose resource may be gone. */
import { systemCaller } from '@afar/access';
import { Refusal, type Bundle } from '@afar/fhir';
import { within } from '@afar/platform';
import { iso, type House } from '../house.ts';
import { isUuid } from '../scheduling/rule.ts';
import { followOrder } from './awaited.ts';
import { takeIn } from './take-in.ts';
import type { ResultRow } from './rows.ts';

const page = 500;
/** 10 min: longer than any transaction, which carries the instant it began at, stays open. */
const overlapMs = 10 * 60_000;
/** A day: how far back the first look of a tenant goes. */
const firstMs = 86_400_000;
/** A row's resource is read again once a day: one deleted while nobody listened is found. */
const recheckMs = 86_400_000;
/** An hour: one that could not be read is tried again. */
const againMs = 3_600_000;

const types = ['ServiceRequest', 'DiagnosticReport', 'Observation'] as const;

function nextOf({ link = [] }: Bundle): [string, string][] | undefined {
  const url = link.find((one) => one.relation === 'next')?.url;
  return url === undefined ? undefined : [...new URL(url, 'http://local').searchParams];
}

/** Takes in what one type has had since an instant, the oldest first. */
async function walkType(
  house: House,
  tenant: number,
  type: (typeof types)[number],
  since: number,
): Promise<void> {
  let params: [string, string][] | undefined = [
    ['_lastUpdated', `ge${iso(since)}`],
    ['_sort', '_lastUpdated'],
    ['_count', String(page)],
  ];
  while (params) {
    const caller = systemCaller(tenant, house.clock, 'results');
    const found: Bundle = await house.records.search(caller, type, params);
    for (const { resource } of found.entry ?? []) {
      const rid = resource?.id;
      if (resource?.resourceType !== type || !isUuid(rid)) continue;
      if (type === 'ServiceRequest') await followOrder(house, tenant, rid);
      else await takeIn(house, { tenant, type, rid });
    }
    params = nextOf(found);
  }
}

async function healTenant(house: House, tenant: number): Promise<void> {
  const now = house.clock.now();
  const { rows } = await house.db.query<{ upto: number }>({
    name: 'visits.result-mark',
    text: 'select upto from visits.result_mark where tenant = $1',
    values: [tenant],
  });
  const since = (rows[0]?.upto ?? now - firstMs) - overlapMs;
  // Orders first: a result finds the one it answers.
  for (const type of types) await walkType(house, tenant, type, since);
  await house.db.query({
    name: 'visits.move-result-mark',
    text: `insert into visits.result_mark as m (tenant, upto) values ($1, $2)
      on conflict (tenant) do update set upto = greatest(m.upto, excluded.upto)`,
    values: [tenant, now],
  });
}

/** Reads again what was not looked at for a day. */
async function recheck(house: House): Promise<void> {
  const { rows } = await house.db.query<Pick<ResultRow, 'tenant' | 'type' | 'rid'>>({
    name: 'visits.results-unchecked',
    text: `select tenant, type, rid from visits.result
      where state in ('waiting', 'acknowledged') and checked < $1 order by checked limit 200`,
    values: [house.clock.now() - recheckMs],
  });
  const checked = ({ tenant, type, rid }: (typeof rows)[number], at: number): Promise<unknown> =>
    house.db.query({
      name: 'visits.result-checked',
      text: 'update visits.result set checked = $4 where tenant = $1 and type = $2 and rid = $3',
      values: [tenant, type, rid, at],
    });
  for (const key of rows)
    await within(key.tenant, async () => {
      try {
        await takeIn(house, key);
        await checked(key, house.clock.now());
      } catch (error) {
        notYet(house, key.tenant, error);
        // Not first again in each round: the others have their turn.
        await checked(key, house.clock.now() - recheckMs + againMs);
      }
    });
}

/** One clinic's trouble is not another's; a lockdown ends. */
function notYet(house: House, tenant: number, error: unknown): void {
  const quiet = error instanceof Refusal;
  house.log[quiet ? 'debug' : 'warn']({ err: error, tenant }, 'results were not taken in yet');
}

/** Every tenant's; the house's own work. */
export async function heal(house: House): Promise<void> {
  const { rows } = await house.db.query<{ tenant: number }>(
    'select tenant from visits.schedule union select tenant from visits.result_mark',
  );
  for (const { tenant } of rows) {
    try {
      await within(tenant, () => healTenant(house, tenant));
    } catch (error) {
      notYet(house, tenant, error);
    }
  }
  await recheck(house);
}
