/** Which headers a subscriber may have us send: her own credentials, nothing that steers the request or what stands before the server. */
import { OutboundError } from './errors.ts';

const named = new Set(['authorization', 'api-key', 'apikey', 'ocp-apim-subscription-key']);
/** `X-` names by which proxies learn whence a request came, or frameworks take it for another one. */
const steering =
  /^x-(forwarded|real-ip|client-ip|cluster-client|original|rewrite|http-method|method-override|host|proxy|accel|sendfile|envoy|middleware|amz-server|aws-ec2-metadata)/;
/** Visible ASCII, spaces inside: no CR, LF or NUL, by which a header becomes two [RFC 9112 11.1]. */
const value = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

export const headerLimits = { count: 10, bytes: 8_192 } as const;

/**
 * `Name: value`, as FHIR writes a header into a text [FHIR R4 Subscription.channel.header].
 * @throws OutboundError `header`
 */
export function parseHeaders(lines: readonly string[]): Record<string, string> {
  if (lines.length > headerLimits.count) throw new OutboundError('header');
  const headers: Record<string, string> = {};
  let bytes = 0;
  for (const line of lines) {
    bytes += line.length;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const text = line.slice(colon + 1).replace(/^ +/, '');
    const ours = named.has(name) || (/^x-[a-z0-9-]{1,62}$/.test(name) && !steering.test(name));
    if (colon < 1 || !ours || !value.test(text) || bytes > headerLimits.bytes || name in headers)
      throw new OutboundError('header');
    headers[name] = text;
  }
  return headers;
}
