/**
 * What sockets ask of the database, so much at a time. Requests are turned away when there are too many; what is said in a visit is not: thousands
 * of browsers that negotiate in the same second wait a little longer here, in order, where waiting costs a few bytes and nobody is cut off.
 */

import type { Db } from '@afar/platform';

/** A little more than the connections that serve it, so that none of them is idle between two. */
const atOnce = 24;

export interface Turnstile {
  /** Runs it when its turn comes. `first`: before whatever waits that is not, for without it a seat is lost. */
  pass<T>(work: () => Promise<T>, first?: boolean): Promise<T>;
  /** How many wait. */
  readonly waiting: number;
}

export function createTurnstile(most = atOnce): Turnstile {
  const lines: [first: (() => void)[], others: (() => void)[]] = [[], []];
  let inside = 0;

  const leave = (): void => {
    const next = lines[0].shift() ?? lines[1].shift();
    // The turn goes from hand to hand.
    if (next) next();
    else inside -= 1;
  };

  return {
    async pass(work, first = false) {
      if (inside < most) inside += 1;
      else await new Promise<void>((go) => lines[first ? 0 : 1].push(go));
      try {
        return await work();
      } finally {
        leave();
      }
    },
    get waiting() {
      return lines[0].length + lines[1].length;
    },
  };
}

/** A database whose statements and transactions pass the turnstile; what is done between two of them (an engine that thinks) holds up nobody. */
export const gated = (db: Db, turnstile: Turnstile, first: boolean): Db => ({
  query: ((...asked: Parameters<Db['query']>) =>
    turnstile.pass(() => db.query(...asked), first)) as Db['query'],
  tx: (work, opts) => turnstile.pass(() => db.tx(work, opts), first),
  close: () => db.close(),
});
