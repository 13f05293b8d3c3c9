/** What every media engine must do, as tests: run over each adapter. */
import { describe, expect, it } from 'vitest';
import type { MediaBackend, MediaEvent } from './port.ts';

const grants = { publish: true, subscribe: true, hidden: false };

/** @param make a fresh engine, and the instant its clock shows (ms) */
export function mediaContract(
  name: string,
  make: () => Promise<{ media: MediaBackend; now: number }>,
): void {
  describe(`media by ${name}`, () => {
    const room = { tenant: 1, visit: '0190a000-0000-7000-8000-000000000002' };

    it('says what it can do', async () => {
      const { media } = await make();
      expect(media.caps.maxPeers).toBeGreaterThanOrEqual(2);
    });

    it('gives one side the offers and the other the answers, with credentials that end', async () => {
      const { media, now } = await make();
      await media.open(room, { maxPeers: 2, record: false });
      const doctor = await media.ticket(room, 'peer-1', 'clinician', grants);
      const patient = await media.ticket(room, 'peer-2', 'patient', grants);
      expect([doctor.peerRole, patient.peerRole]).toEqual(['offer', 'answer']);
      for (const { expires } of [doctor, patient]) {
        expect(expires).toBeGreaterThan(now);
        expect(expires).toBeLessThanOrEqual(now + 24 * 3_600_000);
      }
    });

    it('tells of ejection and closing, until nobody listens', async () => {
      const { media } = await make();
      const heard: MediaEvent[] = [];
      const stop = media.onEvent((event) => heard.push(event));
      await media.open(room, { maxPeers: 2, record: false });
      await media.setGrants(room, 'peer-2', { ...grants, publish: false });
      await media.eject(room, 'peer-2');
      await media.close(room);
      expect(heard).toContainEqual({ kind: 'ejected', room, who: 'peer-2' });
      expect(heard).toContainEqual({ kind: 'closed', room });
      stop();
      const before = heard.length;
      await media.close(room);
      expect(heard).toHaveLength(before);
    });
  });
}
