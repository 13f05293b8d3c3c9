/** Runs the exchange of one epoch over the socket: steps in order, patience, and what becomes of it [signalling.md K1-K9]. */
import {
  Agreement,
  AgreementBroken,
  type ExchangeMessage,
  type Member,
  type Outgoing,
} from './agreement.ts';
import type { EpochKeys } from './epoch-keys.ts';

export interface ExchangeEvents {
  send: (message: Outgoing) => void;
  /** Everybody has shown a key: what people compare. */
  code: (code: string) => void;
  keys: (keys: EpochKeys, members: readonly Member[]) => void;
  /** K4: what came does not fit what was promised. */
  broken: () => void;
  /** We have shown our key, and something of these has not come for as long as we wait. */
  stuck: (missing: string[]) => void;
}

const revealWithin = 10_000; // [K4]
/** Each member more shows a key of hers to each of the others. */
const perMemberMore = 2_500;
const longest = 60_000;

/**
 * How long to wait for the others, ms [K4]: longer each time in a row that an exchange did not end, and not as long as everybody else waits,
 * for each one that begins anew makes all begin anew.
 * @param chance 0..1
 */
export function waitAfter(stuck: number, chance: number, members = 2): number {
  const first = revealWithin + perMemberMore * Math.max(0, members - 2);
  if (stuck === 0) return first;
  return Math.min(longest, first * 2 ** stuck) * (0.75 + chance / 2);
}

export class KeyExchange {
  readonly epoch: number;
  readonly #members: readonly Member[];
  readonly #patience: number;
  readonly #events: ExchangeEvents;
  #agreement: Promise<Agreement>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told: string | undefined;
  #over = false;

  constructor(
    at: {
      visit: string;
      epoch: number;
      own: string;
      members: readonly Member[];
      /** ms to wait for the others, once we have shown our key. */
      patience: number;
    },
    events: ExchangeEvents,
  ) {
    this.epoch = at.epoch;
    this.#members = at.members;
    this.#patience = at.patience;
    this.#events = events;
    this.#agreement = Agreement.begin(at.visit, at.epoch, at.own, at.members);
    this.#step((agreement) => agreement.commit());
  }

  receive(from: string, message: ExchangeMessage): void {
    this.#step((agreement) => agreement.receive(from, message));
  }

  /** Nothing more comes of it. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** Steps are taken one after another; what is broken ends in the warning. */
  #step(take: (agreement: Agreement) => Promise<Outgoing[]>): void {
    this.#agreement = this.#agreement.then(async (agreement) => {
      if (this.#over) return agreement;
      try {
        for (const message of await take(agreement))
          if (!this.#isOver()) this.#events.send(message);
        if (!this.#isOver()) this.#look(agreement);
      } catch (error) {
        if (!(error instanceof AgreementBroken)) throw error;
        if (!this.#isOver()) this.#events.broken();
        this.stop();
      }
      return agreement;
    });
  }

  /** Asked anew after each await. */
  #isOver(): boolean {
    return this.#over;
  }

  #look(agreement: Agreement): void {
    if (agreement.code !== undefined && agreement.code !== this.#told) {
      this.#told = agreement.code;
      this.#events.code(agreement.code);
    }
    if (agreement.result) {
      this.stop();
      this.#events.keys(agreement.result, this.#members);
    } else if (agreement.revealedOwn && this.#timer === undefined) this.#wait(agreement);
  }

  #wait(agreement: Agreement): void {
    this.#timer = setTimeout(() => {
      this.#wait(agreement);
      this.#events.stuck(agreement.missing);
    }, this.#patience);
  }
}
