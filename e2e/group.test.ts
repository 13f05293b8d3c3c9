/** Three people in one visit through the engine between: who sees whom, who can open what, who is not shown. `proof group` has four and eight. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedFrames, sendInTheClear, tapFrames, tryFrames } from './frame-tap.ts';
import { canSeatMany, countersOf, decoded, openRoom, type Room, until } from './group-room.ts';
import { picture } from './looks.ts';
import { safetyCode, seesTheOther } from './steps.ts';

describe.runIf(canSeatMany)('a room of three', () => {
  let room: Room;
  let relative: Page;
  let early: number[][] = [];

  beforeAll(async () => {
    room = await openRoom(tapFrames);
    await Promise.all([seesTheOther(room.doctor), seesTheOther(room.patient)]);
    early = await sealedFrames(room.doctor);
    relative = await room.guest('relative', 'Tom Beatty', tapFrames);
  }, 400_000);

  afterAll(() => room?.close());

  it('lets each decode two pictures, and shows everybody one code [K6]', async () => {
    const pages = [room.doctor, room.patient, relative];
    for (const [at, page] of pages.entries())
      await until(async () => (await decoded(page)).length === 2, `browser ${at} sees two`);
    const codes = await Promise.all(pages.map(safetyCode));
    expect(codes[0]).toMatch(/^\d{10}$/);
    expect(new Set(codes).size).toBe(1);
    await picture(room.doctor, 'group-clinician');
    await picture(room.patient, 'group-phone');
    await picture(relative, 'group-guest');
  }, 400_000);

  it('gives whoever comes late nothing that opens what was sent before [K9]', async () => {
    expect(early.length).toBeGreaterThan(20);
    // They are frames that somebody could open.
    expect((await tryFrames(room.doctor, early)).opened).toBe(early.length);
    const late = await tryFrames(relative, early);
    expect(late.keys).toBeGreaterThanOrEqual(2);
    expect(late.opened).toBe(0);
  });

  it('shows nothing of somebody who sends in the clear, and says so on her tile [K13]', async () => {
    const name = 'Tom Beatty';
    const tile = room.doctor.getByTestId('group-tile').filter({ hasText: name });
    const own = (await tile.getAttribute('data-peer'))!;
    await sendInTheClear(relative);
    await relative.reload();
    await tile.getByTestId('tile-warning').waitFor();
    const after = (await countersOf(room.doctor)).peers![own]!;
    await room.doctor.waitForTimeout(3_000);
    const later = (await countersOf(room.doctor)).peers![own]!;
    expect(later.refused).toBeGreaterThan(after.refused);
    // Frames of hers come all the time, and not one of them is opened.
    expect([later.pictures, later.voices]).toEqual([after.pictures, after.voices]);
  }, 200_000);
});
