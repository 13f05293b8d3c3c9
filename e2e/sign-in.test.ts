/** Signing in as people do it: passkeys, a fresh proof, a forgotten password, a lost device; by keyboard, on a phone and a desk. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { looksRight } from './looks.ts';
import { accountOf, type DemoAccount, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

const run = promisify(execFile);
describe.runIf(hasChromium)('signing in', () => {
  let product: Product;
  let practice: Person;
  let home: Person;
  let desk: Page;
  let phone: Page;
  let keys: CDPSession;
  let authenticatorId: string;
  let doctor: DemoAccount;
  let patient: DemoAccount;
  const errors: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    practice = await openBrowser({ width: 1440, height: 900 });
    home = await openBrowser({ width: 360, height: 740 });
    desk = await practice.context.newPage();
    phone = await home.context.newPage();
    for (const page of [desk, phone]) {
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) errors.push(message.text());
      });
    }
    doctor = accountOf(product, 'practitioner');
    patient = accountOf(product, 'patient');
    keys = await practice.context.newCDPSession(desk);
    await keys.send('WebAuthn.enable');
    ({ authenticatorId } = await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
  });

  afterAll(async () => {
    await Promise.allSettled([practice?.close(), home?.close()]);
    await product?.stop();
  });

  const touch = (enabled: boolean) =>
    keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });

  const signOut = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
  };

  it('nobody is an answer: the first look at who is here refuses nothing', async () => {
    const statuses: number[] = [];
    desk.on('response', (answer) => {
      if (answer.url().endsWith('/auth/me')) statuses.push(answer.status());
    });
    await desk.goto(`${product.baseUrl}/sign-in`);
    await desk.getByLabel('E-mail').waitFor();
    expect(statuses).toEqual([204]);
    await looksRight(desk, 'sign-in-1440');
    await phone.goto(`${product.baseUrl}/sign-in`);
    await phone.getByLabel('E-mail').waitFor();
    await looksRight(phone, 'sign-in-360');
  });

  it('a clinician signs in by keyboard alone, with password and code, and makes a passkey', async () => {
    await desk.getByLabel('E-mail').focus();
    await desk.keyboard.type(doctor.email);
    await desk.keyboard.press('Tab');
    await desk.keyboard.type(doctor.password);
    await desk.keyboard.press('Enter');
    await desk.getByTestId('second-factor').waitFor();
    await looksRight(desk, 'second-factor-1440');
    await signInOnScreen(desk, product.baseUrl, doctor);
    await desk.getByRole('button', { name: /^Your account/ }).focus();
    await desk.keyboard.press('Enter');
    await desk.getByRole('menuitem', { name: 'Account and security' }).focus();
    await desk.keyboard.press('Enter');
    await desk.getByRole('heading', { name: 'Devices and sessions' }).waitFor();
    await looksRight(desk, 'account-1440');
    await desk.getByTestId('add-passkey').focus();
    await desk.keyboard.press('Enter');
    const name = desk.getByRole('dialog').getByLabel('Name');
    await name.waitFor();
    await looksRight(desk, 'add-passkey-1440');
    await name.fill('Consulting room');
    await desk.keyboard.press('Enter');
    await desk.getByTestId('passkeys').getByText('Consulting room').waitFor();
    expect(await desk.getByTestId('passkeys').locator('li').count()).toBe(1);
  });

  it('the passkey alone signs her in', async () => {
    // By the button: her finger waits until the browser asks for it.
    await touch(false);
    const offered = desk.waitForResponse((one) => one.url().endsWith('/auth/passkey/options'));
    await signOut(desk);
    // The offer beside the name field has begun, and has no finger. What begins with one is the button's.
    await offered;
    await desk.waitForTimeout(500);
    await touch(true);
    await desk.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await desk.waitForURL(/\/clinician/);
    // And out of the browser's own list under the name field, which this authenticator chooses from by itself.
    await signOut(desk);
    await desk.waitForURL(/\/clinician/);
    await desk.goto(`${product.baseUrl}/account`);
    await desk
      .getByTestId('passkeys')
      .getByText(/Last used/)
      .waitFor();
    expect(new URL(desk.url()).pathname).toBe('/account');
  });

  it('ten minutes later she is asked again who she is, and what she wanted is done', async () => {
    await run(process.execPath, ['e2e/age-proofs.ts', product.data]);
    await desk.getByRole('button', { name: 'Make new codes' }).click();
    await desk.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    await desk.getByTestId('step-up').waitFor();
    await looksRight(desk, 'step-up-1440');
    // Closed: nothing was done, and it says so.
    await desk.keyboard.press('Escape');
    await desk.getByText('You did not show that it is you.').waitFor();
    await desk.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    await desk.getByTestId('step-up').getByTestId('use-passkey').click();
    const codes = desk.getByTestId('recovery-codes').locator('li');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    await looksRight(desk, 'recovery-codes-1440');
    await desk.getByRole('button', { name: 'I have kept them' }).click();
  });

  it('a patient gets back in on her phone with a code by mail', async () => {
    await phone.getByRole('button', { name: 'Forgotten your password?' }).click();
    await phone.getByRole('heading', { name: 'Set a new password' }).waitFor();
    await looksRight(phone, 'forgotten-360');
    await phone.getByRole('textbox', { name: 'E-mail' }).fill(patient.email);
    await phone.getByRole('button', { name: 'Send a code' }).click();
    await phone.getByRole('heading', { name: 'Enter the code' }).waitFor();
    await looksRight(phone, 'forgotten-code-360');
    const code = await expectCode(patient.email);
    await phone.getByLabel('Six-digit code').fill(code);
    await phone.getByRole('button', { name: 'Confirm' }).click();
    const password = 'seven green kettles sing';
    await phone.getByLabel('New password', { exact: true }).fill('short');
    await phone.getByRole('button', { name: 'Save and sign in' }).click();
    await phone.getByText('Use at least 12 characters.').waitFor();
    await looksRight(phone, 'new-password-360');
    await phone.getByLabel('New password', { exact: true }).fill(password);
    await phone.getByRole('button', { name: 'Save and sign in' }).click();
    await phone.waitForURL(/\/patient/);
    patient = { ...patient, password };
    await phone.goto(`${product.baseUrl}/account`);
    await phone.getByRole('heading', { name: 'Devices and sessions' }).waitFor();
    await looksRight(phone, 'account-360');
    // The browser she came back in is the only one that is left.
    const devices = phone.getByTestId('devices').locator('li');
    await devices.first().waitFor();
    expect(await devices.count()).toBe(1);
  });

  it('her lost phone is signed out from her laptop, and forgets what it kept', async () => {
    await phone.evaluate(async () => {
      localStorage.setItem('draft', 'kept');
      sessionStorage.setItem('draft', 'kept');
      await (await caches.open('afar-test')).put('/kept', new Response('kept'));
      await new Promise((resolve) => {
        indexedDB.open('afar-test').onsuccess = ({ target }) => {
          (target as IDBOpenDBRequest).result.close();
          resolve(undefined);
        };
      });
    });
    const laptop = await practice.context.newPage();
    await desk.goto('about:blank');
    await practice.context.clearCookies();
    await signInOnScreen(laptop, product.baseUrl, patient);
    await laptop.goto(`${product.baseUrl}/account`);
    await laptop.getByTestId('devices').locator('li').nth(1).waitFor();
    await laptop.getByRole('button', { name: /^Remove:/ }).click();
    await laptop.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await laptop.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await laptop.getByTestId('devices').locator('li').count()).toBe(1);
    await laptop.close();
    // Whatever the phone does next.
    await phone.getByRole('link', { name: 'Afar' }).click();
    await phone.getByText('This device was signed out from another one.').waitFor();
    await looksRight(phone, 'wiped-360');
    const kept = () =>
      phone.evaluate(async () => ({
        local: localStorage.getItem('draft'),
        session: sessionStorage.getItem('draft'),
        caches: (await caches.keys()).filter((name) => name === 'afar-test'),
        databases: (await indexedDB.databases()).map((one) => one.name),
      }));
    const empty = { local: null, session: null, caches: [], databases: [] };
    for (let tries = 0; tries < 50; tries++) {
      if (JSON.stringify(await kept()) === JSON.stringify(empty)) break;
      await phone.waitForTimeout(100);
    }
    expect(await kept()).toEqual(empty);
  });

  it('nobody at the desk: it asks a minute before, and signs her out when nobody answers', async () => {
    await phone.clock.install();
    await signInOnScreen(phone, product.baseUrl, patient);
    await phone.getByRole('button', { name: /^Your account/ }).waitFor();
    await phone.clock.fastForward('59:05');
    await phone.getByText('Are you still there?').waitFor();
    await looksRight(phone, 'idle-360');
    await phone.getByRole('button', { name: 'Stay signed in' }).click();
    await phone.getByText('Are you still there?').waitFor({ state: 'detached' });
    await phone.clock.fastForward('59:59');
    await phone.clock.fastForward('00:03');
    await phone.waitForURL(/\/sign-in/);
    const me = await phone.evaluate(async () => (await fetch('/auth/me')).status);
    expect(me).toBe(204);
  });

  it('nothing failed on any page', () => {
    expect(errors).toEqual([]);
  });

  /** The six digits of the last mail, out of the demo's outbox. */
  async function expectCode(to: string): Promise<string> {
    for (let tries = 0; tries < 10; tries++) {
      const { stdout } = await run(process.execPath, ['server/cli/afar.ts', 'outbox'], {
        env: { ...process.env, AFAR_DATA: product.data, AFAR_MODE: 'demo' },
      });
      const mail = stdout.slice(stdout.lastIndexOf(to));
      const code = stdout.includes(to) ? /\b\d{6}\b/.exec(mail)?.[0] : undefined;
      if (code) return code;
    }
    throw new Error('no code was mailed');
  }
});
