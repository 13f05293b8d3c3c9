/** The clinic cannot be reached: what was opened once opens again and says so, and goes on by itself when the clinic is back. */
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { looksRight } from './looks.ts';
import { accountOf, freePort, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

/** Built files that the device keeps. */
const kept = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname);
  });

describe.runIf(hasChromium)('a clinic that cannot be reached', () => {
  let data: string;
  let start: () => Promise<Product>;
  let product: Product;
  let phone: Person;
  let page: Page;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'afar-e2e-'));
    const env = { AFAR_PORT: String(await freePort()) };
    start = () => startProduct({ data, env });
    product = await start();
    phone = await openBrowser({ width: 360, height: 740 });
    page = await phone.context.newPage();
  });
  afterAll(async () => {
    await phone?.close();
    await product?.stop();
    await rm(data, { recursive: true, force: true });
  });

  it('keeps on a phone what it used and what opens any page, and not the pages of every role', async () => {
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'patient'));
    // Whole, before the clinic goes: a page cut off half way is another one's case.
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const fetched = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.startsWith('/assets/')),
    );
    await expect
      .poll(() => kept(page), { timeout: 15_000 })
      .toEqual(expect.arrayContaining(['/', ...fetched]));
    const files = await kept(page);
    expect(files.filter((path) => /livekit|auditor|^\/(api|auth|fhir)/.test(path))).toEqual([]);
  });

  it('says so on a page that was opened before, and on one that never was', async () => {
    const { pathname } = new URL(page.url());
    await product.stop();
    // A page that cannot be fetched, from one that is open.
    await page.getByRole('navigation').getByRole('link').last().click();
    await page.getByRole('heading', { name: 'There is no connection' }).waitFor();
    for (const path of [pathname, '/patient/sharing']) {
      await page.goto(product.baseUrl + path);
      await page.getByRole('heading', { name: 'There is no connection' }).waitFor();
    }
    await looksRight(page, 'away-360');
  });

  it('says so when a proxy answers for a clinic that is away', async () => {
    const proxy = createServer((_, answer) => answer.writeHead(502).end('Bad Gateway'));
    await new Promise<void>((done) =>
      proxy.listen(Number(new URL(product.baseUrl).port), '127.0.0.1', done),
    );
    try {
      await page.goto(`${product.baseUrl}/patient/sharing`);
      await page.getByRole('heading', { name: 'There is no connection' }).waitFor();
      expect(await page.getByText('Bad Gateway').count()).toBe(0);
    } finally {
      proxy.closeAllConnections();
      await new Promise((done) => proxy.close(done));
    }
  });

  it('goes on by itself when the clinic is back', async () => {
    product = await start();
    await page
      .getByRole('heading', { name: 'There is no connection' })
      .waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/patient/sharing');
    await page.getByRole('navigation').first().waitFor();
  });
});
