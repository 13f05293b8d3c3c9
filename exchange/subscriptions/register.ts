/** Which subscriptions have to be asked at a change of a type: kept in memory, read anew when one of them changed. */
import { Refusal } from '@afar/fhir';
import { KeyErased, SealBroken } from '@afar/platform';
import type { House } from './house.ts';
import { planOf, type Plan } from './plan.ts';
import { columns, openRow, type Kept, type Row } from './rows.ts';

export interface Active {
  kept: Kept;
  plan: Plan;
  /** True for a change that was committed before this one became active. */
  isOlder(xid: string): boolean;
}

export interface Register {
  /** Brings it up to a generation that was read together with changes. */
  upTo(generation: number): Promise<void>;
  of(tenant: number, type: string): readonly Active[];
  readonly empty: boolean;
}

/** Whether a transaction had committed when a snapshot was taken: `xmin:xmax:running,running`. */
export function visibleIn(snapshot: string): (xid: string) => boolean {
  const [xmin = '0', xmax = '0', list = ''] = snapshot.split(':');
  const running = new Set(list.split(',').filter(Boolean));
  const [low, high] = [BigInt(xmin), BigInt(xmax)];
  return (text) => {
    const xid = BigInt(text);
    return xid < low || (xid < high && !running.has(text));
  };
}

export function createRegister(house: House): Register {
  let known: number | undefined;
  let byType = new Map<string, Active[]>();
  let opened = new Map<string, Active>();
  const nameOf = ({ tenant, id, version }: Row) => `${tenant} ${id} ${version}`;

  async function activeOf(row: Row): Promise<Active | undefined> {
    const found = opened.get(nameOf(row));
    if (found) return found;
    try {
      const kept = await openRow(house.keys, row);
      const isOlder = row.since === null ? () => false : visibleIn(row.since);
      return { kept, plan: planOf(kept.resource, house.limits), isOlder };
    } catch (error) {
      // A topic or parameter that is no longer served, or a row that was edited: nothing is told for it. That keys are away just now
      // is no reason to forget anybody.
      if (!(error instanceof Refusal || error instanceof SealBroken || error instanceof KeyErased))
        throw error;
      house.log.error({ err: error, subscription: row.id }, 'a subscription is left out');
      return undefined;
    }
  }

  return {
    get empty() {
      return byType.size === 0;
    },
    of: (tenant, type) => byType.get(`${tenant} ${type}`) ?? [],
    async upTo(generation) {
      if (known === generation) return;
      const { rows } = await house.db.query<Row>(
        `select ${columns} from exchange.subscription where status = 'active'`,
      );
      const next = new Map<string, Active>();
      const types = new Map<string, Active[]>();
      for (const row of rows) {
        const active = await activeOf(row);
        if (!active) continue;
        next.set(nameOf(row), active);
        const place = `${row.tenant} ${active.plan.type}`;
        types.set(place, [...(types.get(place) ?? []), active]);
      }
      [opened, byType, known] = [next, types, generation];
    },
  };
}
