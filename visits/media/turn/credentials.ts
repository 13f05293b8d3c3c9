/** TURN credentials that end by themselves: no list of users exists anywhere. */
import { createHmac } from 'node:crypto';
import type { IceServer } from '../../messages.ts';

/** Where browsers find each other and, if they must, are relayed. */
export interface IceConfig {
  stunUrls: string[];
  turnUrls: string[];
  /** Shared with the relay; without it no TURN URL is handed out. */
  turnSecret?: string;
}

/**
 * 2 min: a lease (60 s) and as much again for clocks that differ. A relay asks for the time only when it makes a relayed address, so calls
 * outlive it; each renewal of the lease brings new ones, and whoever is ejected has none left soon after.
 */
export const credentialMs = 120_000;

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
