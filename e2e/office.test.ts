/** Two administrators issue a clinician's account on screen, and she signs in; a trainee's note finds its way to the patient. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { openHours } from './clinic-day.ts';
import { looksRightBothWays } from './looks.ts';
import { signIn, visitor, type Session } from './people.ts';
import { accountOf, clientToken, type Product, startProduct } from './product.ts';
import { signInOnScreen } from './steps.ts';

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
    await looksRightBothWays(asking, 'office-people');
    await asking.getByRole('button', { name: 'Add a person' }).click();
    await asking.getByLabel('Name', { exact: true }).fill('Dr. Amara Lindgren');
    await asking.getByRole('textbox', { name: 'E-mail' }).fill('amara.lindgren@example.org');
    await asking.getByRole('combobox', { name: 'Role' }).click();
    await asking.getByRole('option', { name: 'Clinician' }).click();
    await asking.getByRole('button', { name: 'Ask for the account' }).click();
    const asked = asking.getByTestId('asked');
    await asked.waitFor();
    const password = (await asked.locator('code').first().innerText()).trim();
    await looksRightBothWays(asking, 'office-asked');
    await asking.getByRole('button', { name: 'Done' }).click();

    await asking.goto(`${product.baseUrl}/office/approvals`);
    await asking.getByTestId('approval').first().waitFor();
    expect(await asking.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    await deciding.goto(`${product.baseUrl}/office/approvals`);
    await deciding.getByTestId('approval').filter({ hasText: 'Amara Lindgren' }).waitFor();
    await looksRightBothWays(deciding, 'office-approvals');
    await deciding.getByRole('button', { name: 'Approve', exact: true }).click();
    await deciding.getByRole('button', { name: 'Yes, approve' }).click();
    const key = deciding.getByTestId('decided');
    await key.waitFor();
    const totpSecret = (await key.locator('code').first().innerText()).trim();
    expect(await key.innerText()).not.toContain(password);
    await looksRightBothWays(deciding, 'office-key');
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
    await looksRightBothWays(asking, 'office-roles');
    await asking.getByLabel('Find a type').fill('MedicationRequest');
    expect(await asking.locator('tbody tr').count()).toBe(1);
  }, 120_000);

  /** A visit that was admitted by the trainee's supervisor, with the trainee in the patient's team. */
  async function admitted(): Promise<{ visit: string; patient: Session }> {
    // By the demo's panel: a code of an app is good once, and the screens need theirs.
    const enter = async (role: string) => {
      const session = visitor(product.baseUrl);
      await session.post('/auth/demo', { email: accountOf(product, role).email });
      return session;
    };
    const [doctor, trainee, patient] = await Promise.all(
      ['practitioner', 'trainee', 'patient'].map((role) => enter(role)),
    );
    const idOf = async (one: Session) =>
      (await one.get<{ fhirUser: { id: string } }>('/auth/me')).body.fhirUser.id;
    const [clinician, learner, person] = await Promise.all([
      idOf(doctor!),
      idOf(trainee!),
      idOf(patient!),
    ]);
    const team = await fetch(`${product.demo.fhirUrl}/CareTeam`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await clientToken(product)}`,
        'content-type': 'application/fhir+json',
      },
      body: JSON.stringify({
        resourceType: 'CareTeam',
        status: 'active',
        subject: { reference: `Patient/${person}` },
        participant: [{ member: { reference: `Practitioner/${learner}` } }],
      }),
    });
    expect(team.status).toBe(201);
    await openHours(product, doctor!);
    const now = Date.now();
    const slots = await patient!.post<{ id: string }[]>('/api/slots', {
      clinician,
      from: new Date(now).toISOString(),
      to: new Date(now + 7_200_000).toISOString(),
    });
    const booked = await patient!.post<{ id: string }>(
      '/api/appointments',
      { slotId: slots.body[0]!.id, type: 'video', reason: 'A cough' },
      { 'idempotency-key': randomUUID() },
    );
    const visit = booked.body.id;
    const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
    const arrived = await patient!.post(`/api/visits/${visit}/arrive`, { checks });
    const entered = await doctor!.post(`/api/visits/${visit}/admit`, {});
    expect([booked.status, arrived.status, entered.status]).toEqual([201, 200, 200]);
    return { visit, patient: patient! };
  }

  it("a trainee's note goes to her supervisor, back with a remark, and is signed: then the patient reads it", async () => {
    const { visit, patient } = await admitted();
    const summary = async () =>
      (await patient.get<{ status: string }>(`/api/visits/${visit}/summary`)).body.status;
    const at = `${product.baseUrl}/clinician/visits/${visit}`;
    for (const page of [asking, deciding]) await page.context().clearCookies();
    await signInOnScreen(asking, product.baseUrl, accountOf(product, 'trainee'));
    await signInOnScreen(deciding, product.baseUrl, accountOf(product, 'practitioner'));
    const handOver = async (plan: string) => {
      await asking.goto(at);
      await asking.getByTestId('note-assessment').fill('Bronchitis');
      await asking.getByTestId('note-plan').fill(plan);
      await asking.getByTestId('sign').click();
      await asking.getByTestId('sign-confirm').click();
      await asking.getByTestId('waiting-note').waitFor();
    };
    await handOver('Rest.');
    await deciding.goto(`${product.baseUrl}/clinician`);
    await deciding.getByTestId('cosign').getByRole('link').click();
    await deciding.getByTestId('waiting-note').waitFor();
    await looksRightBothWays(deciding, 'supervisor-waiting');
    await deciding.getByRole('button', { name: 'Send back' }).click();
    const dialog = deciding.getByRole('dialog');
    await dialog.getByLabel('What should change').fill('For how long?');
    await dialog.getByRole('button', { name: 'Send back' }).click();
    await deciding.getByTestId('waiting-note').waitFor({ state: 'detached' });
    await asking.goto(at);
    await asking.getByText('For how long?').waitFor();
    await looksRightBothWays(asking, 'trainee-returned');
    await handOver('Rest for a week.');
    expect(await summary()).toBe('pending');
    await deciding.goto(at);
    await deciding.getByRole('button', { name: /^Sign the note of/ }).click();
    await deciding.getByRole('dialog').getByRole('button', { name: /^Sign/ }).click();
    await deciding.getByTestId('waiting-note').waitFor({ state: 'detached' });
    await deciding.getByText('Rest for a week.').waitFor();
    expect(await summary()).toBe('ready');
  }, 180_000);
});
