/** Two administrators issue a clinician's account on screen; each has seen half of what signs her in, and she signs in. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { signIn } from './people.ts';
import { accountOf, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

/** Where pictures go, for somebody to look at; none are made without it. */
const pictures = process.env.AFAR_E2E_PICTURES;

/** Clean to a screen reader, nothing sticks out, at both widths. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    // Judged at rest: colours in the middle of a transition are nobody's colours.
    await page.waitForTimeout(400);
    if (pictures)
      await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    const faults = violations.map((one) => `${one.id}: ${one.nodes[0]?.target.join(' ')}`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect({ name, width, faults, overflow }).toEqual({ name, width, faults: [], overflow: false });
  }
}

describe.runIf(hasChromium)('the office', () => {
  let product: Product;
  let first: Person;
  let second: Person;
  let asking: Page;
  let deciding: Page;

  beforeAll(async () => {
    product = await startProduct();
    first = await openBrowser();
    second = await openBrowser();
    asking = await first.context.newPage();
    deciding = await second.context.newPage();
    for (const page of [asking, deciding]) page.setDefaultTimeout(30_000);
  }, 180_000);
  afterAll(async () => {
    await first?.close();
    await second?.close();
    await product?.stop();
  });

  it('one asks for a clinician, another approves, and she signs in', async () => {
    await signInOnScreen(asking, product.baseUrl, accountOf(product, 'administrator'));
    await signInOnScreen(deciding, product.baseUrl, accountOf(product, 'administrator', 1));
    await asking.goto(`${product.baseUrl}/office`);
    await inspect(asking, 'office-people');
    await asking.getByRole('button', { name: 'Add a person' }).click();
    await asking.getByLabel('Name', { exact: true }).fill('Dr. Amara Lindgren');
    await asking.getByRole('textbox', { name: 'E-mail' }).fill('amara.lindgren@example.org');
    await asking.getByRole('combobox', { name: 'Role' }).click();
    await asking.getByRole('option', { name: 'Clinician' }).click();
    await asking.getByRole('button', { name: 'Ask for the account' }).click();
    const asked = asking.getByTestId('asked');
    await asked.waitFor();
    const password = (await asked.locator('code').first().innerText()).trim();
    await inspect(asking, 'office-asked');
    await asking.getByRole('button', { name: 'Done' }).click();

    await asking.goto(`${product.baseUrl}/office/approvals`);
    await asking.getByTestId('approval').first().waitFor();
    expect(await asking.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    await deciding.goto(`${product.baseUrl}/office/approvals`);
    await deciding.getByTestId('approval').filter({ hasText: 'Amara Lindgren' }).waitFor();
    await inspect(deciding, 'office-approvals');
    await deciding.getByRole('button', { name: 'Approve', exact: true }).click();
    await deciding.getByRole('button', { name: 'Yes, approve' }).click();
    const key = deciding.getByTestId('decided');
    await key.waitFor();
    const totpSecret = (await key.locator('code').first().innerText()).trim();
    expect(await key.innerText()).not.toContain(password);
    await inspect(deciding, 'office-key');
    await deciding.getByRole('button', { name: 'Done' }).click();

    const session = await signIn(product.baseUrl, {
      role: 'practitioner',
      email: 'amara.lindgren@example.org',
      password,
      totpSecret,
    });
    const me = await session.get<{ role: string; mfa: boolean }>('/auth/me');
    expect(me.body).toMatchObject({ role: 'practitioner', mfa: true });
  }, 180_000);

  it('says what each role may, in words and by type', async () => {
    await asking.goto(`${product.baseUrl}/office/roles`);
    await asking.getByRole('heading', { name: 'By type of record' }).waitFor();
    await inspect(asking, 'office-roles');
    await asking.getByLabel('Find a type').fill('MedicationRequest');
    expect(await asking.locator('tbody tr').count()).toBe(1);
  }, 120_000);
});
