/** What the settings say about media, with every fault. */
import { isIP } from 'node:net';
import { peerRange } from '@afar/visits';
import { isLoopback } from './loopback.ts';
import type { Values } from './parse-setting.ts';

export interface PortRange {
  min: number;
  max: number;
}

export interface MediaConfig {
  stunUrls: string[];
  turnUrls: string[];
  turnSecret: string | undefined;
  turn: {
    mode: 'auto' | 'on' | 'off';
    host: string | undefined;
    listen: string[];
    port: number;
    tlsPort: number;
    relayPorts: PortRange;
    allowedPeers: string[];
    userQuota: number;
    totalQuota: number;
    kbitPerRelay: number;
  };
  /** Address announced in place of our own. */
  external: string | undefined;
  janus: {
    mode: 'auto' | 'off';
    url: string | undefined;
    apiSecret: string | undefined;
    token: string | undefined;
    adminKey: string | undefined;
    rtpPorts: PortRange;
    ignore: string[];
  };
  livekit: { regions: { name: string; url: string }[]; key: string; secret: string } | undefined;
}

/** Fewer and a single visit of eight finds no port. */
const leastPorts = 64;

function portsOf(name: string, text: string, faults: string[]): PortRange {
  const [, min, max] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (min !== undefined && max !== undefined && min >= 1024 && max <= 65_535)
    if (max - min + 1 >= leastPorts) return { min, max };
  faults.push(
    `${name} must be two ports from 1024 on, at least ${leastPorts} of them: 49160-50159`,
  );
  return { min: 49_160, max: 50_159 };
}

function livekitOf(values: Values, faults: string[]): MediaConfig['livekit'] {
  const { AFAR_LIVEKIT_URLS: urls, AFAR_LIVEKIT_KEY: key, AFAR_LIVEKIT_SECRET: secret } = values;
  if (urls.length === 0) return undefined;
  const regions = urls.map((entry, i) => {
    const [, name = `region-${i + 1}`, url = ''] = /^(?:([a-z0-9-]+)=)?(.+)$/.exec(entry) ?? [];
    if (!['ws:', 'wss:'].includes(URL.parse(url)?.protocol ?? ''))
      faults.push(`AFAR_LIVEKIT_URLS has ${entry}, which is no ws or wss URL`);
    return { name, url };
  });
  if (new Set(regions.map(({ name }) => name)).size < regions.length)
    faults.push('AFAR_LIVEKIT_URLS names a region twice');
  if (!key || !secret)
    faults.push('AFAR_LIVEKIT_URLS needs AFAR_LIVEKIT_KEY and AFAR_LIVEKIT_SECRET');
  return { regions, key: key ?? '', secret: secret ?? '' };
}

