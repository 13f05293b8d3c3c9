/** A patient writes, is stopped by words of an emergency, and sends it; her clinician answers, hands over and closes; how she is told; the survey after a visit. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRight, looksRightBothWays } from './looks.ts';
import { signIn, type Session } from './people.ts';
import { accountOf, type DemoAccount, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

/** A picture of four pixels. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==',
  'base64',
);

describe.runIf(hasChromium)('messages', () => {
  let product: Product;
  let people: Person[];
  let patient: Page;
  let clinician: Page;
  let office: Page;
  let doctor: DemoAccount;
  let doctors: Session;
  const errors: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    people = await Promise.all([
      openBrowser({ width: 360, height: 740, timezone: 'America/New_York' }),
      openBrowser({ timezone: 'America/New_York' }),
      openBrowser({ timezone: 'America/New_York' }),
    ]);
    [patient, clinician, office] = (await Promise.all(
      people.map((one) => one.context.newPage()),
    )) as [Page, Page, Page];
    for (const page of [patient, clinician, office]) {
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => errors.push(error.message));
    }
  });
  afterAll(async () => {
    await Promise.allSettled((people ?? []).map((one) => one.close()));
    await product?.stop();
  });

  const go = (page: Page, path: string) => page.goto(product.baseUrl + path);

  it('she writes on a small phone; words of an emergency show the number first', async () => {
    await signInOnScreen(patient, product.baseUrl, accountOf(product, 'patient'));
    await go(patient, '/patient/messages');
    await patient.getByText('You have not written to anybody yet.').waitFor();
    await patient.getByTestId('new-thread').click();
    await expectPage(patient.getByTestId('emergency-number')).toContainText(/Call 911/);
    await patient.getByTestId('topic').fill('My new tablets');
    await patient.getByTestId('message-text').fill('Since Tuesday I have chest pain at night.');
    await patient.locator('input[type=file]').setInputFiles({
      name: 'box.png',
      mimeType: 'image/png',
      buffer: png,
    });
    await patient.getByTestId('chosen-file').waitFor();
    await looksRightBothWays(patient, 'messages-new');
    await patient.getByTestId('send-message').click();
    await patient.getByTestId('red-flag').waitFor();
    await looksRight(patient, 'messages-red-flag');
    await patient.getByTestId('send-anyway').click();
    await patient.waitForURL(/\/patient\/messages\/[0-9a-f-]{36}$/);
    await expectPage(patient.getByTestId('message')).toContainText(/chest pain/);
    await patient.getByRole('img', { name: 'box.png' }).waitFor();
    // What it is about stands on the page, not in the tab.
    expect(await patient.title()).not.toContain('tablets');
    await looksRightBothWays(patient, 'messages-thread');
  });

  it('what she has begun to write is there when she comes back', async () => {
    await patient.getByTestId('message-text').fill('And one thing more');
    await patient.waitForResponse((one) => one.url().includes('/drafts/') && one.ok());
    await patient.reload();
    await patient.getByTestId('message-text').waitFor();
    expect(await patient.getByTestId('message-text').inputValue()).toBe('And one thing more');
  });

  it('her clinician finds it in the team’s box, answers, takes it, closes it', async () => {
    for (const one of product.demo.accounts.filter(({ role }) => role === 'practitioner')) {
      const session = await signIn(product.baseUrl, one);
      const { body } = await session.get<{ threads: unknown[] }>('/api/messages?box=team');
      if (body.threads.length === 0) continue;
      [doctor, doctors] = [one, session];
      break;
    }
    await signInOnScreen(clinician, product.baseUrl, doctor);
    await expectPage(clinician.getByTestId('new-messages')).toContainText(/1/);
    await go(clinician, '/clinician/messages');
    await clinician.getByTestId('thread-row').waitFor();
    await looksRightBothWays(clinician, 'messages-inbox');
    await clinician.getByTestId('thread-row').click();
    await clinician.getByTestId('message-text').fill('Please call me at once when it comes again.');
    await clinician.getByTestId('send-message').click();
    await expectPage(clinician.getByTestId('message').nth(1)).toContainText(/call me/);
    await clinician.getByTestId('hand-over').click();
    await clinician.getByRole('menuitem', { name: 'Take it myself' }).click();
    await clinician.getByText('with you').waitFor();
    await looksRight(clinician, 'messages-staff-thread');
    await clinician.getByTestId('close-thread').click();
    await clinician.getByText('This was closed').waitFor();
    expect(await clinician.getByTestId('message').count()).toBe(2);
  });

  it('she sees the answer without doing anything, and that hers was seen', async () => {
    await expectPage(patient.getByTestId('message').nth(1)).toContainText(/call me/);
    await patient.getByText(/^Seen /).waitFor();
    expect(await patient.getByTestId('message').count()).toBe(2);
  });

  it('she chooses how she is told; the browser’s own say on pushes is told for what it is', async () => {
    await go(patient, '/account/contacts');
    await patient.getByTestId('push-state').waitFor();
    await looksRightBothWays(patient, 'contacts');
    await Promise.all([
      patient.waitForResponse((one) => one.url().endsWith('/api/contacts') && one.ok()),
      patient.getByTestId('want-messages-mail').click(),
    ]);
    await patient.reload();
    await patient.getByTestId('want-messages-mail').waitFor();
    expect(await patient.getByTestId('want-messages-mail').isChecked()).toBe(false);
    // Who looks at the page is learned late: what was pressed by then is not forgotten.
    let learn = (): void => undefined;
    const pressed = new Promise<void>((done) => (learn = done));
    await patient.route('**/auth/me', async (route) => {
      await pressed;
      await route.continue();
    });
    await go(patient, `/opt-out#${'A'.repeat(22)}`);
    await patient.getByTestId('opt-out').click();
    const refused = patient.getByText('This link does not work', { exact: true });
    await refused.waitFor();
    expect(await patient.getByRole('link', { name: 'Messages' }).count()).toBe(0);
    learn();
    await patient.getByRole('link', { name: 'Messages' }).first().waitFor();
    expect(await refused.count()).toBe(1);
    await patient.unroute('**/auth/me');
    expect(patient.url()).toBe(`${product.baseUrl}/opt-out`);
    await looksRight(patient, 'opt-out');
  });

  it('after her visit she is asked how it was', async () => {
    const hers = await signIn(product.baseUrl, accountOf(product, 'patient'));
    const own = await doctors.get<{ fhirUser: { id: string } }>('/auth/me');
    const now = Date.now();
    const { body: slots } = await hers.post<{ id: string }[]>('/api/slots', {
      clinician: own.body.fhirUser.id,
      from: new Date(now).toISOString(),
      to: new Date(now + 14 * 86_400_000).toISOString(),
    });
    const booked = await hers.post<{ id: string }>(
      '/api/appointments',
      { slotId: slots[0]!.id, type: 'video', reason: 'Sleep', place: 'US-NY' },
      { 'idempotency-key': randomUUID() },
    );
    expect(booked.status).toBe(201);
    const visit = booked.body.id;
    const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
    const steps = [
      await hers.post(`/api/visits/${visit}/arrive`, { checks }),
      await doctors.post(`/api/visits/${visit}/admit`, {}),
      await doctors.post(`/api/visits/${visit}/end`, {}),
    ];
    expect(steps.map((one) => one.status)).toEqual([200, 200, 200]);
    await go(patient, `/patient/visits/${visit}`);
    await patient.getByTestId('open-survey').click();
    await patient.getByTestId('q-satisfaction-5').click();
    await patient.getByTestId('q-recommend-9').click();
    await patient.getByTestId('q-comment').fill('It was quick.');
    await patient.getByTestId('anonymous').click();
    await looksRightBothWays(patient, 'survey');
    await patient.getByTestId('send-survey').click();
    await patient.getByText('Thank you', { exact: true }).waitFor();
  });

  it('the office sets promises and reminders, and sees surveys once there are five', async () => {
    await signInOnScreen(office, product.baseUrl, accountOf(product, 'administrator'));
    await go(office, '/office/messages');
    await office.getByText('Answers', { exact: true }).waitFor();
    await office.getByText('What became of reminders').waitFor();
    await looksRight(office, 'office-messages');
    await go(office, '/office/surveys');
    await office.getByText(/it takes five answers/).waitFor();
    await looksRight(office, 'office-surveys');
    expect(errors).toEqual([]);
  });
});
