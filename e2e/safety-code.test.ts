/** The safety code tells: a server that swaps the keys is seen, and what it sends is never shown. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { swapKeys } from './key-swap.ts';
import { type Product, startProduct } from './product.ts';
import { book, callOf, enterWaitingRoom, safetyCode, signInOnScreen } from './steps.ts';

describe.runIf(hasChromium)('a server that swaps the keys', () => {
  let product: Product;
  let day: ClinicDay;
  let home: Person;
  let practice: Person;
  let patient: Page;
  let doctor: Page;

  beforeAll(async () => {
    product = await startProduct();
    day = await openClinic(product);
    home = await openBrowser({ width: 360, height: 740 });
    practice = await openBrowser();
    patient = await home.context.newPage();
    doctor = await practice.context.newPage();
    for (const page of [patient, doctor]) page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await Promise.allSettled([home?.close(), practice?.close()]);
    await product?.stop();
  });

  it('leads to different codes on the two screens, and no frame of it is decrypted', async () => {
    await signInOnScreen(patient, product.baseUrl, day.patient);
    const visit = await book(patient, day);
    const swaps = [await swapKeys(patient, visit), await swapKeys(doctor, visit)];
    await enterWaitingRoom(patient, product.baseUrl, visit);
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
    await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
    await doctor.getByTestId('admit').click();
    const codes = await Promise.all([safetyCode(doctor), safetyCode(patient)]);
    for (const swap of swaps) expect(swap.swapped()).toBeGreaterThanOrEqual(3);
    expect(codes[0]).toMatch(/^\d{10}$/);
    expect(codes[1]).toMatch(/^\d{10}$/);
    expect(codes[0]).not.toBe(codes[1]);
    // Long enough for frames to arrive: none of them opens, so none is shown.
    await doctor.waitForTimeout(4_000);
    for (const page of [doctor, patient]) expect((await callOf(page)).framesDecrypted ?? 0).toBe(0);
  });
});
