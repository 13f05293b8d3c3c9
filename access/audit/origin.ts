/** Where a request came from, sealed: an IP address and a browser's name are personal data. */
import { aad, open, seal, type KeyRing } from '@afar/platform';

export interface Origin {
  ip: string;
  device?: string;
}

export interface Origins {
  seal(tenant: number, origin: Origin): Promise<Buffer>;
  open(tenant: number, sealed: Buffer): Promise<Origin>;
  /** What this process sealed a while ago, without opening it; undefined for what came out of a table. */
  known(sealed: Buffer): Origin | undefined;
}

// One person makes many requests from one place: the seal (10 us) is made once in this time.
const reuseMs = 10 * 60_000;
const kept = 5_000;

/** Ties an origin to its clinic. */
export const bindOrigin = (tenant: number): Buffer => aad('access.origin', tenant);

export function origins(keys: KeyRing, clock: { now(): number }): Origins {
  const made = new Map<string, { sealed: Buffer; until: number }>();
  const plain = new WeakMap<Buffer, Origin>();
  return {
    async seal(tenant, { ip, device }) {
      const now = clock.now();
      const name = `${tenant} ${ip} ${device ?? ''}`;
      const found = made.get(name);
      if (found && found.until > now) return found.sealed;
      const text = JSON.stringify({ ip, ...(device && { device: device.slice(0, 200) }) });
      const sealed = seal(text, await keys.tenant(tenant), bindOrigin(tenant));
      if (made.size >= kept) made.clear();
      made.set(name, { sealed, until: now + reuseMs });
      plain.set(sealed, { ip, ...(device && { device }) });
      return sealed;
    },
    async open(tenant, sealed) {
      const text = open(sealed, await keys.tenant(tenant), bindOrigin(tenant)).toString('utf8');
      return JSON.parse(text) as Origin;
    },
    known: (sealed) => plain.get(sealed),
  };
}
