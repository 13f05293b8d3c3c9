/** Consent and break-glass as people meet them: a clinician shut out in the middle of a call, and a paramedic in a hurry. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRight } from './looks.ts';
import { signIn } from './people.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import { answerIntake, book, enterWaitingRoom, seesTheOther, signInOnScreen } from './steps.ts';

describe.runIf(hasChromium)('consent and emergencies', () => {
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
    practice = await openBrowser({ width: 1440, height: 900 });
    patient = await home.context.newPage();
    doctor = await practice.context.newPage();
    for (const page of [patient, doctor]) page.setDefaultTimeout(60_000);
  });
  afterAll(async () => {
    await Promise.allSettled([home?.close(), practice?.close()]);
    await product?.stop();
  });

  let visit: string;
  it('a call is under way', async () => {
    await signInOnScreen(patient, product.baseUrl, day.patient);
    visit = await book(patient, day);
    await answerIntake(patient, product.baseUrl, visit);
    await enterWaitingRoom(patient, product.baseUrl, visit);
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
    const card = doctor.getByTestId('queue').locator('li').filter({ hasText: day.chart.name });
    await card.getByTestId('open-visit').click();
    await doctor.getByTestId('admit').click();
    await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
    expect(await patient.getByTestId('call-over').count()).toBe(0);
  });

  it('a clinician who is shut out loses call and chart at once; taken back, he sees again', async () => {
    // On the same phone, another tab: who may see my record?
    const record = await home.context.newPage();
    record.setDefaultTimeout(60_000);
    await record.goto(`${product.baseUrl}/patient/sharing`, { waitUntil: 'commit' });
    // Without title and degree.
    const family = day.doctorName.split(/[ ,]+/).findLast((word) => !/^[A-Z.]+$/.test(word))!;
    const holder = record.getByTestId('holder').filter({ hasText: family }).first();
    await holder.waitFor();
    await looksRight(record, 'consents-360');
    await holder.getByRole('button').click();
    await record.getByTestId('say-consent').waitFor();
    await looksRight(record, 'deny-360');
    await record.getByTestId('say-consent').click();
    const said = Date.now();

    await Promise.all([patient, doctor].map((page) => page.getByTestId('call-over').waitFor()));
    // 5 s is the promise; busy cores of a test machine get more. bench and proof say what it takes.
    expect(Date.now() - said).toBeLessThan(20_000);
    const person = await signIn(product.baseUrl, day.doctor);
    expect((await person.get(`/fhir/R4/Patient/${day.chart.patientId}`)).status).toBe(404);
    expect((await person.get(`/api/visits/${visit}`)).status).toBe(404);
    await doctor.goto(`${product.baseUrl}/clinician/patients/${day.chart.patientId}`);
    await doctor.getByRole('alert').waitFor();

    const line = record.getByTestId('consent').first();
    await line.waitFor();
    await record.getByTestId('shut').first().waitFor();
    await record.setViewportSize({ width: 1440, height: 900 });
    await looksRight(record, 'consents-1440');
    await line.getByRole('button').click();
    await record.getByTestId('take-back').click();
    await expectPage.poll(() => record.getByTestId('consent').count()).toBe(0);
    expect((await person.get(`/fhir/R4/Patient/${day.chart.patientId}`)).status).toBe(200);
    await record.close();
  });

  it('a paramedic finds, says why, and sees what matters; the patient and the auditor know', async () => {
    const truck = await openBrowser({ width: 360, height: 740 });
    try {
      const page = await truck.context.newPage();
      page.setDefaultTimeout(60_000);
      await signInOnScreen(page, product.baseUrl, accountOf(product, 'paramedic'));
      await page.waitForURL(/\/emergency$/);
      await looksRight(page, 'emergency-find-360');
      const hers = await signIn(product.baseUrl, day.patient);
      const { body } = await hers.get<{
        birthDate: string;
        name: { family: string; given: string[] }[];
      }>(`/fhir/R4/Patient/${day.chart.patientId}`);
      await page.getByText('By name').click();
      await page.getByLabel('Name', { exact: true }).fill(body.name[0]!.family);
      await page.getByLabel('Date of birth').fill(body.birthDate);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByTestId('found-person').first().click();
      await page.getByRole('radio', { name: 'Cannot answer' }).check();
      await page.getByTestId('open-record').click();
      // A reason is demanded.
      await page.getByText(/at least 10/).waitFor();
      await looksRight(page, 'emergency-reason-360');
      await page.getByLabel('In a few words').fill('Unconscious at the bus stop, Elm Road');
      const asked = Date.now();
      await page.getByTestId('open-record').click();
      await page.getByTestId('emergency-summary').waitFor();
      expect(Date.now() - asked).toBeLessThan(20_000);
      await looksRight(page, 'emergency-summary-360');
      await page.setViewportSize({ width: 1440, height: 900 });
      await looksRight(page, 'emergency-summary-1440');
      const notices = await hers.get<{ notices: { kind: string }[] }>('/api/notices');
      expect(JSON.stringify(notices.body)).toContain('break-glass');
      const officer = await signIn(product.baseUrl, accountOf(product, 'auditor'));
      const list = await officer.get<{ rows: { text: string }[] }>('/api/break-glass');
      expect(list.body.rows[0]!.text).toContain('bus stop');
      await page.getByRole('button', { name: 'Close it' }).click();
      await page.getByTestId('close-record').click();
      await page.waitForURL(/\/emergency$/);
    } finally {
      await truck.close();
    }
  });
});
