/** Three browsers through a real Janus: pictures in layers, whispers, a restart, an ejection, a crash. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, systemClock } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import {
  janusMedia,
  startJanus,
  type Grants,
  type JanusServer,
  type MediaBackend,
  type MediaLink,
  type SfuRequest,
} from '@afar/visits';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { sfuPage } from './sfu-page.ts';

const program = findProgram('janus');
if (!program) console.warn('\n!! SKIPPED Janus: it is not installed\n');

const room = { tenant: 1, visit: '0190a000-0000-7000-8000-000000000002' };
const all: Grants = { publish: true, subscribe: true, hidden: false };

describe.runIf(program && hasChromium)('a room of many through Janus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'afar-janus-'));
  const log = testLog();
  let server: JanusServer;
  /** Two API processes' worth of engines on one Janus. */
  let near: MediaBackend;
  let far: MediaBackend;
  let site: Server;
  let browser: Person;
  const links: MediaLink[] = [];

  beforeAll(async () => {
    server = startJanus({
      program: program!,
      folder,
      settings: { rtpPorts: { min: 51_000, max: 51_200 }, ignore: [] },
      log,
    });
    const opts = { server, ice: () => ({ stunUrls: [], turnUrls: [] }), clock: systemClock, log };
    near = janusMedia(opts);
    far = janusMedia(opts);
    site = createServer((_req, res) => res.setHeader('content-type', 'text/html').end('<p>'));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    browser = await openBrowser();
    await near.open(room, { maxPeers: 8, record: false });
  });
  afterAll(async () => {
    await browser.close();
    await near.stop!();
    await far.stop!();
    await server.stop();
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Someone {
    page: Page;
    link: MediaLink;
    said: { type: string; link?: string }[];
  }

  async function enter(who: string, engine: MediaBackend, grants = all): Promise<Someone> {
    const page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    const said: Someone['said'] = [];
    const someone: { link?: MediaLink } = {};
    const waiting: SfuRequest[] = [];
    await page.exposeFunction('toServer', async (message: SfuRequest) => {
      if (someone.link) await someone.link.receive(message);
      else waiting.push(message);
    });
    await page.evaluate(sfuPage, { who, publish: grants.publish });
    someone.link = await engine.link!(room, who, grants, (message) => {
      said.push(message);
      page
        .evaluate((one) => (window as unknown as { heard(m: unknown): void }).heard(one), message)
        .catch(() => undefined);
    });
    links.push(someone.link);
    for (const message of waiting) await someone.link.receive(message);
    return { page, link: someone.link, said };
  }

  interface Seen {
    [stream: string]: { frames: number; bytes: number; width: number };
  }
  const seenBy = ({ page }: Someone): Promise<Seen> =>
    page.evaluate(() => (window as unknown as { seen(): Promise<Seen> }).seen());

  const sees = (one: Someone, ...streams: string[]) =>
    vi.waitFor(
      async () => {
        const seen = await seenBy(one);
        for (const stream of streams)
          if (!((seen[stream]?.frames ?? 0) > 3)) throw new Error(JSON.stringify(seen));
      },
      { timeout: 20_000, interval: 250 },
    );

  let doctor: Someone;
  let patient: Someone;
  let interpreter: Someone;
  let observer: Someone;

  it('brings everybody everybody else, through two processes; an observer sends nothing', async () => {
    [doctor, patient] = await Promise.all([enter('doctor', near), enter('patient', far)]);
    interpreter = await enter('interpreter', near, { ...all, whispersTo: ['doctor'] });
    observer = await enter('observer', far, { ...all, publish: false, hidden: true });
    await Promise.all([
      sees(doctor, 'patient video', 'interpreter video'),
      sees(patient, 'doctor video', 'interpreter video'),
      sees(observer, 'doctor video', 'patient video', 'interpreter video'),
    ]);
    expect(Object.keys(await seenBy(doctor)).some((one) => one.startsWith('observer'))).toBe(false);
    expect(near.stats()).toMatchObject({ up: true, rooms: 1, links: 2 });
    expect(far.stats()).toMatchObject({ up: true, rooms: 1, links: 2 });
  });

  it('whispers reach those they are for, and no other connection', async () => {
    await vi.waitFor(async () =>
      expect((await seenBy(doctor))['interpreter whisper']?.bytes).toBeGreaterThan(0),
    );
    for (const other of [patient, observer])
      expect(Object.keys(await seenBy(other))).not.toContain('interpreter whisper');
  });

  it('sends the small layer until the large one is asked for, and nothing when none is', async () => {
    const width = async () => (await seenBy(doctor))['patient video']!.width;
    expect(await width()).toBeLessThanOrEqual(320);
    await doctor.link.receive({ type: 'sfu-want', layers: { patient: 'high' } });
    await vi.waitFor(async () => expect(await width()).toBe(640), { timeout: 10_000 });
    await doctor.link.receive({ type: 'sfu-want', layers: { patient: 'off', interpreter: 'off' } });
    await stands(doctor, 'patient video');
    await doctor.link.receive({ type: 'sfu-want', layers: { patient: 'low' } });
    await vi.waitFor(async () => expect(await width()).toBeLessThanOrEqual(320), {
      timeout: 10_000,
    });
  });

  /** Not one byte in a second, after at most one second of grace. */
  async function stands(one: Someone, stream: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const before = (await seenBy(one))[stream]?.bytes;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await seenBy(one))[stream]?.bytes).toBe(before);
  }

  it('ICE begins anew on both connections, and media go on', async () => {
    await patient.page.evaluate(() =>
      (window as unknown as { restart(): Promise<void> }).restart(),
    );
    await patient.link.receive({ type: 'sfu-restart', link: 'down' });
    const before = (await seenBy(patient))['doctor video']!.frames;
    await vi.waitFor(
      async () =>
        expect((await seenBy(patient))['doctor video']!.frames).toBeGreaterThan(before + 5),
      { timeout: 15_000, interval: 250 },
    );
    await sees(doctor, 'patient video');
  });

  it('who is thrown out by another process hears and sends nothing within a second', async () => {
    // The interpreter's link is in `near`; `far` says it.
    await far.eject(room, 'interpreter');
    await stands(interpreter, 'doctor video');
    expect(Object.keys(await seenBy(doctor))).not.toContain('interpreter video');
    await vi.waitFor(() => expect(near.stats().links).toBe(1), { timeout: 10_000 });
    await interpreter.link.receive({
      type: 'sfu-publish',
      negotiation: 1,
      sdp: 'v=0',
    });
    expect(near.stats().links).toBe(1);
  });

  it('a parked link is taken over by the same session, with no new offer', async () => {
    const { page } = patient;
    const again: unknown[] = [];
    patient.link.park();
    // The page has no number of its own session: this link was begun without one, so it is begun anew.
    const fresh = await far.link!(room, 'patient', all, (said) => again.push(said), 2);
    fresh.park();
    const taken = await far.link!(room, 'patient', all, (said) => again.push(said), 2);
    const offers = again.length;
    await taken.receive({ type: 'sfu-want', layers: { doctor: 'low' } });
    expect(again).toHaveLength(offers);
    await taken.close();
    await page.close();
  });

  it('after a crash of Janus the room is there again, and browsers connect to it', async () => {
    const before = server.access()!.url;
    const pid = Number(/"pid":(\d+)/.exec(log.text().split('"janus"').at(-1)!)![1]);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(server.access()?.url ?? before).not.toBe(before), {
      timeout: 10_000,
    });
    await vi.waitFor(
      () => {
        for (const one of [doctor, observer])
          expect(one.said.map(({ type, link }) => `${type} ${link}`)).toContain('sfu-restart down');
      },
      { timeout: 10_000 },
    );
    expect(doctor.said).toContainEqual({ type: 'sfu-restart', link: 'up' });
    await sees(observer, 'doctor video');
  }, 30_000);

  it('ended, the room is nowhere, and nobody who reaches the port can make or join one', async () => {
    await far.close(room);
    await stands(observer, 'doctor video');
    await vi.waitFor(() => {
      expect(near.stats()).toMatchObject({ rooms: 0, links: 0 });
      expect(far.stats()).toMatchObject({ rooms: 0, links: 0 });
    });
    const said = log.text();
    const { apiSecret, adminKey, roomKey } = server.access()!;
    for (const hidden of [apiSecret, adminKey, roomKey, 'doctor'])
      expect(said).not.toContain(hidden);
    expect(readFileSync(join(folder, 'janus.json'), 'utf8')).toContain(apiSecret);
  });
});
