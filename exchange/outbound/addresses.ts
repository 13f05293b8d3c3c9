/** Which network addresses this server calls: public ones, and those that the operator lists. */
import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

type Address = ReturnType<typeof ipaddr.parse>;

/** Public by number, yet answered by the machine's own host [Azure "What is IP address 168.63.129.16?"]. */
const hostServices = new Set(['168.63.129.16']);

/** 2000::/3 is all that is given out as global unicast [IANA IPv6 address space]. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** `10.1.0.0/16`, `fd00::/8`, `127.0.0.1`. @returns undefined for what is neither an address nor a range */
export function parseRange(text: string): [Address, number] | undefined {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    return isIP(text) ? [ipaddr.parse(text), isIP(text) === 4 ? 32 : 128] : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error for an entry that is no address and no range */
export function rangesOf(texts: readonly string[]): [Address, number][] {
  return texts.map((text) => {
    const range = parseRange(text);
    if (!range) throw new Error('an entry of the allow list is neither an address nor a range');
    return range;
  });
}

/** An address inside another one, which a router or translator on the way may take out again [RFC 5214 6.1]. */
function isIsatap(parts: readonly number[]): boolean {
  return (parts[4] === 0 || parts[4] === 0x200) && parts[5] === 0x5efe;
}

/**
 * True for a public unicast address, and for one in the operator's ranges. Loopback, private, link-local, multicast, carrier NAT,
 * IPv4 inside IPv6 (mapped, 6to4, NAT64, Teredo, ISATAP), documentation and the clouds' metadata addresses are not public.
 */
export function isReachable(text: string, allowed: readonly [Address, number][]): boolean {
  // A zone (`fe80::1%eth0`) means a link of our own.
  if (!isIP(text) || text.includes('%')) return false;
  const address = ipaddr.parse(text);
  if (allowed.some(([of, bits]) => of.kind() === address.kind() && address.match(of, bits)))
    return true;
  if (address.range() !== 'unicast' || hostServices.has(address.toString())) return false;
  if (address.kind() === 'ipv4') return true;
  return address.match(...globalUnicast) && !isIsatap((address as ipaddr.IPv6).parts);
}
