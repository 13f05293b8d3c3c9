/** The media engines of this installation, as it is configured and as what is installed allows. */
import { networkInterfaces } from 'node:os';
import { durableFolder, findProgram, type Clock, type Log } from '@afar/platform';
import {
  configuredJanus,
  configuredRelay,
  janusMedia,
  liveKitMedia,
  peerToPeer,
  startCoturn,
  startJanus,
  type JanusServer,
  type MediaBackend,
  type MediaEngines,
  type Relay,
} from '@afar/visits';
import type { Config } from './config.ts';
import { isLoopback } from './loopback.ts';
import { tellNumbers } from './media-status.ts';

export interface Media {
  engines: MediaEngines;
  /** Runs what runs all the time: coturn. Janus begins with the first visit of many. */
  start(): void;
  stop(): Promise<void>;
}

export interface MediaOptions {
  config: Pick<Config, 'media'>;
  baseUrl: string;
  /** Made when it is needed; open to pass through, its parts are closed. */
  folder: string;
  /** The certificate HTTPS is served with, as it is now. */
  certificate(): Promise<{ cert: string; key: string } | undefined>;
  clock: Clock;
  log: Log;
}

/** Of all networks; link-local ones need a zone and help nobody from elsewhere. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address))
    .map(({ address }) => address);
}

function relayOf(opts: MediaOptions): (() => Relay) | undefined {
  const { config, baseUrl, folder, certificate, log } = opts;
  const { turn, external, ...media } = config.media;
  if (media.turnUrls.length > 0 || media.stunUrls.length > 0 || turn.mode === 'off')
    if (turn.mode !== 'on') return undefined;
  const { hostname } = new URL(baseUrl);
  const at = hostname.replace(/^\[|\]$/g, '');
  if (turn.mode === 'auto' && isLoopback(at)) return undefined;
  const program = findProgram('turnserver');
  if (!program) {
    const what = 'coturn is not installed: browsers behind strict firewalls reach nobody';
    log.warn({ alarm: turn.mode === 'on' ? 'media-down' : undefined }, what);
    return undefined;
  }
  const { mode: _mode, listen, host, ...limits } = turn;
  const addresses = listen.length > 0 ? listen : ownAddresses();
  return () =>
    startCoturn({
      program,
      folder,
      host: host ?? at,
      settings: { ...limits, addresses, realm: host ?? at, ...(external && { external }) },
      certificate,
      log,
    });
}

function janusOf({ config, folder, log }: MediaOptions): JanusServer | undefined {
  const { janus, livekit, external } = config.media;
  if (livekit) return undefined;
  const { url, apiSecret, token, adminKey } = janus;
  if (url !== undefined)
    return configuredJanus({
      url,
      ...(apiSecret !== undefined && { apiSecret }),
      ...(token !== undefined && { token }),
      ...(adminKey !== undefined && { adminKey }),
      roomKey: [apiSecret, token, adminKey].join(' '),
    });
  const program = janus.mode === 'auto' ? findProgram('janus') : undefined;
  if (!program) return undefined;
  const { rtpPorts, ignore } = janus;
  return startJanus({
    program,
    folder,
    settings: { rtpPorts, ignore, ...(external && { external }) },
    log,
  });
}

/** Puts them together; nothing runs before `start`, or before a visit needs it. */
export async function openMedia(opts: MediaOptions): Promise<Media> {
  const { config, folder, clock, log } = opts;
  const { stunUrls, turnUrls, turnSecret, livekit } = config.media;
  durableFolder(folder, 0o711);
  const configured = { stunUrls, turnUrls, ...(turnSecret !== undefined && { turnSecret }) };
  let relay = configuredRelay(configured);
  const ice = () => relay.ice();
  const begin = relayOf(opts);
  let stopTelling = (): void => undefined;
  const janus = janusOf(opts);
  const manyOf = async (): Promise<MediaBackend | undefined> => {
    const [first, ...more] = livekit?.regions ?? [];
    if (livekit && first)
      return liveKitMedia({
        regions: [first, ...more],
        apiKey: livekit.key,
        apiSecret: livekit.secret,
        ice,
        clock,
      });
    return janus && janusMedia({ server: janus, ice, clock, log });
  };
  const many = await manyOf();
  return {
    engines: { two: peerToPeer(ice, clock), ...(many && { many }) },
    start() {
      if (begin) relay = begin();
      const ours = begin !== undefined;
      stopTelling = tellNumbers(folder, () => {
        const relayed = relay.allocations();
        return {
          relay: ours ? 'coturn' : turnUrls.length > 0 ? 'configured' : 'none',
          ...(relayed !== undefined && { relayed }),
          ...(many && { many: many.stats() }),
        };
      });
      log.info({ relay: begin ? 'coturn' : 'configured', many: many?.engine ?? 'none' }, 'media');
    },
    async stop() {
      stopTelling();
      await many?.stop?.();
      await janus?.stop();
      await relay.stop();
    },
  };
}
