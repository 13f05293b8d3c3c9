/** What a GraphQL request may cost, and the count of what it did. */
import { Refusal } from '@afar/fhir';

export interface Limits {
  /** Characters of the document. */
  text: number;
  /** Tokens of the document: bounds what the parser builds. */
  tokens: number;
  /** Nesting of fields, fragments followed. */
  depth: number;
  /** Fields with every fragment written out: aliases count one each. */
  fields: number;
  /** Reads and searches one execution may make. */
  searches: number;
  reads: number;
  /** Resources one execution may fetch. */
  rows: number;
  /** ms. */
  time: number;
  /** Characters of the answer: one long text may be asked for under a thousand names. */
  answer: number;
}

export const defaultLimits: Limits = {
  text: 50_000,
  tokens: 5_000,
  // A chart's deepest useful question (list, entry, reference, resource, element, coding) takes about ten.
  depth: 16,
  fields: 1_000,
  searches: 200,
  reads: 1_000,
  rows: 5_000,
  time: 10_000,
  // Texts are held once until they are written out; what is written out is in memory whole.
  answer: 32 * 1024 * 1024,
};

/** One execution's account. */
export class Cost {
  #searches = 0;
  #reads = 0;
  #rows = 0;
  readonly #until: number;
  readonly #limits: Limits;
  readonly #now: () => number;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#until = now() + limits.time;
  }

  /** @throws Refusal `too-costly` */
  search(): void {
    if (++this.#searches > this.#limits.searches) throw tooCostly('searches');
    this.#inTime();
  }

  /** @throws Refusal `too-costly` */
  read(): void {
    if (++this.#reads > this.#limits.reads) throw tooCostly('reads');
    this.#inTime();
  }

  /** @throws Refusal `too-costly` */
  rows(count: number): void {
    this.#rows += count;
    if (this.#rows > this.#limits.rows) throw tooCostly('resources');
  }

  #inTime(): void {
    if (this.#now() > this.#until) throw tooCostly('time');
  }
}

/** @throws Refusal `too-costly` when what was found would be written out longer than `most` */
export function requireShort(answer: unknown, most: number): void {
  let length = 0;
  const look = (value: unknown): void => {
    if (typeof value === 'string') length += value.length;
    else if (Array.isArray(value)) for (const one of value) look(one);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        length += name.length;
        look(one);
      }
    }
    length += 4;
    if (length > most) throw tooCostly('characters of the answer');
  };
  look(answer);
}

export function tooCostly(what: string): Refusal {
  return new Refusal('too-costly', { diagnostics: `too much for one request: ${what}` });
}

/** Searches of one execution that run at one time: the database's connections are for everybody. */
const abreast = 6;

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets some through at a time, the others in the order they came. */
export function createGate(most = abreast): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running === most) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place goes to whoever waited longest.
      if (next) next();
      else running--;
    }
  };
}
