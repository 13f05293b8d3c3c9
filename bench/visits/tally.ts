/** Counts of one phase of the load: how many, how fast, how many failed and of what. */

export class Tally {
  readonly #times: number[] = [];
  readonly #faults = new Map<string, number>();
  readonly #began = performance.now();

  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  took(ms: number): void {
    this.#times.push(ms);
  }

  failed(what: string): void {
    this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
  }

  get errors(): number {
    return [...this.#faults.values()].reduce((sum, one) => sum + one, 0);
  }

  /** @param cpuMs of server and database in this phase */
  line(cpuMs?: number): string {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (part: number): string =>
      (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
    const seconds = (performance.now() - this.#began) / 1000;
    const faults = [...this.#faults].map(([what, times]) => `${what} x ${times}`).join(', ');
    return [
      this.#name.padEnd(28),
      String(sorted.length).padStart(8),
      (sorted.length / seconds).toFixed(0).padStart(10),
      at(0.5).padStart(10),
      at(0.99).padStart(10),
      (cpuMs === undefined || !sorted.length ? '' : (cpuMs / sorted.length).toFixed(3)).padStart(
        10,
      ),
      String(this.errors).padStart(8),
      faults && `   ${faults}`,
    ].join('');
  }

  static readonly head = [
    ''.padEnd(28),
    'count'.padStart(8),
    ...['a second', 'p50 ms', 'p99 ms', 'CPU ms'].map((one) => one.padStart(10)),
    'errors'.padStart(8),
  ].join('');
}
