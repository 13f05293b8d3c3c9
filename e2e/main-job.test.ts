/** The main job, from sign-in to the summary, in two browsers against the real product. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { faults, overflows } from './looks.ts';
import { codeNow, signIn } from './people.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import {
  answerIntake,
  book,
  checkDevices,
  enterWaitingRoom,
  safetyCode,
  seesTheOther,
  signInOnScreen,
} from './steps.ts';

const run = promisify(execFile);

const words = {
  subjective: 'Wakes at three, tired by day. Two coffees after supper.',
  objective: 'Alert on video, no distress.',
  assessment: 'Insomnia, likely from evening caffeine.',
  plan: 'No coffee after noon. Sleep diary for two weeks.',
  order: 'Review of the sleep diary',
};

describe.runIf(hasChromium)('the main job', () => {
  let product: Product;
  let day: ClinicDay;
  let home: Person;
  let practice: Person;
  let patient: Page;
  let doctor: Page;
  let visit: string;
  const errors: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    day = await openClinic(product, { long: true });
    // The patient holds a small phone in another zone than the clinic.
    home = await openBrowser({ width: 360, height: 740, timezone: 'Asia/Kolkata' });
    practice = await openBrowser({ width: 1440, height: 900, timezone: 'America/New_York' });
    patient = await home.context.newPage();
    doctor = await practice.context.newPage();
    for (const page of [patient, doctor]) {
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) errors.push(message.text());
      });
    }
  });

  afterAll(async () => {
    await Promise.allSettled([home?.close(), practice?.close()]);
    await product?.stop();
  });

  it('a patient signs in, books in her own time zone, answers the intake, checks her devices and waits', async () => {
    await patient.goto(`${product.baseUrl}/sign-in`);
    expect(await faults(patient)).toEqual([]);
    await signInOnScreen(patient, product.baseUrl, day.patient);
    expect(await faults(patient)).toEqual([]);
    visit = await book(patient, day);
    expect(await overflows(patient)).toBe(false);
    expect(await faults(patient)).toEqual([]);
    await answerIntake(patient, product.baseUrl, visit);
    await checkDevices(patient, product.baseUrl, visit);
    await enterWaitingRoom(patient, product.baseUrl, visit);
    expect(await overflows(patient)).toBe(false);
    expect(await faults(patient)).toEqual([]);
  });

  it('the doctor signs in with a second factor, sees the queue and opens the chart', async () => {
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
    const card = doctor.getByTestId('queue').locator('li').filter({ hasText: day.chart.name });
    await card.waitFor();
    expect(await faults(doctor)).toEqual([]);
    await card.getByTestId('open-visit').click();
    await expectPage(doctor.getByTestId('chart')).toContainText(
      new RegExp(day.chart.problem.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
    );
    await doctor.getByRole('tab', { name: 'Timeline' }).click();
    await expectPage(doctor.getByTestId('timeline')).toContainText(/\d{4}/);
    expect(await faults(doctor)).toEqual([]);
    await doctor.getByRole('tab', { name: 'Intake' }).click();
    await doctor.getByText('I wake at three and cannot sleep again.').waitFor();
  });

  it('before admission there is no ticket', async () => {
    const person = await signIn(product.baseUrl, day.patient);
    expect((await person.post(`/api/visits/${visit}/join`)).status).toBe(409);
    const stranger = await signIn(product.baseUrl, accountOf(product, 'patient', 2));
    expect((await stranger.post(`/api/visits/${visit}/join`)).status).toBe(404);
  });

  it('after admission they see and hear each other, encrypted, with one safety code', async () => {
    await doctor.getByTestId('admit').click();
    await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
    const codes = await Promise.all([safetyCode(doctor), safetyCode(patient)]);
    expect(codes[0]).toMatch(/^\d{10}$/);
    expect(codes[1]).toBe(codes[0]);
    expect(await faults(doctor)).toEqual([]);
    expect(await faults(patient)).toEqual([]);
  });

  it('the doctor writes the note beside the picture, orders, signs and ends', async () => {
    for (const part of ['subjective', 'objective', 'assessment', 'plan'] as const)
      await doctor.getByTestId(`note-${part}`).fill(words[part]);
    await expectPage(doctor.getByTestId('note-state')).toContainText(/Saved/);
    await doctor.getByTestId('order-text').fill(words.order);
    await doctor.getByTestId('order-submit').click();
    await expectPage(doctor.getByTestId('orders')).toContainText(new RegExp(words.order));
    // The visit took longer than a signature trusts a sign-in: she shows again who she is, and it goes through.
    await run(process.execPath, ['e2e/age-proofs.ts', product.data]);
    await doctor.getByTestId('sign').click();
    await doctor.getByTestId('sign-confirm').click();
    await doctor.getByTestId('step-up').waitFor();
    expect(await faults(doctor)).toEqual([]);
    await doctor.getByTestId('second-factor').locator('input').first().focus();
    await doctor.keyboard.type(await codeNow(day.doctor.totpSecret!));
    await doctor.getByTestId('signed-note').waitFor();
    await doctor.getByTestId('end-call').click();
    await doctor.getByTestId('end-confirm').click();
    expect(await patient.getByTestId('after-call').innerText()).not.toBe('');
  });

  it('the patient reads the summary', async () => {
    await patient.goto(`${product.baseUrl}/patient/visits/${visit}`);
    await expectPage(patient.getByTestId('summary')).toContainText(/No coffee after noon/);
    const text = await patient.getByTestId('summary').innerText();
    expect(text).toContain(words.assessment);
    expect(text).toContain(words.order);
    expect(text).not.toContain(words.subjective);
    expect(await faults(patient)).toEqual([]);
  });

  it('the visit is in the record, with reason, type, duration and billing code', async () => {
    const person = await signIn(product.baseUrl, day.patient);
    const found = await person.get<{ entry: { resource: Record<string, never> }[] }>(
      `/fhir/R4/Encounter?appointment=Appointment/${visit}`,
    );
    const encounter = found.body.entry[0]!.resource as unknown as {
      status: string;
      class: { code: string };
      type: { coding: { code: string }[] }[];
      reasonCode: { text: string }[];
      period: { start: string; end: string };
      length: { value: number };
    };
    expect(encounter.status).toBe('finished');
    expect(encounter.class.code).toBe('VR');
    expect(encounter.reasonCode[0]!.text).toBe('Trouble sleeping for three weeks');
    expect(Date.parse(encounter.period.end)).toBeGreaterThan(Date.parse(encounter.period.start));
    expect(encounter.length.value).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(encounter)).toMatch(/billing/i);
  });

  it('the auditor sees who did what, and nothing of what it was about', async () => {
    const page = await practice.context.newPage();
    await page.context().clearCookies();
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'auditor'));
    await page.getByText('Signed a visit note').first().waitFor();
    await page
      .getByText(day.doctorName.replace(/ (MD|MBBS|PhD)$/, ''))
      .first()
      .waitFor();
    expect(await faults(page)).toEqual([]);
    const trail = await page.evaluate(async () => {
      const answer = await fetch('/api/auditor/search', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ limit: 200 }),
      });
      return answer.text();
    });
    expect(trail).toContain('"sign"');
    const seen = (await page.locator('main').innerText()) + trail;
    for (const secret of [
      ...Object.values(words),
      day.chart.name,
      day.chart.problem,
      day.patient.email,
    ])
      expect(seen).not.toContain(secret);
    await page.close();
  });

  it('the administrator manages users and reaches no chart', async () => {
    const page = await practice.context.newPage();
    await page.context().clearCookies();
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'administrator'));
    await page.getByText(day.patient.email).first().waitFor();
    expect(await faults(page)).toEqual([]);
    const statuses = await page.evaluate(
      async ([patientId, appointment]) =>
        Promise.all(
          [
            `/fhir/R4/Patient/${patientId}`,
            `/fhir/R4/Condition?patient=${patientId}`,
            `/api/visits/${appointment}/note`,
            `/api/visits/${appointment}/summary`,
          ].map(async (path) => (await fetch(path)).status),
        ),
      [day.chart.patientId, visit],
    );
    expect(statuses).toEqual([403, 403, 403, 403]);
    await page.close();
  });

  it('nothing failed on any page, and the content security policy was never offended', () => {
    expect(errors).toEqual([]);
  });
});
