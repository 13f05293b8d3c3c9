/** LiveKit's adapter against a server that answers as LiveKit does: regions, tokens, ejection. Its media are not shown here. */
import { fixedClock } from '@afar/platform';
import { TokenVerifier } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaContract } from '../contract.ts';
import { fakeLiveKit, type FakeLiveKit } from './fake-livekit.ts';
import { liveKitMedia, liveKitRoom } from './livekit.ts';

const apiKey = 'afar-test';
const apiSecret = 'a secret of at least thirty-two characters';
/** Tokens are checked by the SDK's own clock. */
const now = Date.now();
const ice = () => ({ stunUrls: [], turnUrls: [] });
const engine = (...urls: string[]) => {
  const [first, ...more] = urls.map((url, i) => ({ name: ['eu', 'us'][i]!, url }));
  return liveKitMedia({
    regions: [first!, ...more],
    apiKey,
    apiSecret,
    ice,
    clock: fixedClock(now),
  });
};

mediaContract('LiveKit (a fake server)', async () => {
  const fake = await fakeLiveKit(apiKey, apiSecret);
  return { media: engine(fake.url), other: engine(fake.url), now, close: () => fake.close() };
});

describe('LiveKit', () => {
  const room = { tenant: 1, visit: '0190a000-0000-7000-8000-000000000003' };
  const name = liveKitRoom(apiSecret, room);
  const grants = { publish: true, subscribe: true, hidden: false };
  let eu: FakeLiveKit;
  let us: FakeLiveKit;
  beforeAll(async () => {
    eu = await fakeLiveKit(apiKey, apiSecret);
    us = await fakeLiveKit(apiKey, apiSecret);
  });
  afterAll(async () => {
    await eu.close();
    await us.close();
  });

  it('puts a room into the region asked for, and sends people there from any process', async () => {
    const here = engine(eu.url, us.url);
    const there = engine(eu.url, us.url);
    expect(here.caps.regions).toEqual(['eu', 'us']);
    await here.open(room, { maxPeers: 8, record: false, region: 'us' });
    await there.open(room, { maxPeers: 8, record: false, region: 'eu' });
    expect([[...eu.rooms.keys()], [...us.rooms.keys()]]).toEqual([[], [name]]);
    const { livekit } = await there.ticket(room, 'peer-1', 'patient', grants);
    expect(livekit!.url).toBe(us.url);
    await there.eject(room, 'peer-1');
    expect(us.asked).toContain(`RemoveParticipant ${name} peer-1`);
    await there.close(room);
    expect(us.rooms.size).toBe(0);
  });

  it('signs a minute for one person in one room, and no more than she may', async () => {
    const media = engine(eu.url);
    const { livekit } = await media.ticket(room, 'peer-1', 'guest', {
      publish: false,
      subscribe: true,
      hidden: true,
    });
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(livekit!.token);
    expect(claims).toMatchObject({
      sub: 'peer-1',
      video: {
        room: name,
        roomJoin: true,
        canPublish: false,
        canSubscribe: true,
        canPublishData: false,
        hidden: true,
      },
    });
    expect(claims.exp! - claims.nbf!).toBeLessThanOrEqual(60);
    for (const more of [
      'roomCreate',
      'roomAdmin',
      'roomList',
      'roomRecord',
      'canUpdateOwnMetadata',
    ])
      expect(claims.video?.[more as 'roomCreate'] ?? false).toBe(false);
  });

  it('takes publishing away from somebody who is in', async () => {
    const media = engine(eu.url);
    await media.open(room, { maxPeers: 8, record: false });
    await media.setGrants(room, 'peer-2', { ...grants, publish: false });
    expect(eu.rooms.get(name)!.permissions.get('peer-2')).toMatchObject({ canSubscribe: true });
    expect(eu.rooms.get(name)!.permissions.get('peer-2')!['canPublish'] ?? false).toBe(false);
    await media.close(room);
  });

  it('says that it is down when it does not answer', async () => {
    const media = engine(eu.url);
    eu.failing = { status: 503 };
    await expect(media.open(room, { maxPeers: 8, record: false })).rejects.toThrow('not now');
    expect(media.stats().up).toBe(false);
    eu.failing = undefined;
    await media.open(room, { maxPeers: 8, record: false });
    expect(media.stats()).toMatchObject({ up: true, rooms: 1 });
    await media.close(room);
  });
});
