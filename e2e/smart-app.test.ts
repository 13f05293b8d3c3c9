/** A third-party SMART app launches, by itself and from a chart, asks, reads what it was granted and nothing else. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { looksRight } from './looks.ts';
import { signIn } from './people.ts';
import { accountOf, clientToken, type Product, startProduct } from './product.ts';
import { startSmartApp, type SmartApp } from './smart-app.ts';
import { signInOnScreen } from './steps.ts';

const vitals =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
const scopes = {
  standalone: `openid fhirUser launch/patient offline_access patient/Patient.rs patient/MedicationRequest.rs ${vitals}`,
  launch: `openid fhirUser launch patient/Patient.read patient/Observation.read`,
};

interface Told {
  patient: string;
  encounter: string | null;
  user: string;
  scope: string;
  name: string;
  categories: string[];
  owners: string[];
  patients: number;
  condition: number;
  other?: number;
  everything?: number;
  account: number | string;
  renewed?: number;
}

async function toldOn(page: Page): Promise<Told> {
  await page.waitForURL(/\/index\.html/);
  await page.waitForFunction(() => document.querySelector('#told')?.textContent !== 'waiting');
  const text = await page.locator('#told').innerText();
  if (!text.startsWith('{')) throw new Error(text);
  return JSON.parse(text) as Told;
}

describe.runIf(hasChromium)('a SMART app of a third party', () => {
  let product: Product;
  let app: SmartApp;
  let client = '';
  let home: Person;
  let practice: Person;
  let patient: string;
  let other: string;

  beforeAll(async () => {
    product = await startProduct();
    app = await startSmartApp(() => client, scopes);
    const office = await signIn(product.baseUrl, accountOf(product, 'administrator'));
    const made = await office.post<{ client: { clientId: string } }>('/api/office/clients', {
      name: 'Growth chart',
      publisher: 'Tape & Scale Ltd.',
      kind: 'public',
      auth: 'none',
      scope: `${scopes.standalone} ${scopes.launch} patient/Observation.rs user/Patient.rs`,
      redirectUris: [`${app.origin}/index.html`],
      launchUri: `${app.origin}/launch.html`,
    });
    client = made.body.client.clientId;
    const me = await signIn(product.baseUrl, accountOf(product, 'patient'));
    patient = (await me.get<{ fhirUser: { id: string } }>('/auth/me')).body.fhirUser.id;
    const all = await fetch(`${product.baseUrl}/fhir/R4/Patient?_count=20`, {
      headers: { authorization: `Bearer ${await clientToken(product)}` },
    });
    const { entry } = (await all.json()) as { entry: { resource: { id: string } }[] };
    other = entry.map((one) => one.resource.id).find((id) => id !== patient)!;
    home = await openBrowser({ width: 360, height: 740 });
    practice = await openBrowser({ width: 1440, height: 900 });
  }, 180_000);
  afterAll(async () => {
    await home?.close();
    await practice?.close();
    await app?.close();
    await product?.stop();
  });

  it('is asked about on a phone, narrowed by the patient, and reads that and nothing else', async () => {
    const page = await home.context.newPage();
    await page.goto(`${app.origin}/index.html`);
    await page.evaluate((id) => (localStorage.other = id), other);
    await page.goto(
      `${app.origin}/launch.html?iss=${encodeURIComponent(`${product.baseUrl}/fhir/R4`)}`,
    );
    await page.waitForURL(/\/sign-in/);
    const account = accountOf(product, 'patient');
    await page.getByLabel('E-mail').fill(account.email);
    await page.getByLabel('Password', { exact: true }).fill(account.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByTestId('consent').waitFor();
    await page.getByRole('heading', { name: 'Growth chart asks for access' }).waitFor();
    await page.getByText('Measurements and laboratory results: vital signs only').waitFor();
    await page.getByText('Made by Tape & Scale Ltd.').waitFor();
    await looksRight(page, 'consent-360');
    // By keyboard alone: a line is left out, and the yes is given.
    await page.getByRole('checkbox', { name: /Medicines/ }).focus();
    await page.keyboard.press('Space');
    await page.getByTestId('allow').focus();
    await page.keyboard.press('Enter');
    const told = await toldOn(page);
    expect(told).toMatchObject({
      patient,
      user: `Patient/${patient}`,
      name: 'Patient',
      patients: 1,
      owners: [`Patient/${patient}`],
      categories: ['vital-signs'],
      condition: 403,
      other: 404,
      everything: 404,
      renewed: 200,
    });
    // Not hers to call: an app's token opens no account, and no page of another site reads that answer.
    expect(told.account).toBe('closed');
    expect(told.scope).not.toContain('MedicationRequest');
  });

  it('is on her page of apps, and dead when she ends it', async () => {
    const page = await home.context.newPage();
    await page.goto(`${product.baseUrl}/account/apps`);
    await page.getByText('Growth chart', { exact: true }).waitFor();
    await looksRight(page, 'apps-360');
    const [theirs] = home.context.pages().filter((one) => one.url().startsWith(app.origin));
    const ask = () =>
      theirs!.evaluate(async () => {
        const { state } = (
          window as unknown as {
            smart: { state: { serverUrl: string; tokenResponse: { access_token: string } } };
          }
        ).smart;
        const answer = await fetch(`${state.serverUrl}/Patient`, {
          headers: { authorization: `Bearer ${state.tokenResponse.access_token}` },
        });
        return answer.status;
      });
    expect(await ask()).toBe(200);
    await page.getByRole('button', { name: 'End the access of Growth chart' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('No app may use your account.').waitFor();
    expect(await ask()).toBe(401);
  });

  it('opens from a chart with its patient, for the clinician who opened it', async () => {
    const page = await practice.context.newPage();
    await signInOnScreen(page, product.baseUrl, accountOf(product, 'practitioner'));
    await page.goto(`${product.baseUrl}/clinician/patients`);
    await page.locator('a[href^="/clinician/patients/"]').first().click();
    await page.waitForURL(/\/clinician\/patients\/[0-9a-f-]{36}/);
    const chart = page.url().split('/').at(-1)!;
    await page.getByTestId('launch-menu').click();
    const opened = practice.context.waitForEvent('page');
    await page.getByRole('menuitem', { name: 'Growth chart' }).click();
    const theirs = await opened;
    await theirs.getByTestId('consent').waitFor();
    await theirs.getByText('The record it was opened from').waitFor();
    await looksRight(theirs, 'consent-1440');
    await theirs.getByTestId('allow').click();
    const told = await toldOn(theirs);
    expect(told).toMatchObject({ patient: chart, patients: 1, condition: 403 });
    expect(told.user).toMatch(/^Practitioner\//);
    expect(told.owners.every((one) => one === `Patient/${chart}`)).toBe(true);
  });
});
