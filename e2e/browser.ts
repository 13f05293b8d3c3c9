/** A Chromium profile with fake devices, as a person's own browser. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

/** Debian's Chromium, or the one named by CHROMIUM. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const fakeDevices = [
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

export interface Person {
  context: BrowserContext;
  close(): Promise<void>;
}

/** Every browser that is open, for who must tell what was on its pages when a test failed. */
export const openContexts = new Set<BrowserContext>();

export interface BrowserOptions {
  width?: number;
  height?: number;
  timezone?: string;
  locale?: string;
  args?: string[];
  /** Pictures a second of the camera. Few by default: what is shown of a call does not depend on how smooth it is. */
  fps?: number;
  /** Asks for less movement: painting without a graphics card takes a core. */
  still?: boolean;
  /** Another Chromium than the usual one: a script that starts it elsewhere, such as in a network of its own. */
  executable?: string;
}

const launchOf = (options: BrowserOptions) => ({
  executablePath: options.executable ?? chromiumPath,
  headless: true,
  args: [
    ...quiet,
    ...fakeDevices,
    `--use-fake-device-for-media-stream=fps=${options.fps ?? 10}`,
    ...(options.args ?? []),
  ],
});

const contextOf = (options: BrowserOptions) => ({
  viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
  timezoneId: options.timezone,
  locale: options.locale ?? 'en-US',
  ...((options.still ?? true) && { reducedMotion: 'reduce' as const }),
  permissions: ['camera', 'microphone'],
  ignoreHTTPSErrors: true,
});

/** Opens a browser with an empty profile of its own. */
export async function openBrowser(options: BrowserOptions = {}): Promise<Person> {
  const profile = await mkdtemp(join(tmpdir(), 'afar-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOf(options),
    ...contextOf(options),
  });
  return personOf(context, () => rm(profile, { recursive: true, force: true }));
}

/** Closed at the end of a run that broke off; `swept` runs after her own closing. */
function personOf(context: BrowserContext, swept?: () => Promise<void>): Person {
  openContexts.add(context);
  return {
    context,
    close: async () => {
      openContexts.delete(context);
      await context.close();
      await swept?.();
    },
  };
}

/** One browser for several people, each with cookies, storage and pages of her own: what a machine with two cores spends on eight browsers, it spends once. */
export async function openSharedBrowser(
  options: BrowserOptions = {},
): Promise<{ person(own?: BrowserOptions): Promise<Person>; close(): Promise<void> }> {
  const browser: Browser = await chromium.launch(launchOf(options));
  return {
    async person(own = {}) {
      return personOf(await browser.newContext(contextOf({ ...options, ...own })));
    },
    close: () => browser.close(),
  };
}
