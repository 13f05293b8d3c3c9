/** Whose rows the work at hand may touch: one tenant's, every tenant's when the house says so, else nobody's. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A tenant's number, or the house's own work over all of them. */
export type Reach = number | 'every';

const reaching = new AsyncLocalStorage<Reach | undefined>();

/** What the present work was declared to reach; undefined: nothing was declared. */
export const reach = (): Reach | undefined => reaching.getStore();

/** Does the work as this tenant's: the database shows it no row of another [decision 11]. */
export function within<T>(tenant: number, work: () => T): T {
  return reaching.getStore() === tenant ? work() : reaching.run(tenant, work);
}

/**
 * The house's own work over the rows of every tenant: sweeps, the feed of changes, the chaining of the trail. Timers and
 * listeners begun inside stay the house's.
 */
export const everyTenant = <T>(work: () => T): T => reaching.run('every', work);

/** Forgets what was declared: what begins inside, such as a listening server, must declare itself anew. */
export const undeclared = <T>(work: () => T): T => reaching.run(undefined, work);

/** The function, to be called later by whoever (a socket, an emitter), as the present work's. */
export const bound = <A extends unknown[], R>(fn: (...args: A) => R): ((...args: A) => R) => {
  const declared = reaching.getStore();
  return (...args) => reaching.run(declared, () => fn(...args));
};
