/** Who was in a patient's record: days and persons from the index behind the trail, what they did from the trail itself. */
import type { Db } from '@afar/platform';
import type { Accounts } from '../accounts/accounts.ts';
import { nobody } from '../caller.ts';
import type { ReaderEntry, ReaderPage } from '../contract.ts';
import type { Clients } from '../oauth/clients.ts';
import { dayMs, hourMs, listDays, type PatientDay } from './patient-days.ts';

export interface Readers {
  /**
   * Newest day first; a day is never cut in two.
   * @param patient rid of the Patient; that she may be asked about is the asker's to know
   * @param you the account that asks: told apart from others
   */
  of(tenant: number, patient: string, you: string, before?: number): Promise<ReaderPage>;
  /** Whether somebody was there on that day, and in what role. */
  was(tenant: number, patient: string, day: number, who: string): Promise<string | undefined>;
}

/** Days and persons of one page. */
const pageSize = 20;

interface Done {
  role: string;
  verb: ReaderEntry['what'][number]['verb'];
  action: string;
  type: string | null;
  purpose: string;
  first: number;
  last: number;
  count: number;
}

/** The hours she was there, as an interval. */
function hoursOf({ day, hours }: PatientDay): { from: number; to: number } {
  const first = 31 - Math.clz32(hours & -hours);
  const last = 31 - Math.clz32(hours);
  return { from: day * dayMs + first * hourMs, to: day * dayMs + (last + 1) * hourMs };
}

export function createReaders(deps: { db: Db; accounts: Accounts; clients: Clients }): Readers {
  const { db, accounts, clients } = deps;

  async function doneBy(tenant: number, one: PatientDay): Promise<Done[]> {
    const { from, to } = hoursOf(one);
    const { rows } = await db.query<Done>({
      name: 'access.reader-day',
      text: `select role, verb, action, type, purpose, min(at) as first, max(at) as last, count(*)::int as count
        from access.audit_event
        where tenant = $1 and who = $2 and at >= $3 and at < $4 and patients @> array[$5::uuid] and outcome = 0
        group by 1, 2, 3, 4, 5 order by 8 desc, 3, 4 limit 40`,
      values: [tenant, one.who, from, to, one.patient],
    });
    return rows;
  }

  return {
    async of(tenant, patient, you, before = 1_000_000) {
      const found = await listDays(db, tenant, patient, before, pageSize + 200);
      const upTo = found.length > pageSize ? found[pageSize - 1]!.day : undefined;
      // The whole of the last day, and none of the next.
      const days = found.filter(({ day }) => upTo === undefined || day >= upTo);
      const ids = [...new Set(days.map((one) => one.who))].filter((id) => id !== nobody);
      const [people, programs] = await Promise.all([
        accounts.names(tenant, ids),
        clients.names(tenant, ids),
      ]);
      const person = new Map(people.map((one) => [one.id, one]));
      const entries: ReaderEntry[] = [];
      for (const one of days) {
        const done = await doneBy(tenant, one);
        if (done.length === 0) continue;
        const role = done[0]!.role;
        const who = person.get(one.who);
        const program = programs.get(one.who);
        const kind =
          one.who === you
            ? 'you'
            : program !== undefined || role === 'system'
              ? 'app'
              : role === 'guest'
                ? 'guest'
                : role === 'patient'
                  ? 'proxy'
                  : 'staff';
        // The name of whoever acts for her is no secret from her; she let her in.
        const name = kind === 'you' ? undefined : (program ?? who?.personal.name);
        entries.push({
          day: one.day,
          reader: { id: one.who, kind, role, ...(name && { name }) },
          first: Math.min(...done.map((row) => row.first)),
          last: Math.max(...done.map((row) => row.last)),
          emergency: done.some((row) => row.purpose === 'ETREAT'),
          purposes: [...new Set(done.map((row) => row.purpose).filter(Boolean))],
          what: whatOf(done),
        });
      }
      return { entries, ...(upTo !== undefined && found.length > days.length && { next: upTo }) };
    },
    async was(tenant, patient, day, who) {
      const there = (await listDays(db, tenant, patient, day + 1, 500)).find(
        (one) => one.day === day && one.who === who,
      );
      return there && (await doneBy(tenant, there))[0]?.role;
    },
  };
}

/** The same thing done for two purposes is one line. */
function whatOf(done: readonly Done[]): ReaderEntry['what'] {
  const by = new Map<string, ReaderEntry['what'][number]>();
  for (const { verb, action, type, count } of done) {
    const name = `${verb} ${action} ${type ?? ''}`;
    const known = by.get(name);
    if (known) known.count += count;
    else by.set(name, { verb, action, ...(type && { type }), count });
  }
  return [...by.values()];
}
