/** The way from a URL to addresses that may be called: syntax, then one look-up, then every address it brought. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isReachable, type rangesOf } from './addresses.ts';
import { OutboundError } from './errors.ts';

/** All addresses of a name, as the machine's own resolver tells them. */
export type Resolver = (hostname: string) => Promise<string[]>;

export const systemResolver: Resolver = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/** 2,048: longer than any endpoint, shorter than what fills a log or a table. */
const longest = 2_048;

export interface UrlRules {
  /** Plain http as well: for development and demonstrations. */
  allowHttp: boolean;
}

/** @throws OutboundError `url` */
export function parseTarget(text: string, { allowHttp }: UrlRules): URL {
  const url = text.length <= longest && URL.canParse(text) ? new URL(text) : undefined;
  const schemes = allowHttp ? ['https:', 'http:'] : ['https:'];
  // Credentials in an address end up in logs of everybody on the way; they go into a header.
  if (!url || !schemes.includes(url.protocol) || url.username || url.password || !url.hostname)
    throw new OutboundError('url');
  return url;
}

/**
 * The addresses to connect to. One address among them that may not be called refuses all: a name that mixes public and private ones
 * is made to be tried twice (DNS rebinding).
 * @throws OutboundError `address`, `dns`
 */
export async function addressesOf(
  url: URL,
  resolver: Resolver,
  allowed: ReturnType<typeof rangesOf>,
): Promise<string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [host] : await resolved(host, resolver);
  if (!found.every((one) => isReachable(one, allowed))) throw new OutboundError('address');
  return found;
}

async function resolved(host: string, resolver: Resolver): Promise<string[]> {
  let found: string[];
  try {
    found = await resolver(host);
  } catch {
    throw new OutboundError('dns');
  }
  if (found.length === 0) throw new OutboundError('dns');
  return found;
}
