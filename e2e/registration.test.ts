/** A stranger opens an account for herself and two dependants on a small phone, by the keyboard and the demo's own messages. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { expect as expectPage } from './expect-page.ts';
import { faults, looksRight, overflows, picture } from './looks.ts';
import { visitor } from './people.ts';
import { startProduct, type Product } from './product.ts';

interface Outbox {
  messages: { to: string; text: string; subject?: string }[];
}

describe.runIf(hasChromium)('registration', () => {
  let product: Product;
  let phone: Person;
  let page: Page;
  const errors: string[] = [];
  const address = 'noor.example@mail.example';

  beforeAll(async () => {
    product = await startProduct();
    phone = await openBrowser({ width: 360, height: 740, timezone: 'Europe/Madrid' });
    page = await phone.context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text());
    });
  });
  afterAll(async () => {
    await phone?.close();
    await product?.stop();
  });

  const messagesTo = async (to: string): Promise<Outbox['messages']> => {
    const { body } = await visitor(product.baseUrl).get<Outbox>('/api/demo/outbox');
    return body.messages.filter((one) => one.to === to);
  };
  const next = () => page.getByRole('button', { name: 'Next' }).click();
  const heading = (name: string) => expectPage(page.locator('h1')).toContainText(new RegExp(name));
  async function look(name: string): Promise<void> {
    await looksRight(page, `${name}-360`);
  }

  it('takes four small pages and one form a dependant', async () => {
    let fields = 0;
    const type = async (
      label: string | RegExp,
      text: string,
      within: Page | ReturnType<Page['locator']> = page,
    ) => {
      fields++;
      await within.getByLabel(label, { exact: typeof label === 'string' }).fill(text);
    };
    await page.goto(`${product.baseUrl}/sign-in`);
    await page.getByRole('link', { name: 'New here? Open an account' }).click();
    await heading('Open an account');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await expectPage(page.getByText('Type an e-mail address')).toContainText(/@/);
    await look('register-1-address');
    await type('Your e-mail address', address);
    await page.keyboard.press('Enter');
    await heading('Type the code');
    await look('register-2-code');
    await expectPage.poll(() => messagesTo(address).then((all) => all.length)).toBe(1);
    const [mail] = await messagesTo(address);
    const code = /\b\d{6}\b/.exec(mail!.text)![0];
    await type('Six digits', code === '111111' ? '222222' : '111111');
    await next();
    await expectPage(page.getByText('This code is not right')).toContainText(/no longer good/);
    fields--;
    await type('Six digits', code);
    await page.keyboard.press('Enter');

    await heading('About you');
    await next();
    expect(
      await page.locator('[data-error], [aria-invalid="true"]').count(),
    ).toBeGreaterThanOrEqual(4);
    await look('register-3-you-faults');
    await type('First name', 'Noor');
    await type('Last name', 'Almási');
    await type('Date of birth', '1988-05-06');
    fields++;
    await page.getByLabel('Sex').selectOption('female');
    await type('Choose a password', 'Password2026!');
    await page.keyboard.press('Enter');
    await heading('Whom do you care for');
    for (const [given, birth, relation] of [
      ['Bo', '2018-03-04', 'My child'],
      ['Ilona', '1951-02-03', 'My parent'],
    ] as const) {
      await page.getByRole('button', { name: /Add a child|Add another/ }).click();
      const form = page.getByRole('form', { name: 'Add a child or a parent' });
      await form.getByText(relation, { exact: true }).click();
      await type('First name', given, form);
      await type('Date of birth', birth, form);
      fields++;
      await form.getByLabel('Sex').selectOption('female');
      if (given === 'Bo') await look('register-4-dependant');
      await form.getByRole('button', { name: 'Add', exact: true }).click();
    }
    await page.getByLabel(/I agree to the terms/).check();
    fields++;
    await look('register-4-family');
    await page.getByRole('button', { name: 'Open my account' }).click();
    // The password was among those that everybody tries first: said beside its field, nothing typed is lost.
    await heading('About you');
    await expectPage(page.getByText('Too easy to guess')).toContainText(/everybody/);
    await page.getByLabel('Choose a password', { exact: true }).fill('blue lamp under nine stones');
    await next();
    await heading('Whom do you care for');
    await page.getByLabel(/I agree to the terms/).check();
    await page.getByRole('button', { name: 'Open my account' }).click();
    await page.waitForURL(/\/patient/);
    // What she types and chooses, all in all: three minutes on a phone are 180 s.
    expect(fields).toBeLessThanOrEqual(14);
    await look('patient-home');
  });

  it('lets her switch to a dependant and back, and shows whom she acts for', async () => {
    await page.getByRole('button', { name: /You are here for/ }).click();
    await page.getByRole('menuitem', { name: 'Bo Almási' }).click();
    await expectPage(page.locator('h1')).toContainText(/Visits of Bo Almási/);
    await look('patient-as-bo');
    await page.getByRole('button', { name: /You are here for/ }).click();
    await page.getByRole('menuitem', { name: 'My family' }).click();
    await heading('My family');
    expect(await page.getByText(/^Your (child|parent)/).count()).toBe(2);
    await expectPage(page.locator('main')).toContainText(/Ilona Almási[\s\S]*Your parent/);
    await look('family');
  });

  it('has a bell that opens by the keyboard', async () => {
    const bell = page.getByRole('button', { name: /Notices|notice/ });
    await bell.focus();
    await page.keyboard.press('Enter');
    await expectPage(page.getByRole('heading', { name: 'Notices' })).toContainText(/Notices/);
    expect(await page.locator('main:focus-within').count()).toBe(0);
    await look('notices');
    await page.keyboard.press('Escape');
  });

  it('answers a known address as an unknown one, and tells only its owner', async () => {
    const guest = visitor(product.baseUrl);
    const ask = async (to: string) => {
      const asked = { channel: 'mail', address: to, locale: 'en' };
      const first = await guest.post<{ ticket: string }>('/api/register/code', asked);
      const { ticket } = first.body;
      const second = await guest.post('/api/register/verify', { ...asked, ticket, code: '000000' });
      return JSON.stringify([
        first.status,
        Object.keys(first.body),
        second.status,
        second.body,
      ]).replaceAll(ticket, '');
    };
    const known = product.demo.accounts.find((one) => one.role === 'patient')!.email;
    expect(await ask(known)).toBe(await ask('nobody@mail.example'));
    await expectPage.poll(() => messagesTo(known).then((all) => all.length)).toBe(1);
    expect((await messagesTo(known))[0]!.subject).toBe('You have an account at Afar');
  });

  it('shows the front desk who may be one person', async () => {
    const guest = visitor(product.baseUrl);
    const asked = { channel: 'mail', address: 'noor.second@mail.example', locale: 'en' };
    const { ticket } = (await guest.post<{ ticket: string }>('/api/register/code', asked)).body;
    await expectPage.poll(() => messagesTo(asked.address).then((all) => all.length)).toBe(1);
    const [mail] = await messagesTo(asked.address);
    const code = /\b\d{6}\b/.exec(mail!.text)![0];
    const shown = await guest.post<{ proof: string }>('/api/register/verify', {
      ...asked,
      ticket,
      code,
    });
    const { terms } = (await guest.get<{ terms: string }>('/api/register')).body;
    const made = await guest.post('/api/register', {
      proof: shown.body.proof,
      password: 'blue lamp under nine stones',
      terms,
      locale: 'en',
      person: { given: 'Noor', family: 'ALMASI', birthDate: '1988-05-06', sex: 'female' },
    });
    expect(made.status).toBe(201);
    const office = await openBrowser({ width: 1440, height: 900, timezone: 'Europe/Madrid' });
    try {
      const desk = await office.context.newPage();
      desk.setDefaultTimeout(30_000);
      const email = product.demo.accounts.find((one) => one.role === 'administrator')!.email;
      await desk.request.post(`${product.baseUrl}/auth/demo`, { data: { email } });
      await desk.goto(`${product.baseUrl}/front-desk`);
      await expectPage(desk.locator('main')).toContainText(/Noor ALMASI[\s\S]*Noor Almási/);
      expect(await faults(desk)).toEqual([]);
      await picture(desk, 'front-desk-1440');
      await desk.setViewportSize({ width: 360, height: 740 });
      expect(await overflows(desk)).toBe(false);
      await picture(desk, 'front-desk-360');
    } finally {
      await office.close();
    }
  });

  it('looks calm on a desk, too', async () => {
    const desk = await openBrowser({
      width: 1440,
      height: 900,
      timezone: 'Europe/Madrid',
      locale: 'es-ES',
    });
    try {
      const wide = await desk.context.newPage();
      for (const [path, name] of [
        ['/register', 'register'],
        ['/outbox', 'outbox'],
      ] as const) {
        await wide.goto(product.baseUrl + path);
        await wide.locator('h1').waitFor();
        expect(await faults(wide)).toEqual([]);
        await picture(wide, `${name}-1440`);
      }
    } finally {
      await desk.close();
    }
    expect(errors).toEqual([]);
  });
});
