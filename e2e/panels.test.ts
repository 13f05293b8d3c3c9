/** What stands beside the call: chat, board, pictures, recording, invitations, between two browsers and a third. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingView, StillView } from '@afar/visits/contract';
import { hasChromium } from './browser.ts';
import { expect as expectPage } from './expect-page.ts';
import { countersOf, hasJanus, openRoom, type Room } from './group-room.ts';
import { faults, overflows, picture } from './looks.ts';
import { more, seesTheOther } from './steps.ts';

const looks = async (page: Page, name: string): Promise<void> => {
  await picture(page, name);
  expect({ name, faults: await faults(page), out: await overflows(page) }).toEqual({
    name,
    faults: [],
    out: false,
  });
};

/** Cuts the page's line to the server and keeps it cut, until the returned function is called. */
async function cutLine(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(async () => {
    const Plain = WebSocket;
    const state = { cut: true };
    Object.assign(window, { line: state });
    window.WebSocket = class extends Plain {
      constructor(address: string | URL) {
        super(address);
        if (state.cut) this.close();
      }
    };
    // The one in use shows itself when it says something.
    const { send } = Plain.prototype;
    await new Promise<void>((done) => {
      Plain.prototype.send = function (data) {
        Plain.prototype.send = send;
        send.call(this, data);
        this.close();
        done();
      };
    });
  });
  return () =>
    page.evaluate(() => {
      (window as unknown as { line: { cut: boolean } }).line.cut = false;
    });
}

