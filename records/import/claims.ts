/** Ids that are being written: two files that hold the same practitioner must not both write her. */

export interface Claims {
  /** Waits until none of the ids is held, then holds them all. Call what it returns when done. */
  hold(ids: readonly string[]): Promise<() => void>;
}

/** All ids are taken at once, and only when all are free: nobody waits while holding, so nobody waits for ever. */
export function createClaims(): Claims {
  const held = new Map<string, Promise<void>>();
  return {
    async hold(ids) {
      for (;;) {
        const others = new Set(ids.map((id) => held.get(id)).filter((one) => one !== undefined));
        if (others.size === 0) break;
        await Promise.all(others);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const id of ids) held.set(id, promise);
      return () => {
        for (const id of ids) held.delete(id);
        resolve();
      };
    },
  };
}
