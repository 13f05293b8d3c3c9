/** Who may practise where, now: asked at every booking, joining, signature and request, answered from memory that events keep true. */
import { reaches, Refusal } from '@afar/fhir';
import type { Db, Events, KeyRing, Log } from '@afar/platform';
import type { Role } from '../caller.ts';
import { licenceColumns, openLicence, type KeptState, type LicenceRow } from './vault.ts';

const channel = 'access.licences';

/** What was read is believed this long without an event: one that was lost costs 15 s, of the 60 that are promised. */
const believedMs = 15_000;

/** What a clinician's licences come to. */
export interface Standing {
  /** True once any was verified, ever: before, her account opens no chart. */
  proven: boolean;
  /** ms since epoch, exclusive: when the last one in force ends; 0 when none is. */
  until: number;
}

export interface Standings {
  /** Whether licences are asked of this role here. */
  asks(role: Role): boolean;
  standing(tenant: number, practitioner: string): Promise<Standing>;
  /**
   * Until when a licence in force reaches the place (any place when none is given), ms since epoch; 0: none does;
   * Infinity where licences are not asked for.
   */
  until(tenant: number, practitioner: string, place?: string): Promise<number>;
  /** ISO 3166 codes that licences in force name; undefined where licences are not asked for. */
  jurisdictions(tenant: number, practitioner: string): Promise<string[] | undefined>;
  /** @throws Refusal `licence-required` unless one in force at `at` reaches the place */
  require(
    tenant: number,
    practitioner: string,
    over?: { place?: string | undefined; at?: number },
  ): Promise<void>;
  /** Hears, in every process, that licences of a tenant changed; `undefined` after events may have been missed. */
  onChanged(fn: (tenant: number | undefined) => void): () => void;
  /** Told after the commit of every change. */
  tell(tenant: number): Promise<void>;
}

interface Held {
  state: KeptState;
  jurisdictions: string[];
  expires: number;
}

interface Known {
  /** `performance.now()` of the reading. */
  at: number;
  held: Promise<Map<string, Held[]>>;
}

export function createStandings(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  events: Events;
  log: Log;
  required: boolean;
  roles: readonly Role[];
}): Standings {
  const { db, keys, clock, events, log, required, roles } = deps;
  const known = new Map<number, Known>();
  // Rows that opened once need not be opened again: the same columns under the same seal.
  let opened = new Set<string>();

  async function load(tenant: number): Promise<Map<string, Held[]>> {
    const { rows } = await db.query<LicenceRow>({
      name: 'access.licences',
      text: `select ${licenceColumns} from access.licence l where l.tenant = $1 and l.state in ('verified', 'suspended')`,
      values: [tenant],
    });
    const key = await keys.tenant(tenant);
    const all = new Map<string, Held[]>();
    for (const row of rows) {
      const { sealed, ...columns } = row;
      const name = `${JSON.stringify(columns)} ${sealed.toString('base64', sealed.length - 16)}`;
      if (!opened.has(name)) {
        try {
          openLicence(row, key);
        } catch (error) {
          // One edited row is worth nothing; it must not shut out everybody else.
          log.error({ err: error, alarm: 'sealed-row', rid: row.id }, 'a licence does not open');
          continue;
        }
        if (opened.size > 20_000) opened = new Set();
        opened.add(name);
      }
      const { practitioner, state, jurisdictions, expires } = row;
      const held = all.get(practitioner);
      if (held) held.push({ state, jurisdictions, expires });
      else all.set(practitioner, [{ state, jurisdictions, expires }]);
    }
    return all;
  }

  function heldOf(tenant: number): Promise<Map<string, Held[]>> {
    const now = performance.now();
    const found = known.get(tenant);
    if (found && now - found.at < believedMs) return found.held;
    const held = load(tenant);
    const fresh: Known = { at: now, held };
    known.set(tenant, fresh);
    held.catch(() => {
      if (known.get(tenant) === fresh) known.delete(tenant);
    });
    return held;
  }

  // What is being read when the event comes may be older than the change: it is forgotten too.
  events.subscribe(
    channel,
    ({ tenant }) => {
      if (typeof tenant === 'number') known.delete(tenant);
    },
    () => known.clear(),
  );

  async function inForce(tenant: number, practitioner: string): Promise<Held[]> {
    const now = clock.now();
    const held = (await heldOf(tenant)).get(practitioner) ?? [];
    return held.filter((one) => one.state === 'verified' && one.expires > now);
  }

  const until: Standings['until'] = async (tenant, practitioner, place) => {
    if (!required) return Infinity;
    const found = (await inForce(tenant, practitioner)).filter(
      (one) => place === undefined || one.jurisdictions.some((code) => reaches(code, place)),
    );
    return Math.max(0, ...found.map((one) => one.expires));
  };

  return {
    asks: (role) => required && roles.includes(role),
    async standing(tenant, practitioner) {
      if (!required) return { proven: true, until: Infinity };
      const held = (await heldOf(tenant)).get(practitioner);
      return { proven: held !== undefined, until: await until(tenant, practitioner) };
    },
    until,
    async jurisdictions(tenant, practitioner) {
      if (!required) return undefined;
      const found = await inForce(tenant, practitioner);
      return [...new Set(found.flatMap((one) => one.jurisdictions))].toSorted();
    },
    async require(tenant, practitioner, { place, at } = {}) {
      const ends = await until(tenant, practitioner, place);
      if (ends > (at ?? clock.now())) return;
      throw new Refusal('licence-required', {
        diagnostics: place
          ? `no verified licence of this clinician reaches ${place}`
          : 'this clinician has no verified licence in force',
      });
    },
    onChanged: (fn) =>
      events.subscribe(
        channel,
        ({ tenant }) => fn(typeof tenant === 'number' ? tenant : undefined),
        () => fn(undefined),
      ),
    async tell(tenant) {
      known.delete(tenant);
      try {
        await events.publish(channel, { tenant });
      } catch (error) {
        log.warn({ err: error }, 'a change of licences was not told');
      }
    },
  };
}
