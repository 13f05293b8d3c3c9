/** Peer-to-peer media: the two browsers carry it, this side only lends ICE servers with credentials that expire. */
import { createHmac } from 'node:crypto';
import type { Clock } from '@afar/platform';
import type { VisitsConfig } from '../config.ts';
import type { MediaBackend, MediaEvent, MediaTicket } from './port.ts';
import type { IceServer } from '../messages.ts';

/** 2 h: longer than any visit; TURN checks the name's time only when an allocation is made or refreshed. */
const credentialMs = 2 * 3_600_000;

type IceConfig = Pick<VisitsConfig, 'stunUrls' | 'turnUrls' | 'turnSecret'>;

/**
 * ICE servers for one person. TURN credentials are the shared-secret kind that coturn's `use-auth-secret` reads: user name
 * `<unix seconds of expiry>:<who>`, password base64(HMAC-SHA-1(secret, user name)) [draft-uberti-behave-turn-rest-00 2.2].
 */
export function iceServersFor(config: IceConfig, who: string, expires: number): IceServer[] {
  const servers: IceServer[] = [];
  if (config.stunUrls.length) servers.push({ urls: config.stunUrls });
  if (config.turnUrls.length && config.turnSecret) {
    const username = `${Math.floor(expires / 1000)}:${who}`;
    const credential = createHmac('sha1', config.turnSecret).update(username).digest('base64');
    servers.push({ urls: config.turnUrls, username, credential });
  }
  return servers;
}

/** One to one, end to end encrypted by the browsers. Holds no state: every process answers alike. */
export function peerToPeer(config: IceConfig, clock: Clock): MediaBackend {
  const listeners = new Set<(event: MediaEvent) => void>();
  const tell = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    engine: 'p2p',
    caps: { maxPeers: 2, simulcast: false, record: false, e2ee: true, regions: [] },
    open: (room) => Promise.resolve(room),
    ticket: (_room, who, role): Promise<MediaTicket> => {
      const expires = clock.now() + credentialMs;
      return Promise.resolve({
        iceServers: iceServersFor(config, who, expires),
        peerRole: role === 'clinician' ? 'offer' : 'answer',
        expires,
      });
    },
    // Two browsers enforce nothing for the server: a change of grants reaches them as `revoked` or a new roster.
    setGrants: () => Promise.resolve(),
    eject: (room, who) => Promise.resolve(tell({ kind: 'ejected', room, who })),
    close: (room) => Promise.resolve(tell({ kind: 'closed', room })),
    // No room exists anywhere but in the two browsers.
    stats: () => ({ engine: 'p2p', up: true, rooms: 0, links: 0 }),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
