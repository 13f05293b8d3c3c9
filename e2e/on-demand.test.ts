/** Somebody without an appointment asks to be seen now; a clinician on duty takes her; both see what the other does. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { expect as expectPage } from './expect-page.ts';
import { looksRight, looksRightBothWays } from './looks.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

describe.runIf(hasChromium)('being seen now', () => {
  let product: Product;
  const people: Person[] = [];
  let doctor: Page;
  let patient: Page;

  beforeAll(async () => {
    product = await startProduct();
    people.push(await openBrowser(), await openBrowser({ width: 360, height: 740 }));
    [doctor, patient] = (await Promise.all(people.map(({ context }) => context.newPage()))) as [
      Page,
      Page,
    ];
    for (const page of [doctor, patient]) page.setDefaultTimeout(30_000);
  }, 180_000);
  afterAll(async () => {
    for (const one of people) await one.close();
    await product?.stop();
  });

  it('nobody on duty is told with another way; on duty is one key away', async () => {
    await signInOnScreen(patient, product.baseUrl, accountOf(product, 'patient'));
    await patient.goto(`${product.baseUrl}/patient/now`);
    await patient.getByText('Nobody is on duty at the moment').waitFor();
    await looksRightBothWays(patient, 'now-nobody');

    // The word of the page just opened is slow: what she says after it must be heard after it.
    const heard: boolean[] = [];
    let first = (): void => undefined;
    const pressed = new Promise<void>((done) => (first = done));
    await doctor.route('**/api/presence', async (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      const { onDuty } = route.request().postDataJSON() as { onDuty: boolean };
      if (!onDuty) await pressed;
      heard.push(onDuty);
      await route.continue();
    });
    await signInOnScreen(doctor, product.baseUrl, accountOf(product, 'practitioner'));
    await doctor.getByTestId('duty').getByRole('radio', { name: 'My own visits' }).focus();
    await doctor.keyboard.press('ArrowRight');
    await doctor.waitForTimeout(1_000);
    first();
    await doctor.getByText('Patients who wait for anybody are offered to you.').waitFor();
    await expectPage(
      doctor.getByTestId('duty').getByRole('radio', { checked: true }),
    ).toHaveAttribute('value', /^on$/);
    await doctor.getByText('Nobody waits for whoever is free.').waitFor();
    await doctor.unroute('**/api/presence');
    expect(heard.at(-1), 'the newest word is the last one').toBe(true);
  });

  it('she asks, waits in her place, is taken by name of her complaint, and sees by whom; a visit taken can be given back', async () => {
    await patient.goto(`${product.baseUrl}/patient`);
    await patient.getByTestId('be-seen-now').click();
    await patient.getByTestId('reason').fill('A rash since this morning');
    await looksRightBothWays(patient, 'now-ask');
    const region = patient.getByTestId('country');
    if ((await region.count()) && !(await region.inputValue())) {
      await region.fill('United States');
      await patient.getByRole('option', { name: 'United States', exact: true }).click();
    }
    await patient.getByTestId('ask-now').click();
    await patient.waitForURL(/\/intake$/);
    const visit = /visits\/([0-9a-f-]{36})/.exec(patient.url())![1]!;
    await patient.goto(`${product.baseUrl}/patient/visits/${visit}/room`);
    await expectPage(patient.getByTestId('position')).toContainText(/next/i);
    await patient.getByText('First clinician who is free').first().waitFor();

    const card = doctor.getByTestId('pool').getByRole('listitem').first();
    await card.getByText('A rash since this morning').waitFor();
    await looksRightBothWays(doctor, 'now-pool');
    await card.getByTestId('take-visit').click();
    await doctor.waitForURL(new RegExp(`/clinician/visits/${visit}`));
    await looksRightBothWays(doctor, 'now-taken');
    await doctor.getByTestId('give-back').click();
    await doctor.waitForURL(/\/clinician$/);
    await card.getByTestId('take-visit').click();
    await doctor.waitForURL(new RegExp(`/clinician/visits/${visit}`));
    await patient.getByText('First clinician who is free').first().waitFor({ state: 'detached' });
    await looksRightBothWays(patient, 'now-waiting');
  });

  it('a nurse has all her places in reach on a small phone', async () => {
    await people[1]!.context.clearCookies();
    await signInOnScreen(patient, product.baseUrl, accountOf(product, 'nurse'));
    await patient.getByRole('link', { name: 'Desk' }).waitFor();
    await patient.setViewportSize({ width: 360, height: 740 });
    await looksRight(patient, 'nurse-home');
    // Whoever answers for no results has her tasks where others have theirs.
    await patient.goto(`${product.baseUrl}/clinician/results`);
    await patient.waitForURL(/\/clinician\/tasks$/);
  });

  it('the office sets it', async () => {
    await people[0]!.context.clearCookies();
    await signInOnScreen(doctor, product.baseUrl, accountOf(product, 'administrator'));
    await doctor.goto(`${product.baseUrl}/office/on-demand`);
    await doctor.getByLabel('Most who may wait at once').fill('5');
    await doctor.getByTestId('save-on-demand').click();
    await doctor.getByText('Saved').waitFor();
    await looksRightBothWays(doctor, 'now-office');
    await doctor.reload();
    await expectPage(doctor.getByLabel('Most who may wait at once')).toHaveAttribute(
      'value',
      /^5$/,
    );
  });
});
