/** A connection bears the tenant it works for: row-level security shows it that tenant's rows and no other [decision 11]. */
import type pg from 'pg';
import { asUnavailable } from './unavailable.ts';

interface Borne {
  tenant: string;
  /** Until PostgreSQL has answered: what is sent behind it is right only if it was. */
  settling?: Promise<void> | undefined;
}

const borne = new WeakMap<pg.ClientBase, Borne>();

/**
 * Makes the connection the tenant's; `''`: nobody's. Sent ahead of the statement that needs it, so that it costs no round
 * trip, and only when the connection was another's before: with one tenant once in its life.
 * @returns what must have been fulfilled before an answer of this connection counts; undefined when it has. When it fails the
 *   connection must be given up: what follows would be answered as another tenant.
 */
export function bear(client: pg.ClientBase, tenant: string): Promise<void> | undefined {
  const known = borne.get(client);
  if (known?.tenant === tenant) return known.settling;
  const now: Borne = { tenant };
  borne.set(client, now);
  now.settling = client
    .query({
      name: 'platform.bear',
      text: `select set_config('afar.tenant', $1, false)`,
      values: [tenant],
    })
    .then(
      () => {
        now.settling = undefined;
      },
      (error: unknown) => {
        throw asUnavailable(error);
      },
    );
  // Whoever asked awaits it; here it only must not go unhandled.
  now.settling.catch(() => undefined);
  return now.settling;
}
