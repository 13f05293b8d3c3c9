/** Which picture a browser wants of whom. */
import type { Layer } from '../negotiation.ts';

/** Two rooms full of peers: who left and came again has another name. */
const mostPeers = 16;

/** Remembers the last wishes; a browser may name anybody, and for hours, so that the oldest are forgotten. */
export class Layers {
  readonly #usual: Layer;
  readonly #wanted = new Map<string, Layer>();

  /** @param usual of whom she has said nothing about */
  constructor(usual: Layer) {
    this.#usual = usual;
  }

  want(layers: Readonly<Record<string, Layer>>): void {
    for (const [peer, layer] of Object.entries(layers)) {
      this.#wanted.delete(peer);
      this.#wanted.set(peer, layer);
    }
    for (const peer of this.#wanted.keys()) {
      if (this.#wanted.size <= mostPeers) return;
      this.#wanted.delete(peer);
    }
  }

  of(peer: string): Layer {
    return this.#wanted.get(peer) ?? this.#usual;
  }

  get size(): number {
    return this.#wanted.size;
  }
}
