/** Planning on screen: staff move visits by keys and by dragging and take them back; a patient moves hers and takes a time that came free. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { openHours } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRight, looksRightBothWays } from './looks.ts';
import { signIn, type Session } from './people.ts';
import { accountOf, type DemoAccount, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

const day = 86_400_000;
/** Some days from now, `YYYY-MM-DD`. */
const date = (days: number): string => new Date(Date.now() + days * day).toISOString().slice(0, 10);

interface Slot {
  id: string;
  start: string;
}

describe.runIf(hasChromium)('planning', () => {
  let product: Product;
  let practice: Person;
  let home: Person;
  let desk: Page;
  let phone: Page;
  let doctor: Session;
  let clinician: string;
  let patient: DemoAccount;
  let patientSession: Session;
  let visit: string;
  let starts: number;
  const errors: string[] = [];

  /** A free time some days ahead, at noon or later in UTC. */
  async function slot(days: number): Promise<Slot> {
    const noon = Math.floor(Date.now() / day) * day + days * day + 15 * 3_600_000;
    const { body } = await patientSession.post<Slot[]>('/api/slots', {
      clinician,
      from: new Date(noon).toISOString(),
      to: new Date(noon + 3 * 3_600_000).toISOString(),
    });
    return body[0]!;
  }

  async function book(who: Session, when: Slot): Promise<string> {
    const booked = await who.post<{ id: string }>(
      '/api/appointments',
      { slotId: when.id, type: 'video', reason: 'Planning' },
      { 'idempotency-key': randomUUID() },
    );
    if (booked.status !== 201) throw new Error(`not booked: ${booked.status}`);
    return booked.body.id;
  }

  const startOf = async (id: string): Promise<number> =>
    Date.parse((await patientSession.get<{ start: string }>(`/api/visits/${id}`)).body.start);

  beforeAll(async () => {
    product = await startProduct();
    const doctorAccount = accountOf(product, 'practitioner');
    doctor = await signIn(product.baseUrl, doctorAccount);
    await openHours(product, doctor);
    clinician = (await doctor.get<{ fhirUser: { id: string } }>('/auth/me')).body.fhirUser.id;
    // A week after the first date of a series she is away.
    const path = `/api/schedules/${clinician}`;
    const { body: rule } = await doctor.get<object>(path);
    await doctor.put(path, { ...rule, closures: [{ from: date(10), to: date(10) }] });
    patient = accountOf(product, 'patient');
    patientSession = await signIn(product.baseUrl, patient);
    const when = await slot(2);
    visit = await book(patientSession, when);
    starts = Date.parse(when.start);
    practice = await openBrowser({ timezone: 'Asia/Kolkata' });
    home = await openBrowser({ width: 360, height: 740, timezone: 'America/New_York' });
    desk = await practice.context.newPage();
    phone = await home.context.newPage();
    for (const page of [desk, phone]) {
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) errors.push(message.text());
      });
    }
    await signInOnScreen(desk, product.baseUrl, doctorAccount);
  });
  afterAll(async () => {
    await Promise.allSettled([practice?.close(), home?.close()]);
    await product?.stop();
  });

  it('a visit is moved by keys alone, each step said aloud, and taken back', async () => {
    const shown = new Date(starts).toISOString().slice(0, 10);
    await desk.goto(`${product.baseUrl}/calendar?view=day&date=${shown}`);
    const entry = desk.locator(`[data-entry="${visit}"]`);
    const voice = desk.getByTestId('calendar-voice');
    await entry.focus();
    await desk.keyboard.press('m');
    await expectPage(voice).toContainText(/Arrows choose a free time/);
    await desk.getByTestId('place').first().waitFor();
    await desk.keyboard.press('ArrowDown');
    await desk.getByTestId('move-target').waitFor();
    const first = await voice.textContent();
    await desk.keyboard.press('ArrowDown');
    expect(await voice.textContent()).not.toBe(first);
    await desk.keyboard.press('Enter');
    await expectPage(voice).toContainText(/Moved to/);
    const after = await startOf(visit);
    expect(after).toBeGreaterThan(starts);
    // Who moved it by keys goes on from it by keys.
    await expect
      .poll(() => desk.evaluate(() => document.activeElement?.getAttribute('data-entry')))
      .toBe(visit);
    await desk.getByTestId('undo-move').click();
    await expectPage(voice).toContainText(/Moved back/);
    expect(await startOf(visit)).toBe(starts);
  });

  it('Escape leaves it; a drag shows where it would go and waits for a yes', async () => {
    const entry = desk.locator(`[data-entry="${visit}"]`);
    await entry.focus();
    await desk.keyboard.press('m');
    await desk.getByTestId('place').first().waitFor();
    await desk.keyboard.press('ArrowUp');
    await desk.keyboard.press('Escape');
    expect(await desk.getByTestId('move-bar').count()).toBe(0);
    expect(await startOf(visit)).toBe(starts);

    const box = (await entry.boundingBox())!;
    await desk.mouse.move(box.x + 30, box.y + 6);
    await desk.mouse.down();
    await desk.mouse.move(box.x + 30, box.y + 40, { steps: 4 });
    // The free times are asked for when the drag begins.
    await desk.getByTestId('place').first().waitFor();
    await desk.mouse.move(box.x + 30, box.y + 120, { steps: 6 });
    await desk.getByTestId('move-target').waitFor();
    await desk.mouse.up();
    await desk.getByTestId('confirm-move').waitFor();
    expect(await startOf(visit)).toBe(starts);
    await desk.getByTestId('confirm-move').click();
    await desk.getByTestId('moved-bar').waitFor();
    expect(await startOf(visit)).toBeGreaterThan(starts);
    await looksRightBothWays(desk, 'calendar-day');
    await desk.goto(`${product.baseUrl}/calendar?view=resource`);
    await desk.getByText('Dr. Oluwaseun Adeyemi-Clarke').first().waitFor();
    await looksRight(desk, 'calendar-side-by-side');
  });

  it('she books for a patient again and again, and is told which dates cannot be had', async () => {
    await desk.goto(`${product.baseUrl}/calendar`);
    await desk.getByTestId('new-booking').click();
    await desk.getByTestId('book-patient').click();
    await desk.getByRole('option').filter({ visible: true }).first().click();
    await desk.getByRole('dialog').getByLabel('Day', { exact: true }).fill(date(3));
    await desk.getByTestId('book-reason').fill('Physiotherapy');
    await desk.getByTestId('repeat').selectOption('week');
    await desk.getByTestId('book-save').click();
    await expectPage(desk.getByTestId('series-report')).toContainText(/Not open then/);
    await looksRight(desk, 'calendar-series');
    await desk.getByTestId('book-series').click();
    await desk.getByRole('button', { name: 'Done' }).click();
    expect(await desk.getByRole('dialog').count()).toBe(0);
  });

  it('hours are shown as they will be offered before they are saved', async () => {
    await desk.goto(`${product.baseUrl}/calendar/hours`);
    const preview = desk.getByTestId('preview');
    await preview.waitFor();
    const before = await preview.textContent();
    await desk.getByLabel('Minutes of a visit').fill('60');
    await desk.getByLabel('Minutes of a visit').blur();
    expect(await preview.textContent()).not.toBe(before);
    await looksRightBothWays(desk, 'hours');
    await desk.getByRole('button', { name: 'Undo all changes' }).click();
    expect(await preview.textContent()).toBe(before);
  });

  it('a time chosen by a stranger is hers after signing in, and kept while she writes', async () => {
    await phone.goto(`${product.baseUrl}/book/${clinician}`);
    // Late in the evening a day has few times left: the last is there at every hour.
    const time = phone.getByTestId('slot').last();
    await time.waitFor();
    await time.click();
    await looksRight(phone, 'browse-times');
    const chosen = await phone.getByTestId('picked-time').locator('time').getAttribute('datetime');
    await phone.getByTestId('sign-in-to-book').click();
    await phone.getByLabel('E-mail').fill(patient.email);
    await phone.getByLabel('Password', { exact: true }).fill(patient.password);
    await phone.getByRole('button', { name: 'Sign in', exact: true }).click();
    await phone.waitForURL(/\/patient\/book\//);
    await expectPage(phone.getByTestId('hold')).toContainText(/Kept for you for [34]:/);
    const kept = await phone.getByTestId('picked-time').locator('time').getAttribute('datetime');
    expect(kept).toBe(chosen);
  });

  it('she moves her visit in one step, and takes an earlier time that came free', async () => {
    await phone.goto(`${product.baseUrl}/patient/visits/${visit}`);
    const before = await startOf(visit);
    await phone.getByTestId('move-open').click();
    await phone.getByTestId('slot').first().waitFor();
    await phone.getByTestId('slot').last().click();
    await phone.getByTestId('hold').waitFor();
    await looksRight(phone, 'move-visit');
    await phone.getByTestId('confirm-move').click();
    await phone.waitForURL(/visits\/[0-9a-f-]{36}$/);
    expect(await startOf(visit)).not.toBe(before);

    await phone.goto(`${product.baseUrl}/patient/waitlist?clinician=${clinician}`);
    await phone.getByLabel('What is it about?').fill('Sooner, please');
    await looksRight(phone, 'waitlist-join');
    await phone.getByLabel('A visit to give up for it').selectOption(visit);
    await phone.getByTestId('join-waitlist').click();
    await phone.getByTestId('waitlist-entry').waitFor();
    // Somebody else gives a time back.
    const other = await signIn(product.baseUrl, accountOf(product, 'patient', 1));
    const given = await book(other, await slot(1));
    expect((await other.post(`/api/appointments/${given}/cancel`, {})).status).toBe(200);
    await expect
      .poll(
        async () =>
          (await patientSession.get<{ entries: { offer?: unknown }[] }>('/api/waitlist')).body
            .entries[0]?.offer,
      )
      .toBeDefined();
    await phone.reload();
    await phone.getByTestId('offer').waitFor();
    await looksRightBothWays(phone, 'waitlist-offer');
    const late = await startOf(visit);
    await phone.getByTestId('accept-offer').click();
    await phone.waitForURL(new RegExp(`visits/${visit}$`));
    expect(await startOf(visit)).toBeLessThan(late);
    expect(errors).toEqual([]);
  });
});
