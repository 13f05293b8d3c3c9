/** Token buckets: how much one asker may ask at once and over time. In memory of one process, and never more than so many of them. */
import ipaddr from 'ipaddr.js';

export interface RateLimit {
  /**
   * Takes one request from the asker's bucket.
   * @returns ms until she may ask again; 0: she may now
   */
  take(asker: string): number;
  /** True for the first refusal of an asker in a minute: the one worth an event and a line in the log. */
  isNews(asker: string): boolean;
}

interface Bucket {
  /** ms of the clock when it is full again: each request puts it off by what one takes to come back. */
  full: number;
  toldAt: number;
}

/** Askers remembered. One who was forgotten begins with a full bucket; 50,000 of them are about 10 MB. */
const mostAskers = 50_000;
const minuteMs = 60_000;

/**
 * @param perMinute requests a minute; as many may come at once after a quiet minute. 0: no limit
 * @param now ms, monotonic
 */
export function createRateLimit(
  perMinute: number,
  now: () => number = () => performance.now(),
): RateLimit {
  const oneMs = minuteMs / perMinute;
  const buckets = new Map<string, Bucket>();

  /** The oldest half: whoever was seen since stands behind it. */
  function forget(): void {
    let n = mostAskers / 2;
    for (const asker of buckets.keys()) {
      if (n-- <= 0) return;
      buckets.delete(asker);
    }
  }

  return {
    take(asker) {
      if (perMinute === 0) return 0;
      const at = now();
      let bucket = buckets.get(asker);
      if (!bucket) {
        if (buckets.size >= mostAskers) forget();
        bucket = { full: at, toldAt: -Infinity };
        buckets.set(asker, bucket);
      }
      const full = Math.max(bucket.full, at) + oneMs;
      if (full - at > minuteMs) return Math.ceil(full - at - minuteMs);
      bucket.full = full;
      return 0;
    },
    isNews(asker) {
      const bucket = buckets.get(asker);
      const at = now();
      if (!bucket || at - bucket.toldAt < minuteMs) return false;
      bucket.toldAt = at;
      return true;
    },
  };
}

/**
 * The source behind an address: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has to herself and can
 * choose from at will [RFC 6177].
 */
export const sourceOf = (ip: string): string => prefixOf(ip, 4);

/** The network an address lies in, as far as one owner usually has it at once: /24 of IPv4, /48 of IPv6. */
export function networkOf(ip: string): string {
  const source = prefixOf(ip, 3);
  return source.includes(':') ? source : `${source.replace(/\.\d+$/, '')}.0/24`;
}

/** @param groups of 16 bits of an IPv6 address that are looked at; of an IPv4 address all is */
function prefixOf(ip: string, groups: number): string {
  if (!ip.includes(':') || !ipaddr.IPv6.isValid(ip)) return ip;
  const address = ipaddr.IPv6.parse(ip);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return `${address.parts
    .slice(0, groups)
    .map((part) => part.toString(16))
    .join(':')}::/${groups * 16}`;
}
