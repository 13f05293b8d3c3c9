/** A map of bounded size that forgets what was used longest ago. */
export class Lru<K, V> {
  readonly #limit: number;
  readonly #map = new Map<K, { value: V; turn: number }>();
  #turn = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const held = this.#map.get(key);
    if (held === undefined) return undefined;
    // Insertion order is the order of use. What is among the last quarter is not moved at each use.
    if (this.#turn - held.turn > this.#limit / 4) this.set(key, held.value);
    return held.value;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, { value, turn: ++this.#turn });
    if (this.#map.size > this.#limit) this.#map.delete(this.#map.keys().next().value!);
  }

  delete(key: K): void {
    this.#map.delete(key);
  }
}
