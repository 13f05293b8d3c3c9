/** Devices that fail, by name and with a way on; a call by voice alone; a shared screen; nothing open before admission and after leaving. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRightBothWays } from './looks.ts';
import { type Product, startProduct } from './product.ts';
import { book, callOf, enterWaitingRoom, more, seesTheOther, signInOnScreen } from './steps.ts';

/** Keeps what the page opens, and lets a test say what its devices answer. */
const tamper = `{
  const Plain = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
  window.tracks = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const fault = wanted.video && window.cameraFault;
    if (fault) throw new DOMException(fault[1], fault[0]);
    const stream = await ask(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}`;

interface Tampered {
  connections: RTCPeerConnection[];
  tracks: MediaStreamTrack[];
  cameraFault?: [string, string] | undefined;
}

describe.runIf(hasChromium)('devices', () => {
  let product: Product;
  let day: ClinicDay;
  let home: Person;
  let practice: Person;
  let patient: Page;
  let doctor: Page;
  let visit: string;

  beforeAll(async () => {
    product = await startProduct();
    day = await openClinic(product);
    home = await openBrowser({ width: 360, height: 740 });
    practice = await openBrowser({
      args: ['--auto-select-tab-capture-source-by-title=Afar', '--auto-accept-this-tab-capture'],
    });
    await home.context.addInitScript(tamper);
    [patient, doctor] = await Promise.all([home.context.newPage(), practice.context.newPage()]);
    for (const page of [patient, doctor]) page.setDefaultTimeout(30_000);
    await signInOnScreen(patient, product.baseUrl, day.patient);
    visit = await book(patient, day);
  });

  afterAll(async () => {
    await Promise.allSettled([home?.close(), practice?.close()]);
    await product?.stop();
  });

  it('a camera that cannot be had is named, with what to do in this browser, and tried again without loading the page', async () => {
    await patient.goto(`${product.baseUrl}/patient/visits/${visit}/check`);
    const faults: [string, string, string, RegExp][] = [
      ['NotAllowedError', 'Permission denied', 'denied', /sliders at the start of the address/],
      ['NotAllowedError', 'Permission denied by system', 'system', /privacy settings/],
      ['NotAllowedError', 'Permission dismissed', 'dismissed', /Choose Allow/],
      ['NotFoundError', 'Requested device not found', 'missing', /Connect a camera/],
      ['NotReadableError', 'Could not start video source', 'busy', /Close other programs/],
      ['OverconstrainedError', '', 'unfit', /Choose another device/],
    ];
    let first = true;
    for (const [name, message, fault, help] of faults) {
      await patient.evaluate(
        (given) => ((window as unknown as Tampered).cameraFault = given as [string, string]),
        [name, message],
      );
      await patient.getByTestId(first ? 'start-check' : 'try-again').click();
      first = false;
      const remedy = patient.getByTestId('remedy');
      await expectPage(remedy).toHaveAttribute('data-fault', new RegExp(`^${fault}$`));
      expect(await remedy.innerText()).toMatch(help);
    }
    await looksRightBothWays(patient, 'check-fault');
    await patient.setViewportSize({ width: 360, height: 740 });
    await patient.evaluate(() => ((window as unknown as Tampered).cameraFault = undefined));
    await patient.getByTestId('try-again').click();
    await expectPage(patient.getByTestId('check-camera')).toHaveAttribute('data-mark', /^ok$/);
  });

  it('what the browser itself refuses, and a device that is not there, are told apart', async () => {
    const refused = await openBrowser({ args: ['--use-fake-ui-for-media-stream=deny'] });
    const bare = await openBrowser({
      args: ['--use-fake-device-for-media-stream=device-count=0'],
    });
    try {
      await refused.context.clearPermissions();
      const found = await Promise.all(
        [refused, bare].map(async ({ context }) => {
          const page = await context.newPage();
          page.setDefaultTimeout(30_000);
          await signInOnScreen(page, product.baseUrl, day.patient);
          await page.goto(`${product.baseUrl}/patient/visits/${visit}/check`);
          await page.getByTestId('start-check').click();
          return page.getByTestId('check-camera').getByTestId('remedy').getAttribute('data-fault');
        }),
      );
      expect(found).toEqual(['denied', 'missing']);
    } finally {
      await Promise.all([refused.close(), bare.close()]);
    }
  });

  it('before admission nothing is open: no connection, no candidate, no byte; a made-up ticket is refused', async () => {
    await enterWaitingRoom(patient, product.baseUrl, visit);
    const heard = await patient.evaluate(async (id) => {
      const socket = new WebSocket(`/api/visits/${id}/socket`);
      const messages: string[] = [];
      socket.onmessage = ({ data }) => messages.push(String(data));
      socket.onopen = () => socket.send(JSON.stringify({ type: 'join', token: 'A'.repeat(43) }));
      const code = await new Promise<number>((done) => (socket.onclose = (end) => done(end.code)));
      const { connections } = window as unknown as Tampered;
      return { code, messages, connections: connections.length };
    }, visit);
    expect(heard.code).toBe(4401);
    expect(heard.connections).toBe(0);
    expect(heard.messages.join('')).not.toMatch(/candidate|iceServers|sdp/);
  });

  it('by voice alone she is heard, and sees', async () => {
    await patient.getByText('Without camera').click();
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
    await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
    await doctor.getByTestId('admit').click();
    await seesTheOther(patient);
    await expectPage
      .poll(async () => (await callOf(doctor)).audioFramesDecrypted ?? 0)
      .toBeGreaterThan(50);
    await doctor.getByTestId('remote-no-picture').waitFor();
    expect((await callOf(doctor)).framesDecoded ?? 0).toBe(0);
    const kinds = await patient.evaluate(() =>
      (window as unknown as Tampered).tracks
        .filter((track) => track.readyState === 'live')
        .map((track) => track.kind),
    );
    expect(kinds).toEqual(['audio']);
  });

  it('a shared screen is seen on the other side, and gone when it is stopped', async () => {
    await more(doctor, 'screen');
    const screen = patient.getByTestId('remote-screen');
    await screen.waitFor();
    await expectPage
      .poll(() => screen.evaluate((video: HTMLVideoElement) => video.videoWidth))
      .toBeGreaterThan(100);
    await looksRightBothWays(patient, 'call-screen');
    await patient.setViewportSize({ width: 360, height: 740 });
    await more(doctor, 'screen');
    await screen.waitFor({ state: 'detached' });
    expect(await screen.count()).toBe(0);
  });

  it('the clinician sees how the line is, as a chart and as a table', async () => {
    await doctor.getByTestId('call-quality').click();
    const panel = doctor.getByTestId('quality-panel');
    await panel.waitFor();
    await panel.locator('canvas').waitFor();
    await panel.getByText('Table', { exact: true }).click();
    await panel.locator('tbody tr').first().waitFor();
    expect(await panel.locator('thead th').count()).toBe(6);
    await doctor.keyboard.press('Escape');
  });

  it('after leaving nothing runs: every track ended, every connection closed', async () => {
    await patient.getByTestId('end-call').click();
    await patient.getByTestId('rejoin').waitFor();
    const left = await patient.evaluate(() => {
      const { tracks, connections } = window as unknown as Tampered;
      return {
        live: tracks.filter((track) => track.readyState === 'live').length,
        open: connections.filter((one) => one.connectionState !== 'closed').length,
      };
    });
    expect(left).toEqual({ live: 0, open: 0 });
  });
});