/** Reads the settings of media; what cannot stand is added to `faults`. */
export function mediaOf(values: Values, faults: string[]): MediaConfig {
  const { AFAR_TURN_LISTEN: listen, AFAR_TURN_ALLOWED_PEERS: allowedPeers } = values;
  const external = values.AFAR_MEDIA_EXTERNAL;
  for (const address of listen)
    if (!isIP(address)) faults.push(`AFAR_TURN_LISTEN has ${address}, which is no address`);
  for (const entry of allowedPeers)
    if (!peerRange(entry))
      faults.push(`AFAR_TURN_ALLOWED_PEERS has ${entry}, which is neither an address nor a range`);
  if (external !== undefined && !isIP(external))
    faults.push(`AFAR_MEDIA_EXTERNAL must be an address; it is "${external}"`);
  for (const entry of values.AFAR_JANUS_IGNORE)
    if (!/^[\w.:-]+$/.test(entry)) faults.push(`AFAR_JANUS_IGNORE has ${entry}`);
  if (values.AFAR_TURN_HOST !== undefined && !/^[\w.:-]+$/.test(values.AFAR_TURN_HOST))
    faults.push('AFAR_TURN_HOST must be a name or an address');
  const media: MediaConfig = {
    stunUrls: values.AFAR_STUN_URLS,
    turnUrls: values.AFAR_TURN_URLS,
    turnSecret: values.AFAR_TURN_SECRET,
    turn: {
      mode: values.AFAR_TURN as MediaConfig['turn']['mode'],
      host: values.AFAR_TURN_HOST,
      listen,
      port: values.AFAR_TURN_PORT,
      tlsPort: values.AFAR_TURN_TLS_PORT,
      relayPorts: portsOf('AFAR_TURN_RELAY_PORTS', values.AFAR_TURN_RELAY_PORTS!, faults),
      allowedPeers,
      userQuota: values.AFAR_TURN_USER_QUOTA,
      totalQuota: values.AFAR_TURN_TOTAL_QUOTA,
      kbitPerRelay: values.AFAR_TURN_KBIT,
    },
    external,
    janus: {
      mode: values.AFAR_JANUS as MediaConfig['janus']['mode'],
      url: values.AFAR_JANUS_URL,
      apiSecret: values.AFAR_JANUS_API_SECRET,
      token: values.AFAR_JANUS_TOKEN,
      adminKey: values.AFAR_JANUS_ADMIN_KEY,
      rtpPorts: portsOf('AFAR_JANUS_RTP_PORTS', values.AFAR_JANUS_RTP_PORTS!, faults),
      ignore: values.AFAR_JANUS_IGNORE,
    },
    livekit: livekitOf(values, faults),
  };
  if (media.turnUrls.length > 0 && !media.turnSecret)
    faults.push('AFAR_TURN_URLS needs AFAR_TURN_SECRET');
  if (media.turnUrls.length > 0 && media.turn.mode === 'on')
    faults.push('AFAR_TURN runs a relay and AFAR_TURN_URLS names others: choose one');
  const { url, apiSecret, token } = media.janus;
  if (url !== undefined && media.livekit)
    faults.push('AFAR_JANUS_URL and AFAR_LIVEKIT_URLS are both set: choose one');
  if (url !== undefined && !apiSecret && !token)
    faults.push('AFAR_JANUS_URL needs AFAR_JANUS_API_SECRET or AFAR_JANUS_TOKEN');
  return media;
}

/** Where browsers sign in for media by themselves: LiveKit's socket, and its check over HTTPS. */
export const mediaOrigins = ({ livekit }: MediaConfig): string[] =>
  (livekit?.regions ?? []).flatMap(({ url }) => {
    const { protocol, host } = new URL(url);
    return [`${protocol}//${host}`, `${protocol.replace('ws', 'http')}//${host}`];
  });

/** What production does not start with. */
export function unsafeMedia({ janus, livekit, turnSecret }: MediaConfig): string[] {
  const faults: string[] = [];
  if (turnSecret !== undefined && turnSecret.length < 16)
    faults.push('AFAR_TURN_SECRET is shorter than 16 characters');
  for (const [name, secret] of [
    ['AFAR_JANUS_API_SECRET', janus.apiSecret],
    ['AFAR_JANUS_TOKEN', janus.token],
    ['AFAR_LIVEKIT_SECRET', livekit?.secret],
  ] as const)
    if (secret !== undefined && secret.length < 16)
      faults.push(`${name} is shorter than 16 characters`);
  for (const [name, url] of [
    ['AFAR_JANUS_URL', janus.url],
    ...(livekit?.regions ?? []).map((region) => ['AFAR_LIVEKIT_URLS', region.url] as const),
  ] as const) {
    const parsed = URL.parse(url ?? '');
    if (parsed?.protocol === 'ws:' && !isLoopback(parsed.hostname))
      faults.push(`${name} is reached by plain ws: secrets would travel in the clear`);
  }
  return faults;
}

/** As it is in force, secrets left out. */
export function shownMedia(media: MediaConfig): Record<string, unknown> {
  const hide = (value: string | undefined) => (value === undefined ? undefined : '(set)');
  const { janus, livekit } = media;
  return {
    ...media,
    turnSecret: hide(media.turnSecret),
    janus: {
      ...janus,
      apiSecret: hide(janus.apiSecret),
      token: hide(janus.token),
      adminKey: hide(janus.adminKey),
    },
    livekit: livekit && { ...livekit, secret: '(set)' },
  };
}
