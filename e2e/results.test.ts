/** The way of a result on screen: ordered in a visit, sent by a laboratory, answered in the inbox, read by the patient; her summary as a file. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { type ClinicDay, openClinic } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRightBothWays } from './looks.ts';
import { clientToken, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

describe.runIf(hasChromium)('results', () => {
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
    practice = await openBrowser();
    patient = await home.context.newPage();
    doctor = await practice.context.newPage();
    for (const page of [patient, doctor]) page.setDefaultTimeout(60_000);
    await signInOnScreen(patient, product.baseUrl, day.patient);
    await signInOnScreen(doctor, product.baseUrl, day.doctor);
  });
  afterAll(async () => {
    await Promise.allSettled([home?.close(), practice?.close()]);
    await product?.stop();
  });

  /** As this page's own requests, without its screens: what other tests show on screen. */
  async function send<T>(page: Page, method: 'get' | 'post' | 'put', path: string, data?: object) {
    const headers = { origin: product.baseUrl, 'idempotency-key': crypto.randomUUID() };
    const answer = await page.request[method](product.baseUrl + path, { data, headers });
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true);
    return (await answer.text()) ? ((await answer.json()) as T) : (undefined as T);
  }

  it('an order of a laboratory is placed in a visit, beside a note that knows phrases', async () => {
    const me = await send<{ fhirUser: { id: string } }>(doctor, 'get', '/auth/me');
    const clinician = me.fhirUser.id;
    const from = new Date().toISOString();
    const to = new Date(Date.now() + 86_400_000).toISOString();
    const slots = await send<{ id: string }[]>(patient, 'post', '/api/slots', {
      clinician,
      from,
      to,
    });
    const booked = await send<{ id: string }>(patient, 'post', '/api/appointments', {
      slotId: slots[0]!.id,
      type: 'video',
      reason: 'Muscle cramps',
    });
    visit = booked.id;
    const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
    await send(patient, 'post', `/api/visits/${visit}/arrive`, { checks });
    await send(doctor, 'post', `/api/visits/${visit}/admit`);
    await send(doctor, 'post', '/api/templates', {
      kind: 'phrase',
      name: 'Exam',
      abbr: 'exam',
      body: { text: 'Seen at {{age}} years. Cramps [[where]].' },
    });
    await doctor.goto(`${product.baseUrl}/clinician/visits/${visit}`);
    const subjective = doctor.getByTestId('note-subjective');
    await subjective.fill('.exam');
    await subjective.press('Tab');
    await expectPage
      .poll(async () =>
        /^Seen at \d+ years\. Cramps \[\[where\]\]\.$/.test(await subjective.inputValue()),
      )
      .toBe(true);
    await doctor.keyboard.type('in both calves');
    await expectPage
      .poll(async () => (await subjective.inputValue()).endsWith('Cramps in both calves.'))
      .toBe(true);
    await doctor.getByTestId('order-lab').click();
    await doctor.getByTestId('order-what').fill('Potassium');
    await doctor.getByLabel('What the patient has to know').fill('No need to fast');
    await doctor.getByTestId('order-place').click();
    await expectPage(doctor.getByTestId('orders')).toContainText(/Potassium/);
    expect(await doctor.getByTestId('orders').innerText()).toContain('Laboratory');
  });

  it('its result by FHIR stands in the inbox, and is answered with a word to the patient', async () => {
    const { orders } = await send<{ orders: { reference: string }[] }>(
      doctor,
      'get',
      `/api/visits/${visit}/orders`,
    );
    const subject = { reference: `Patient/${day.chart.patientId}` };
    const token = await clientToken(product);
    const fhir = async (resource: { resourceType: string }): Promise<string> => {
      const answer = await fetch(`${product.demo.fhirUrl}/${resource.resourceType}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(resource),
      });
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { id: string }).id;
    };
    const potassium = (value: number, over: object) =>
      fhir({
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '2823-3' }], text: 'Potassium' },
        subject,
        valueQuantity: { value, unit: 'mmol/L' },
        referenceRange: [
          { low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5.1, unit: 'mmol/L' } },
        ],
        ...over,
      } as never);
    await potassium(4.2, { effectiveDateTime: '2026-01-10T08:00:00Z' });
    await potassium(4.6, { effectiveDateTime: '2026-05-10T08:00:00Z' });
    const now = await potassium(6.3, { effectiveDateTime: new Date().toISOString() });
    await fhir({
      resourceType: 'DiagnosticReport',
      status: 'final',
      basedOn: [{ reference: orders[0]!.reference }],
      code: { text: 'Electrolytes' },
      subject,
      result: [{ reference: `Observation/${now}` }],
    } as never);
    await doctor.goto(`${product.baseUrl}/clinician/results`);
    const card = doctor.getByTestId('result').filter({ hasText: 'Electrolytes' });
    await expectPage
      .poll(async () => {
        await doctor.reload();
        await doctor.getByTestId('results').waitFor({ state: 'attached' });
        return card.count();
      })
      .toBe(1);
    await expectPage(card).toContainText(/6\.3 mmol/);
    await looksRightBothWays(doctor, 'results');
    await card.getByTestId('answer').click();
    await doctor.getByTestId('decide-message').click();
    await doctor.getByTestId('decide-text').fill('A little high. Please come on Thursday.');
    await doctor.getByTestId('acknowledge').click();
    await expectPage.poll(() => card.count()).toBe(0);
  });

  it('the patient reads it, does her task, and takes her summary along as a file', async () => {
    await send(doctor, 'post', `/api/visits/${visit}/tasks`, {
      for: 'patient',
      text: 'Drink two litres a day',
    });
    const note = await send<{ revision: number }>(doctor, 'get', `/api/visits/${visit}/note`);
    const sections = { subjective: '', objective: '', assessment: 'Cramps', plan: 'Water' };
    const saved = await send<{ revision: number }>(doctor, 'put', `/api/visits/${visit}/note`, {
      revision: note.revision,
      sections,
    });
    await send(doctor, 'post', `/api/visits/${visit}/note/sign`, { revision: saved.revision });
    await send(doctor, 'post', `/api/visits/${visit}/end`, {});
    await patient.goto(`${product.baseUrl}/patient/results`);
    await expectPage(patient.getByTestId('my-results')).toContainText(/Please come on Thursday/);
    await expectPage(patient.getByTestId('my-orders')).toContainText(/No need to fast/);
    await looksRightBothWays(patient, 'my-results');
    await patient.getByRole('button', { name: 'Done: Drink two litres a day' }).click();
    await expectPage.poll(() => patient.getByTestId('my-tasks').locator('li').count()).toBe(0);
    await patient.goto(`${product.baseUrl}/patient/visits/${visit}`);
    const download = patient.waitForEvent('download');
    await patient.getByTestId('summary-file').click();
    const file = await readFile(await (await download).path());
    expect(file.subarray(0, 8).toString('latin1')).toBe('%PDF-1.7');
    expect((await download).suggestedFilename()).toBe('visit-summary.pdf');
    await doctor.goto(`${product.baseUrl}/clinician/templates`);
    await doctor.getByText('.exam').waitFor();
    await looksRightBothWays(doctor, 'templates');
    await doctor.goto(`${product.baseUrl}/clinician/tasks`);
    await looksRightBothWays(doctor, 'tasks');
  });
});
