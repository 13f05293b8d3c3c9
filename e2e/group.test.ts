/** Three people in one visit through the engine between: who sees whom, who can open what, who is not shown. `proof group` has four and eight. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedFrames, sendInTheClear, tapFrames, tryFrames } from './frame-tap.ts';
import { expect as expectPage } from './expect-page.ts';
import { canSeatMany, countersOf, decoded, openRoom, type Room, until } from './group-room.ts';
import { looksRight, picture } from './looks.ts';
import { more, safetyCode, seesTheOther } from './steps.ts';

/** Keeps every connection a page makes, so that it may be asked what it sends. */
const keepConnections = (): void => {
  const Plain = RTCPeerConnection;
  const kept: RTCPeerConnection[] = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(given?: RTCConfiguration) {
      super(given);
      kept.push(this);
    }
  };
  Object.assign(window, { kept });
};
/** Her microphone on the lines it is on: true where it is open, false where it is muted. */
const microphones = (page: Page): Promise<boolean[]> =>
  page.evaluate(() =>
    (window as unknown as { kept: RTCPeerConnection[] }).kept
      .filter(({ connectionState }) => connectionState !== 'closed')
      .flatMap((one) => one.getSenders())
      .flatMap(({ track }) => (track?.kind === 'audio' ? track.enabled : [])),
  );

describe.runIf(canSeatMany)('a room of three', () => {
  let room: Room;
  let supervisor: Page;
  let early: number[][] = [];

  beforeAll(async () => {
    room = await openRoom(tapFrames);
    await Promise.all([seesTheOther(room.doctor), seesTheOther(room.patient)]);
    early = await sealedFrames(room.doctor);
    supervisor = await room.guest('supervisor', 'Tom Beatty', async (page) => {
      await page.addInitScript(keepConnections);
      await tapFrames(page);
    });
  }, 400_000);

  afterAll(() => room?.close());

  it('lets each decode two pictures, and shows everybody one code [K6]', async () => {
    const pages = [room.doctor, room.patient, supervisor];
    for (const [at, page] of pages.entries())
      await until(async () => (await decoded(page)).length === 2, `browser ${at} sees two`);
    const codes = await Promise.all(pages.map(safetyCode));
    expect(codes[0]).toMatch(/^\d{10}$/);
    expect(new Set(codes).size).toBe(1);
    await picture(room.doctor, 'group-clinician');
    await picture(room.patient, 'group-phone');
    await picture(supervisor, 'group-guest');
  }, 400_000);

  it('gives whoever comes late nothing that opens what was sent before [K9]', async () => {
    expect(early.length).toBeGreaterThan(20);
    // They are frames that somebody could open.
    expect((await tryFrames(room.doctor, early)).opened).toBe(early.length);
    const late = await tryFrames(supervisor, early);
    expect(late.keys).toBeGreaterThanOrEqual(2);
    expect(late.opened).toBe(0);
  });

  it('lets the supervisor speak to the clinician alone, and mutes her when that is taken back [R10]', async () => {
    const tileOn = (page: Page) => page.getByTestId('group-tile').filter({ hasText: 'Tom Beatty' });
    const own = (await tileOn(room.doctor).getAttribute('data-peer'))!;
    const heardBy = async (page: Page) => (await countersOf(page)).peers![own]!;
    await until(async () => (await heardBy(room.patient)).voices > 50, 'the patient hears her');
    await supervisor.getByTestId('toggle-aside').click();
    await supervisor.getByText('Only Dr. Naomi Castellanos-Wright MD can hear you.').waitFor();
    await room.doctor.locator('[data-testid="group-tile"][data-aside]').waitFor();
    await room.doctor.getByText('Tom Beatty speaks to you alone.').waitFor();
    await until(async () => (await heardBy(room.doctor)).asides > 50, 'the clinician hears her');
    expect(
      await room.doctor.getByTestId('aside').evaluate((audio: HTMLAudioElement) => audio.paused),
    ).toBe(false);
    // One line carries her, and it is not everybody's.
    expect(await microphones(supervisor)).toEqual([true]);
    const then = (await heardBy(room.patient)).voices;
    await room.patient.waitForTimeout(2_000);
    expect((await heardBy(room.patient)).voices - then).toBeLessThanOrEqual(2);
    expect((await heardBy(room.patient)).asides).toBe(0);
    expect(await room.patient.getByTestId('aside').count()).toBe(0);
    await expectPage(tileOn(room.patient)).toHaveAttribute('aria-label', /muted/);
    await looksRight(supervisor, 'group-aside-supervisor');
    await supervisor.setViewportSize({ width: 360, height: 740 });
    await looksRight(supervisor, 'group-aside-supervisor-360');
    await supervisor.setViewportSize({ width: 1440, height: 900 });
    await looksRight(room.doctor, 'group-aside-clinician');
    // Everybody may know that she can, the patient too.
    await room.patient.getByTestId('people').click();
    await room.patient
      .getByTestId('people-panel')
      .getByText(/may speak aside/)
      .waitFor();
    await room.patient.keyboard.press('Escape');
    // The patient goes and comes back: of what is said aside meanwhile the clinician misses nothing.
    await room.patient.getByTestId('end-call').click();
    await room.patient.getByTestId('rejoin').waitFor();
    await room.doctor.getByTestId('other-away').waitFor();
    // Who is left is not taken for her.
    await room.doctor.getByTestId('people').waitFor();
    await tileOn(room.doctor).getByText('Tom Beatty').waitFor();
    await expectPage(room.doctor.getByTestId('group-tile')).toHaveCount(1);
    await expectPage(tileOn(room.doctor)).toHaveCount(1);
    const alone = (await heardBy(room.doctor)).asides;
    await until(async () => (await heardBy(room.doctor)).asides > alone + 50, 'she is heard aside');
    await room.doctor.getByText('Tom Beatty speaks to you alone.').waitFor();
    await looksRight(room.doctor, 'group-aside-without-patient');
    await room.patient.getByTestId('rejoin').click();
    await until(async () => (await decoded(room.patient)).length === 2, 'the patient is back');
    expect((await heardBy(room.patient)).asides).toBe(0);
    await more(room.doctor, 'people');
    await room.doctor.getByTestId('grant-whisper').click();
    await supervisor.getByText('You can no longer speak aside. Your microphone is off.').waitFor();
    await expectPage(supervisor.getByTestId('toggle-aside')).toHaveCount(0);
    expect(await microphones(supervisor)).toEqual([false]);
    await supervisor.getByRole('button', { name: 'Unmute microphone' }).click();
    expect(await microphones(supervisor)).toEqual([true]);
    const before = (await heardBy(room.patient)).voices;
    await until(async () => (await heardBy(room.patient)).voices > before + 50, 'she is heard');
    await room.doctor.getByTestId('close-panel').click();
  }, 300_000);

  it('shows nothing of somebody who sends in the clear, and says so on her tile [K13]', async () => {
    const name = 'Tom Beatty';
    const tile = room.doctor.getByTestId('group-tile').filter({ hasText: name });
    const own = (await tile.getAttribute('data-peer'))!;
    await sendInTheClear(supervisor);
    await supervisor.reload();
    await tile.getByTestId('tile-warning').waitFor();
    const after = (await countersOf(room.doctor)).peers![own]!;
    await room.doctor.waitForTimeout(3_000);
    const later = (await countersOf(room.doctor)).peers![own]!;
    expect(later.refused).toBeGreaterThan(after.refused);
    // Frames of hers come all the time, and not one of them is opened.
    expect([later.pictures, later.voices]).toEqual([after.pictures, after.voices]);
  }, 200_000);
});