describe.runIf(hasChromium)('beside the call', () => {
  let room: Room;
  let doctor: Page;
  let patient: Page;

  beforeAll(async () => {
    room = await openRoom();
    ({ doctor, patient } = room);
    await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
  });
  afterAll(() => room?.close());

  it('is written both ways, with a file, and what is new shows on the button', async () => {
    await doctor.getByTestId('open-chat').click();
    await doctor.getByTestId('panel-chat').getByRole('heading', { name: 'Chat' }).waitFor();
    await expectPage(doctor.getByRole('heading', { name: 'Chat' })).toBeFocused();
    await doctor.getByTestId('chat-text').fill('Can you hear me?');
    await doctor.keyboard.press('Enter');
    await expectPage(patient.getByTestId('chat-unread')).toContainText(/^1$/);
    await patient.getByTestId('open-chat').click();
    await expectPage(patient.getByTestId('chat-message')).toContainText(/Can you hear me\?/);
    await expectPage(patient.getByTestId('chat-unread')).toHaveCount(0);
    // It stands for a moment only, and is said every three seconds: looked for while she types as people do.
    const typing = doctor.getByText(/is writing/).waitFor();
    const text = patient.getByTestId('chat-text');
    await Promise.all([typing, text.pressSequentially('Yes, I hear you well.', { delay: 250 })]);
    await patient.getByTestId('chat-file').setInputFiles({
      name: 'rash.png',
      mimeType: 'image/png',
      buffer: await patient.screenshot(),
    });
    await patient.getByTestId('chat-send').click();
    await expectPage(doctor.getByTestId('chat-message')).toHaveCount(2);
    await doctor.getByAltText('Picture rash.jpg').waitFor();
    await expectPage(patient.getByTestId('chat-outgoing')).toHaveCount(0);
    await looks(patient, 'panels-chat-360');
    await looks(doctor, 'panels-chat-1440');
    await patient.keyboard.press('Escape');
    await expectPage(patient.getByTestId('open-chat')).toBeFocused();
    await doctor.getByTestId('close-panel').click();
  });

  it('has a board: strokes arrive, by mouse and by keyboard, and the clinician closes it for both', async () => {
    await more(patient, 'board');
    const canvas = patient.getByTestId('board-canvas');
    const theirs = doctor.getByTestId('board-canvas');
    await theirs.waitFor();
    const box = (await canvas.boundingBox())!;
    await patient.mouse.move(box.x + 40, box.y + 40);
    await patient.mouse.down();
    await patient.mouse.move(box.x + 120, box.y + 90, { steps: 8 });
    await patient.mouse.up();
    await expectPage(theirs).toHaveAttribute('data-strokes', /^1$/);
    await theirs.focus();
    for (const key of ['Enter', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Enter'])
      await doctor.keyboard.press(key);
    await expectPage(canvas).toHaveAttribute('data-strokes', /^2$/);
    await expectPage(patient.getByTestId('board-author')).toHaveCount(2);
    await looks(patient, 'panels-board-360');
    await looks(doctor, 'panels-board-1440');
    await doctor.getByTestId('close-board').click();
    await canvas.waitFor({ state: 'detached' });
  });

  it('says honestly what the browser can caption on the device', async () => {
    await more(doctor, 'captions');
    await expectPage(doctor.getByTestId('captions-own')).toHaveAttribute(
      'data-ability',
      /^(none|to-install)$/,
    );
    await doctor.getByTestId('captions-on').check({ force: true });
    await doctor.getByRole('log', { name: 'Captions' }).waitFor();
    await looks(doctor, 'panels-captions-1440');
    await doctor.getByTestId('captions-on').uncheck({ force: true });
    await doctor.keyboard.press('Escape');
  });

  it('brings a picture of her camera, with her yes and after her look at it, into the chart', async () => {
    await more(doctor, 'stills');
    // Her line to the server is cut while she is asked; voices and pictures go on. She is asked when it is back.
    const mend = await cutLine(patient);
    await doctor.getByTestId('ask-still').click();
    const stills = async (): Promise<string> =>
      (await room.desk.get<StillView[]>(`/api/visits/${room.visit}/stills`)).body
        .map(({ state }) => state)
        .join();
    await expectPage.poll(stills).toBe('asked');
    expect(await patient.getByTestId('still-question').count()).toBe(0);
    await mend();
    await expectPage(patient.getByTestId('still-question')).toBeFocused();
    expect((await countersOf(patient)).rejoined ?? []).toEqual([]);
    await looks(patient, 'panels-still-asked-360');
    await patient.getByTestId('still-agree').click();
    await patient.getByTestId('still-shoot').click();
    await patient.getByTestId('still-taken').waitFor();
    await looks(patient, 'panels-still-taken-360');
    expect(await stills()).toBe('agreed');
    await patient.getByTestId('still-send').click();
    await doctor.getByTestId('still-thumb').waitFor();
    await looks(doctor, 'panels-stills-1440');
    await doctor.keyboard.press('Escape');
  });

  const recordings = async (): Promise<RecordingView[]> =>
    (await room.desk.get<RecordingView[]>(`/api/visits/${room.visit}/recordings`)).body;

  it('records only after her yes, goes on after a reload without a gap, and is played from the visit page', async () => {
    await more(doctor, 'recording');
    await doctor.getByTestId('begin-recording').click();
    await expectPage(patient.getByTestId('recording-question')).toBeFocused();
    expect(await recordings()).toMatchObject([{ state: 'asking', next: 0 }]);
    await looks(patient, 'panels-recording-asked-360');
    await patient.getByTestId('recording-agree').click();
    for (const page of [doctor, patient])
      await expectPage(page.getByTestId('recording-sign')).toHaveAttribute('data-state', /^on$/);
    await looks(patient, 'panels-recording-360');
    await expectPage.poll(async () => (await recordings())[0]!.next).toBe(1);
    await doctor.reload();
    await expectPage(doctor.getByTestId('recording-sign')).toHaveAttribute('data-state', /^on$/);
    await expectPage.poll(async () => (await recordings())[0]!.next).toBeGreaterThan(2);
    await doctor.getByTestId('recording-stop').click();
    await expectPage(patient.getByTestId('recording-sign')).toHaveCount(0);
    await expectPage.poll(async () => (await recordings())[0]!.state).toBe('finished');
    expect((await recordings())[0]!.document).toMatch(/^DocumentReference\//);
  });

  it.runIf(hasJanus)('lets in who was invited by a link, with the patient asked', async () => {
    await more(doctor, 'people');
    await doctor.getByTestId('invite-name').fill('Ana Ruiz');
    await doctor.getByTestId('make-link').click();
    const link = new URL((await doctor.getByTestId('invite-link').textContent())!.trim());
    await looks(doctor, 'panels-invite-1440');
    const guest = await room.page(360, 740);
    await guest.goto(room.product.baseUrl + link.pathname + link.hash);
    await guest.getByTestId('open-invitation').click();
    await guest.getByTestId('guest-waits').waitFor();
    await guest.getByTestId('try-devices').click();
    await guest.getByTestId('own-picture').waitFor();
    await looks(guest, 'panels-guest-waits-360');
    await doctor.getByRole('button', { name: 'Done' }).click();
    await doctor.getByTestId('invited-guest').getByRole('button', { name: 'Let in' }).click();
    await expectPage(patient.getByTestId('guest-question')).toBeFocused();
    await expectPage(patient.getByTestId('guest-question')).toContainText(
      /Ana Ruiz \(Interpreter\)/,
    );
    await looks(patient, 'panels-guest-asked-360');
    await patient.getByTestId('guest-agree').click();
    await expectPage.poll(async () => (await countersOf(guest)).phase).toBe('live');
    await looks(guest, 'panels-guest-in-360');
    await doctor.getByTestId('revoke-guest').click();
    await guest.getByText('Thank you for being there').waitFor();
  });

  it('leaves the chat and the recording on the page of the visit', async () => {
    await patient.getByTestId('end-call').click();
    await doctor.getByTestId('end-call').click();
    await doctor.getByTestId('end-confirm').click();
    await expectPage(doctor.getByTestId('chat-record')).toContainText(/Can you hear me\?/);
    await doctor.getByTestId('play-recording').click();
    await expectPage
      .poll(() =>
        doctor
          .getByTestId('recording-player')
          .evaluate((video) => (video as HTMLVideoElement).currentTime),
      )
      .toBeGreaterThan(0.5);
    await looks(doctor, 'panels-after-1440');
    await patient.goto(`${room.product.baseUrl}/patient/visits/${room.visit}`);
    await expectPage(patient.getByTestId('chat-record')).toContainText(/Can you hear me\?/);
    await looks(patient, 'panels-after-360');
  });
});
