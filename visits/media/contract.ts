/** What every media engine must do, as tests: run over each adapter. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MediaBackend, MediaEvent } from './port.ts';

const grants = { publish: true, subscribe: true, hidden: false };

export interface Tried {
  media: MediaBackend;
  /** The instant its clock shows, ms. */
  now: number;
  close?(): Promise<void>;
}

/** @param make a fresh engine, as one API process has it, and a second one as another process has it */
export function mediaContract(
  name: string,
  make: () => Promise<Tried & { other: MediaBackend }>,
): void {
  describe(`media by ${name}`, () => {
    const room = { tenant: 1, visit: '0190a000-0000-7000-8000-000000000002' };
    const policy = { maxPeers: 8, record: false };
    let tried: Awaited<ReturnType<typeof make>>;
    beforeAll(async () => {
      tried = await make();
    });
    afterAll(async () => {
      await tried.media.stop?.();
      await tried.other.stop?.();
      await tried.close?.();
    });

    it('says what it can do, and never that it records: frames are sealed by the browsers', () => {
      const { caps, engine } = tried.media;
      expect(caps.maxPeers).toBeGreaterThanOrEqual(engine === 'p2p' ? 2 : 8);
      expect(caps).toMatchObject({ e2ee: true, record: false });
    });

    it('opens a room once, whichever process asks', async () => {
      const { media, other } = tried;
      for (const engine of [media, other, media])
        expect(await engine.open(room, policy)).toEqual(room);
    });

    it('gives one side the offers and the other the answers, with credentials that end', async () => {
      const { media, now } = tried;
      const doctor = await media.ticket(room, 'peer-1', 'clinician', grants);
      const patient = await media.ticket(room, 'peer-2', 'patient', grants);
      expect([doctor.peerRole, patient.peerRole]).toEqual(['offer', 'answer']);
      for (const { expires } of [doctor, patient]) {
        expect(expires).toBeGreaterThan(now);
        // A lease and as much again: who is shut out has nothing left soon after.
        expect(expires).toBeLessThanOrEqual(now + 120_000);
      }
    });

    it('tells nobody outside the visit whose it is: no name, no id of visit or tenant in a ticket', async () => {
      const ticket = await tried.media.ticket(room, 'peer-1', 'clinician', grants);
      const parts = JSON.stringify(ticket).split(/["._ ]/);
      const readable = [...parts, ...parts.map((one) => Buffer.from(one, 'base64url').toString())];
      expect(readable.join('\n')).not.toContain(room.visit);
    });

    it('tells of ejection and closing, from any process, until nobody listens', async () => {
      const { media, other } = tried;
      const heard: MediaEvent[] = [];
      const stop = media.onEvent((event) => heard.push(event));
      await media.setGrants(room, 'peer-2', { ...grants, publish: false });
      await media.eject(room, 'peer-2');
      await other.eject(room, 'peer-2');
      await media.close(room);
      await other.close(room);
      expect(heard).toContainEqual({ kind: 'ejected', room, who: 'peer-2' });
      expect(heard).toContainEqual({ kind: 'closed', room });
      stop();
      const before = heard.length;
      await media.close(room);
      expect(heard).toHaveLength(before);
    });

    it('is empty after the end', () => {
      for (const one of [tried.media, tried.other])
        expect(one.stats()).toMatchObject({ rooms: 0, links: 0 });
    });
  });
}
