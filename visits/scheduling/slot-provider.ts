/** Slot as a virtual FHIR type: computed from the schedules at each question, never stored. */
import { may, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Clause, SearchQuery, Slot } from '@afar/fhir';
import type { VirtualProvider } from '@afar/records';
import type { House } from '../house.ts';
import { bookable, slotsOf } from './free-slots.ts';
import { blockedSpan, slotSpans, type Span } from './open-hours.ts';
import { offeredSchedules } from '../licensing/licensed.ts';
import type { StoredSchedule } from './schedules.ts';
import { readSlotId, slotId } from './slot-id.ts';
import { isFree, takenSpans } from './taken.ts';

const minute = 60_000;
/** One look at the database serves a week of one schedule: 168 hours of slots are at most some hundreds. */
const stride = 7 * 86_400_000;
/** Weeks of schedules that one page looks through: a search that matches nothing would otherwise walk every diary for two years. */
export const weeksPerPage = 64;
/** Diaries looked into at once: one search does not take every connection. */
const abreast = 8;

function slot(
  schedule: StoredSchedule,
  id: string,
  start: string,
  end: string,
  free: boolean,
): Slot {
  return {
    resourceType: 'Slot',
    id,
    schedule: { reference: `Schedule/${schedule.rid}` },
    status: free ? 'free' : 'busy',
    start,
    end,
  };
}

interface Wanted extends Span {
  schedules?: Set<string>;
  status?: Set<string>;
}

const unsupported = (param: string): Refusal =>
  new Refusal('not-supported', {
    diagnostics: `Slot is searched by schedule, start and status`,
    detail: param,
  });

function narrow(wanted: Wanted, clause: Clause): void {
  if (clause.kind !== 'value' || clause.modifier || clause.missing !== undefined)
    throw unsupported(clause.kind);
  if (clause.param === 'schedule')
    wanted.schedules = new Set(
      clause.values.map((one) => (one.kind === 'reference' ? (one.id ?? '') : '')),
    );
  else if (clause.param === 'status')
    wanted.status = new Set(
      clause.values.map((one) => (one.kind === 'token' ? (one.code ?? '') : '')),
    );
  else if (clause.param === 'start') {
    const [value, another] = clause.values;
    if (another || value?.kind !== 'date') throw unsupported('start');
    const { prefix, start, end } = value;
    // A slot's start is an instant: prefixes compare it with the interval of the value [FHIR R4 search.html#prefix].
    if (prefix === 'eq') Object.assign(wanted, cut(wanted, start, end));
    else if (prefix === 'ge') Object.assign(wanted, cut(wanted, start, Infinity));
    else if (prefix === 'gt' || prefix === 'sa') Object.assign(wanted, cut(wanted, end, Infinity));
    else if (prefix === 'lt' || prefix === 'eb')
      Object.assign(wanted, cut(wanted, -Infinity, start));
    else if (prefix === 'le') Object.assign(wanted, cut(wanted, -Infinity, end));
    else throw unsupported('start');
  } else throw unsupported(clause.param);
}

const cut = (span: Span, start: number, end: number): Span => ({
  start: Math.max(span.start, start),
  end: Math.min(span.end, end),
});

/** What the search asks for. Bookable times only: the past has no slots. */
export function wantedOf(query: SearchQuery): Wanted {
  const wanted: Wanted = { start: -Infinity, end: Infinity };
  for (const clause of query.clauses) narrow(wanted, clause);
  if (query.sort.some((one) => one.param !== 'start' || one.descending)) throw unsupported('_sort');
  return wanted;
}

/** Sorts before every slot that starts at this instant or later: slots start on whole minutes. */
const keyAt = (ms: number): string =>
  Math.ceil(ms / minute)
    .toString(16)
    .padStart(8, '0');

export function slotProvider(house: House): VirtualProvider {
  const allow = (caller: Caller, verb: 'read' | 'search'): void => {
    if (!may(caller, verb, 'Slot')) throw new Refusal('forbidden');
  };

  return {
    searchParams: ['schedule', 'start', 'status'],
    async read(caller, id) {
      allow(caller, 'read');
      const schedules = await offeredSchedules(house, caller.tenant, id);
      const found = readSlotId(
        id,
        schedules.map((one) => one.rid),
      );
      const schedule = schedules.find((one) => one.rid === found?.schedule);
      if (!found || !schedule) return undefined;
      const { rule } = schedule;
      const span = slotSpans(rule, found.start, found.start + 1)[0];
      if (!span || span.start >= (schedule.until ?? Infinity)) return undefined;
      const blocked = blockedSpan(rule, span.start);
      const now = house.clock.now();
      const actors = [rule.clinician];
      const query = { tenant: caller.tenant, actors, span: blocked, now };
      const taken = (await takenSpans(house.db, query)).get(rule.clinician) ?? [];
      const free = span.start >= now && isFree(blocked, rule.capacity, taken);
      const [start, end] = [span.start, span.end].map((ms) => new Date(ms).toISOString());
      return slot(schedule, slotId(schedule.rid, span.start), start!, end!, free);
    },

    async *stream(caller, query, after) {
      allow(caller, 'search');
      const wanted = wantedOf(query);
      const now = house.clock.now();
      const all = await offeredSchedules(house, caller.tenant);
      const schedules = all.filter((one) => wanted.schedules?.has(one.rid) ?? true);
      const ends = (one: StoredSchedule): number => Math.min(wanted.end, bookable(one, now).end);
      const end = Math.max(0, ...schedules.map(ends));
      // Ids begin with the start: their order is the order of time, and a key is an id, or the beginning of one.
      const resume =
        after === undefined ? -Infinity : Number.parseInt(after.slice(0, 8), 16) * minute;
      let looked = 0;
      for (let from = Math.max(wanted.start, now, resume); from < end; from += stride) {
        const open = schedules.filter((one) => ends(one) > from);
        if (looked > 0 && looked + open.length > weeksPerPage) {
          yield { key: keyAt(from) };
          return;
        }
        looked += open.length;
        const window = { start: from, end: Math.min(from + stride, end) };
        const found: Slot[] = [];
        for (let first = 0; first < open.length; first += abreast) {
          const some = open.slice(first, first + abreast).map(async (schedule) => {
            const slots = await slotsOf(house.db, caller.tenant, schedule, window, now);
            return slots.map((one) => slot(schedule, one.id, one.start, one.end, one.free));
          });
          found.push(...(await Promise.all(some)).flat());
        }
        for (const resource of found.toSorted((a, b) => (a.id! < b.id! ? -1 : 1))) {
          if (after !== undefined && resource.id! <= after) continue;
          if (wanted.status && !wanted.status.has(resource.status)) continue;
          yield { key: resource.id!, resource };
        }
      }
    },
  };
}
