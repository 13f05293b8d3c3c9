/** The trail as people use it: a patient sees who was in her record and doubts one; the auditor sees it, looks, and takes evidence along. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { afar } from './clinic-day.ts';
import { faults, looksRightBothWays } from './looks.ts';
import { signIn } from './people.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

describe.runIf(hasChromium)('the trail on screen', () => {
  let product: Product;
  let doctorName: string;
  let patientId: string;
  let patientName: string;
  let browser: Person;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    type Me = { name: string; fhirUser: { id: string } };
    const patient = await signIn(product.baseUrl, accountOf(product, 'patient'));
    const her = (await patient.get<Me>('/auth/me')).body;
    patientId = her.fhirUser.id;
    patientName = her.name.split(' ').at(-1)!;
    const doctor = await signIn(product.baseUrl, accountOf(product, 'practitioner'));
    doctorName = (await doctor.get<Me>('/auth/me')).body.name;
    for (const path of [
      `Patient/${patientId}`,
      `Condition?patient=${patientId}`,
      'Patient/00000000-0000-7000-8000-000000000abc',
    ])
      await doctor.get(`/fhir/R4/${path}`);
    const medic = await signIn(product.baseUrl, accountOf(product, 'paramedic'));
    await medic.post('/api/break-glass', {
      patient: patientId,
      reason: 'accident',
      text: 'Fell from a ladder, does not answer.',
    });
    browser = await openBrowser({ width: 1440, height: 900, timezone: 'Europe/Madrid' });
    page = await browser.context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  it('the patient sees who was in her record, and says that it looks wrong, by keyboard', async () => {
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'patient'));
    await page.goto(`${product.baseUrl}/patient/record`);
    await page.getByRole('link', { name: 'Who saw my record' }).click();
    const entry = page.getByRole('listitem').filter({ hasText: doctorName }).first();
    // Behind the trail by a second.
    for (let n = 0; n < 20 && !(await entry.isVisible()); n++) {
      await page.waitForTimeout(500);
      await page.reload();
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    await entry.getByText('For your care').waitFor();
    await looksRightBothWays(page, 'readers');
    await entry.getByRole('button', { name: /looks wrong/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('privacy officer will look').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('has been told').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  });

  it('the auditor finds it among the alerts, looks at the events, and acknowledges', async () => {
    await browser.context.clearCookies();
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'auditor'));
    await page.getByRole('link', { name: 'Alerts' }).first().click();
    const alert = page.getByRole('listitem').filter({ hasText: 'this looks wrong' });
    await alert.getByText(doctorName).waitFor();
    await looksRightBothWays(page, 'alerts');
    await alert.getByRole('button', { name: /Acknowledge/ }).click();
    await alert.getByText(/Looked at by/).waitFor();
    await page.getByRole('button', { name: 'Rules' }).click();
    await page.getByRole('form', { name: 'Very many patients' }).waitFor();
    await looksRightBothWays(page, 'rules');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await alert.getByRole('link', { name: /Events of/ }).click();
    await page
      .getByRole('button', { name: new RegExp(doctorName) })
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('narrows the trail to a patient, and sees new events come by themselves', async () => {
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Patient (random id)').fill(patientId);
    await page.locator('code', { hasText: 'Condition' }).first().waitFor();
    await looksRightBothWays(page, 'trail');
    await page.getByRole('switch', { name: /new events/ }).check({ force: true });
    const events = page.locator('time');
    const before = await events.count();
    const doctor = await signIn(product.baseUrl, accountOf(product, 'practitioner'));
    await doctor.get(`/fhir/R4/AllergyIntolerance?patient=${patientId}`);
    await page.waitForFunction(
      (count) => document.querySelectorAll('time').length > count,
      before,
      { timeout: 20_000 },
    );
    expect(await events.count()).toBeGreaterThan(before);
  });

  it('takes evidence along that proves itself', async () => {
    await page.getByRole('button', { name: 'Evidence' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make the file' }).click();
    const skip = page.getByTestId('step-up').getByRole('button').last();
    await Promise.race([coming, skip.waitFor().then(() => skip.click())]).catch(() => undefined);
    const file = await (await coming).path();
    const text = await readFile(file, 'utf8');
    expect(text).toContain(patientId);
    expect(text).not.toContain(patientName);
    expect(await afar(product, 'audit', 'verify', '--file', file)).toMatchObject({ code: 0 });
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  });

  it('reviews emergency access', async () => {
    await page.getByRole('link', { name: 'Emergencies' }).first().click();
    const opened = page.getByRole('listitem').filter({ hasText: 'Fell from a ladder' });
    await opened.getByText('Open now').waitFor();
    await looksRightBothWays(page, 'emergencies');
    await opened.getByRole('button', { name: 'Ask why' }).click();
    await opened.getByLabel('What do you ask?').fill('Which hospital did you take her to?');
    await opened.getByRole('button', { name: 'Send the question' }).click();
    await opened.getByText('Questioned').waitFor();
    await opened.getByRole('button', { name: /End the access/ }).click();
    await opened.getByText('Open now').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });
});
