/** Media for many through LiveKit: its own SDKs carry it, this side names rooms, signs tokens, and throws out. */
import { createHmac } from 'node:crypto';
import type { Clock } from '@afar/platform';
import { AccessToken, RoomServiceClient, TrackSource, TwirpError } from 'livekit-server-sdk';
import type { Grants, MediaBackend, MediaEvent, RoomRef } from '../port.ts';
import { iceServersFor, type IceConfig } from '../turn/credentials.ts';

export interface LiveKitRegion {
  name: string;
  /** `wss://`: browsers go there, and this server too. */
  url: string;
}

export interface LiveKitOptions {
  /** The first is the default. */
  regions: readonly [LiveKitRegion, ...LiveKitRegion[]];
  apiKey: string;
  apiSecret: string;
  ice: () => IceConfig;
  clock: Clock;
  /** Default: 8. */
  maxPeers?: number;
}

/** A token is for the way in only: LiveKit gives connected people new ones itself. */
const tokenMs = 60_000;
/** s. A room nobody has joined, or everybody has left. */
const emptyTimeout = 120;
/** Answers of LiveKit that say: it is so already. */
const notThere = 404;

/** The name of a visit's room says nothing of the visit to whoever runs LiveKit. */
export const liveKitRoom = (secret: string, { tenant, visit }: RoomRef): string =>
  createHmac('sha256', secret).update(`room|${tenant}|${visit}`).digest('hex').slice(0, 40);

export function liveKitMedia(opts: LiveKitOptions): MediaBackend {
  const { regions, apiKey, apiSecret, ice, clock, maxPeers = 8 } = opts;
  const at = regions.map((region) => ({
    region,
    rooms: new RoomServiceClient(region.url.replace(/^ws/, 'http'), apiKey, apiSecret, {
      requestTimeout: 5,
      failover: false,
    }),
  }));
  const listeners = new Set<(event: MediaEvent) => void>();
  const tell = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const opened = new Set<string>();
  let up = true;

  const nameOf = (room: RoomRef): string => liveKitRoom(apiSecret, room);

  async function asked<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      const value = await answer;
      up = true;
      return value;
    } catch (error) {
      if (error instanceof TwirpError && error.status === notThere) return undefined;
      up = error instanceof TwirpError && error.status < 500;
      throw error;
    }
  }

  /** Where the room is: any process may ask, none has to remember. */
  async function regionOf(name: string) {
    if (at.length === 1) return at[0]!;
    const lists = await Promise.allSettled(at.map(({ rooms }) => asked(rooms.listRooms([name]))));
    return at.find((_, i) => {
      const list = lists[i]!;
      return list.status === 'fulfilled' && (list.value?.length ?? 0) > 0;
    });
  }

  const permissionOf = ({ publish, subscribe, hidden }: Grants) => ({
    canPublish: publish,
    canPublishSources: publish
      ? [TrackSource.CAMERA, TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE]
      : [],
    canSubscribe: subscribe,
    // Chat and all else go through our own socket.
    canPublishData: false,
    canUpdateOwnMetadata: false,
    hidden,
  });

  async function createIn(room: RoomRef, region: string | undefined): Promise<void> {
    const name = nameOf(room);
    if (at.length > 1 && (await regionOf(name))) return;
    const { rooms } = at.find((one) => one.region.name === region) ?? at[0]!;
    const departureTimeout = emptyTimeout;
    await asked(
      rooms.createRoom({ name, emptyTimeout, departureTimeout, maxParticipants: maxPeers }),
    );
  }

  return {
    engine: 'livekit',
    caps: {
      maxPeers,
      simulcast: true,
      record: false,
      e2ee: true,
      // It gives a track to whoever subscribes.
      whispers: false,
      regions: regions.map(({ name }) => name),
    },
    async open(room, { region }) {
      await createIn(room, region);
      opened.add(`${room.tenant}/${room.visit}`);
      return room;
    },
    async ticket(room, who, role, grants) {
      const name = nameOf(room);
      const { region } = (await regionOf(name)) ?? at[0]!;
      const token = new AccessToken(apiKey, apiSecret, { identity: who, ttl: tokenMs / 1000 });
      token.addGrant({ room: name, roomJoin: true, ...permissionOf(grants) });
      const expires = clock.now() + tokenMs;
      return {
        iceServers: iceServersFor(ice(), who, expires),
        peerRole: role === 'clinician' ? 'offer' : 'answer',
        expires,
        livekit: { url: region.url, token: await token.toJwt() },
      };
    },
    async setGrants(room, who, grants) {
      const name = nameOf(room);
      const found = await regionOf(name);
      const permission = permissionOf(grants);
      await asked(
        found?.rooms.updateParticipant(name, who, { permission }) ?? Promise.resolve(undefined),
      );
    },
    async eject(room, who) {
      const name = nameOf(room);
      const found = await regionOf(name);
      // Tokens from before are void too, as far as this LiveKit knows how; with an older one they end after `tokenMs`, and the keys of the
      // next epoch are not hers.
      const revokeTokenTs = BigInt(Math.ceil(clock.now() / 1000));
      if (found) await asked(found.rooms.removeParticipant(name, who, { revokeTokenTs }));
      tell({ kind: 'ejected', room, who });
    },
    async close(room) {
      const name = nameOf(room);
      const found = await regionOf(name);
      if (found) await asked(found.rooms.deleteRoom(name));
      opened.delete(`${room.tenant}/${room.visit}`);
      tell({ kind: 'closed', room });
    },
    stats: () => ({ engine: 'livekit', up, rooms: opened.size, links: 0 }),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
