/** Whom a relay may send to: not to the networks behind it, unless the operator lists them. */
import ipaddr from 'ipaddr.js';

/**
 * Denied unless allowed: a relay stands inside our network, and whoever holds a credential could reach from it what the firewall keeps from
 * the internet [RFC 8656 21.3.1]. Private, loopback, link-local, CGNAT, multicast and reserved addresses, by [RFC 6890], and the IPv6
 * forms that hide an IPv4 address. `0.0.0.0` and `::` mean loopback to Linux and anything to coturn, whose own check refuses them: as an entry
 * of this list `::` denies every peer there is (coturn 4.6.1).
 */
export const deniedPeers: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::1',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const v4 = ipaddr.IPv4;
const v6 = ipaddr.IPv6;

/**
 * An address or a range (`10.1.0.0/16`) as coturn writes it: `first-last`, or one address.
 * @returns undefined when it is neither
 */
export function peerRange(text: string): string | undefined {
  if (ipaddr.isValid(text)) return ipaddr.parse(text).toString();
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const family = ipaddr.parseCIDR(text)[0].kind() === 'ipv4' ? v4 : v6;
  const first = family.networkAddressFromCIDR(text);
  const last = family.broadcastAddressFromCIDR(text);
  return `${first.toString()}-${last.toString()}`;
}

/** True when a listed range takes in loopback, which coturn wants said apart. */
export function reachesLoopback(ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const [address, bits] = range.includes('/')
      ? ipaddr.parseCIDR(range)
      : [ipaddr.parse(range), 128];
    const [mine, wide] = address.kind() === 'ipv4' ? ['127.0.0.0', 8] : ['::1', 128];
    return ipaddr.parse(mine as string).match(address, Math.min(bits, wide as number));
  });
}
