/** coturn's configuration file: what it listens on, whom it serves, whom it never sends to. */
import { deniedPeers, peerRange, reachesLoopback } from './peers.ts';

export interface TurnSettings {
  /** Addresses of this machine to listen and relay on. */
  addresses: string[];
  /** What the world sees in place of the first of them, behind a 1:1 NAT. */
  external?: string;
  /** UDP and TCP. */
  port: number;
  /** TLS; only with a certificate. */
  tlsPort: number;
  /** Of relayed connections. */
  relayPorts: { min: number; max: number };
  realm: string;
  /** Addresses and ranges behind this server that may be relayed to after all. */
  allowedPeers: string[];
  /** Most relayed addresses at a time: by one credential, and by all. */
  userQuota: number;
  totalQuota: number;
  /** Most that one relayed connection may carry, kbit/s each way. */
  kbitPerRelay: number;
}

export interface TurnFiles {
  folder: string;
  /** PEM files coturn's user can read. */
  tls?: { cert: string; key: string };
}

/** One `name=value` a line; a value never holds a line break. */
export function turnserverConf(settings: TurnSettings, files: TurnFiles, secret: string): string {
  const { addresses, external, relayPorts, allowedPeers } = settings;
  const lines: [string, (string | number)?][] = [
    // Relayed from the address the browser came to: with a list of its own coturn would choose any of them, a bridge of containers too.
    ...addresses.map((address): [string, string] => ['listening-ip', address]),
    ['listening-port', settings.port],
    ['min-port', relayPorts.min],
    ['max-port', relayPorts.max],
    ['realm', settings.realm],
    ['fingerprint'],
    ['use-auth-secret'],
    ['static-auth-secret', secret],
    // A nonce stolen from one browser is worth little [RFC 8656 5].
    ['stale-nonce', 600],
    ['user-quota', settings.userQuota],
    ['total-quota', settings.totalQuota],
    ['max-bps', Math.ceil((settings.kbitPerRelay * 1000) / 8)],
    // Only media over UDP is relayed, whatever carries it here.
    ['no-tcp-relay'],
    ['no-multicast-peers'],
    ['no-cli'],
    ['no-software-attribute'],
    ['no-rfc5780'],
    ['no-stun-backward-compatibility'],
    ['response-origin-only-with-rfc5780'],
    ['userdb', `${files.folder}/users.sqlite`],
    ['pidfile', `${files.folder}/turnserver.pid`],
    // Lines of sessions are counted, not kept: they hold addresses.
    ['verbose'],
    ['log-file', 'stdout'],
    ['simple-log'],
  ];
  if (external) lines.push(['external-ip', `${external}/${addresses[0]}`]);
  if (files.tls)
    lines.push(
      ['tls-listening-port', settings.tlsPort],
      ['cert', files.tls.cert],
      ['pkey', files.tls.key],
      ['no-tlsv1'],
      ['no-tlsv1_1'],
      ['no-dtls'],
    );
  else lines.push(['no-tls'], ['no-dtls']);
  for (const range of deniedPeers) lines.push(['denied-peer-ip', peerRange(range)!]);
  for (const range of allowedPeers) lines.push(['allowed-peer-ip', peerRange(range)!]);
  if (reachesLoopback(allowedPeers)) lines.push(['allow-loopback-peers']);
  return lines
    .map(([name, value]) => (value === undefined ? name : `${name}=${clean(String(value))}`))
    .join('\n')
    .concat('\n');
}

/** @throws Error when a value would begin a line of its own */
function clean(value: string): string {
  if (/[\r\n]/.test(value)) throw new Error('a setting of coturn holds a line break');
  return value;
}
