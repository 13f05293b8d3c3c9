/** A patient shares by link and QR; a stranger opens it with the PIN until it is ended. Then the office: licences, and the switch. */
import jsqr from 'jsqr';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRight } from './looks.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

/** What a telephone would read off the screen. */
async function scan(page: Page): Promise<string | undefined> {
  const { data, width, height } = await page
    .getByTestId('qr')
    .locator('canvas')
    .evaluate((it) => {
      const canvas = it as HTMLCanvasElement;
      const image = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return { data: [...image.data], width: image.width, height: image.height };
    });
  return jsqr.default(Uint8ClampedArray.from(data), width, height)?.data;
}

describe.runIf(hasChromium)('share links', () => {
  let product: Product;
  let home: Person;
  let away: Person;
  let office: Person;
  let patient: Page;
  let guest: Page;
  const asked: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    home = await openBrowser({ width: 360, height: 740, timezone: 'America/New_York' });
    away = await openBrowser({ width: 360, height: 740, timezone: 'Europe/Madrid' });
    office = await openBrowser({ timezone: 'America/New_York' });
    patient = await home.context.newPage();
    guest = await away.context.newPage();
    guest.on('request', (request) =>
      asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`),
    );
    for (const page of [patient, guest]) {
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => errors.push(error.message));
    }
  });
  afterAll(async () => {
    await Promise.allSettled([home?.close(), away?.close(), office?.close()]);
    await product?.stop();
  });

  let url: string;
  let pin: string;

  it('she makes one on a small phone: QR, link, and the PIN apart', async () => {
    await signInOnScreen(patient, product.baseUrl, accountOf(product, 'patient'));
    await patient.goto(`${product.baseUrl}/patient/sharing/links`);
    await patient.getByTestId('new-link').click();
    await patient.getByLabel('Whom it is for').fill('The clinic in Madrid');
    await looksRight(patient, 'link-form');
    await patient.getByTestId('make-link').click();
    await patient.getByTestId('pin').waitFor();
    await looksRight(patient, 'link-made');
    pin = (await patient.getByTestId('pin').textContent())!.trim();
    url = (await patient.getByTestId('url').textContent())!.trim();
    expect(pin).toMatch(/^\d{6}$/);
    expect(url).not.toContain(pin);
    expect(await scan(patient)).toBe(url);
    await patient.getByTestId('link-done').click();
    await expectPage(patient.getByTestId('share-link')).toContainText(/The clinic in Madrid/);
    await looksRight(patient, 'link-list');
  });

  it('a stranger opens it: a wrong PIN counts, the right one shows what was shared and no more', async () => {
    await guest.goto(url);
    await guest.getByTestId('open-link').waitFor();
    expect(guest.url()).toBe(`${product.baseUrl}/shared`);
    await looksRight(guest, 'guest-pin');
    const type = async (digits: string) => {
      await guest.getByLabel('PIN, six digits 1').focus();
      await guest.keyboard.type(digits);
      await guest.getByTestId('open-link').click();
    };
    await type(String((Number(pin) + 1) % 1_000_000).padStart(6, '0'));
    await guest.getByText('4 tries are left.').waitFor();
    await guest.getByLabel('Your name').fill('Dr. Ferrer');
    await type(pin);
    await guest.getByTestId('shared-name').waitFor();
    await guest.getByRole('heading', { name: 'Medications' }).waitFor();
    // Read again, without the secret in the address: what she opened stays open, and is not counted twice.
    await guest.reload();
    await guest.getByRole('heading', { name: 'Medications' }).waitFor();
    await guest.waitForLoadState('networkidle');
    expect(await guest.getByRole('heading', { name: 'Visits' }).count()).toBe(0);
    await looksRight(guest, 'guest-record');
    const secret = new URL(url).hash.slice(1);
    expect(asked.filter((one) => one.includes(secret))).toEqual([]);
  });

  it('she sees who looked, ends it, and the very next request is refused', async () => {
    await patient.reload();
    await expectPage(patient.getByTestId('share-link')).toContainText(/Dr. Ferrer/);
    await patient.getByTestId('end-link').click();
    await expectPage(patient.getByTestId('share-link')).toContainText(/Ended by you/);
    const status = await guest.evaluate(
      async () =>
        (await fetch('/fhir/R4/MedicationRequest', { headers: { 'x-afar-guest': '1' } })).status,
    );
    expect(status).toBe(401);
    await guest.goto('about:blank');
    await guest.goto(url);
    await guest.getByLabel('PIN, six digits 1').focus();
    await guest.keyboard.type(pin);
    await guest.getByTestId('open-link').click();
    await guest.getByText('This link does not open', { exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  it('licences: her own page and the queue of the office', async () => {
    const doctor = await office.context.newPage();
    await signInOnScreen(doctor, product.baseUrl, accountOf(product, 'practitioner'));
    await doctor.goto(`${product.baseUrl}/clinician/licence`);
    await doctor.getByText('Your licence is in force').waitFor();
    await looksRight(doctor, 'my-licence');
    await doctor.close();
    await office.context.clearCookies();
    const admin = await office.context.newPage();
    await signInOnScreen(admin, product.baseUrl, accountOf(product, 'administrator'));
    await admin.goto(`${product.baseUrl}/office/licences`);
    await admin.getByText('All', { exact: true }).click();
    await admin.getByTestId('licence').first().waitFor();
    await looksRight(admin, 'office-licences');
    expect(await admin.getByTestId('licence').count()).toBeGreaterThan(2);
  });

  it('the switch: one locks, everybody is told, two lift', async () => {
    const [admin] = office.context.pages().slice(-1) as [Page];
    await admin.goto(`${product.baseUrl}/office/lockdown`);
    await admin.getByLabel('Reason').fill('Something is wrong');
    await looksRight(admin, 'lockdown-open');
    await admin.getByTestId('lock').click();
    await admin.getByTestId('lock-now').click();
    await admin.getByTestId('lift').waitFor();
    await patient.reload();
    await expectPage(patient.getByTestId('lockdown-banner')).toContainText(/Reading only since/);
    await looksRight(patient, 'locked-patient');
    await admin.getByTestId('lift').click();
    await admin.getByText('You asked to lift it').waitFor();
    await looksRight(admin, 'lockdown-asked');
    const second = await away.context.newPage();
    await signInOnScreen(second, product.baseUrl, accountOf(product, 'administrator', 1));
    await second.goto(`${product.baseUrl}/office/lockdown`);
    await looksRight(second, 'lockdown-second');
    await second.getByTestId('lift').click();
    await second.getByText('The clinic is open').waitFor();
    expect(await second.getByTestId('lockdown-banner').count()).toBe(0);
  });
});
