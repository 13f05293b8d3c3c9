/** Peer-to-peer media: the two browsers carry it, this side only lends ICE servers with credentials that expire. */
import type { Clock } from '@afar/platform';
import type { MediaBackend, MediaEvent, MediaTicket } from './port.ts';
import { credentialMs, iceServersFor, type IceConfig } from './turn/credentials.ts';

/**
 * One to one, end to end encrypted by the browsers. Holds no state: every process answers alike.
 * @param ice asked for each ticket: a relay of ours has a new secret after each start
 */
export function peerToPeer(ice: IceConfig | (() => IceConfig), clock: Clock): MediaBackend {
  const listeners = new Set<(event: MediaEvent) => void>();
  const tell = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    engine: 'p2p',
    caps: {
      maxPeers: 2,
      simulcast: false,
      record: false,
      e2ee: true,
      whispers: false,
      regions: [],
    },
    open: (room) => Promise.resolve(room),
    ticket: (_room, who, role): Promise<MediaTicket> => {
      const expires = clock.now() + credentialMs;
      return Promise.resolve({
        iceServers: iceServersFor(typeof ice === 'function' ? ice() : ice, who, expires),
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
