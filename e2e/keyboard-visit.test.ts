/** The whole visit without a mouse: a patient on a small phone in English, a clinician in Arabic, by keys, roles and names. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, openBrowser, type Person } from './browser.ts';
import { openHours } from './clinic-day.ts';
import { expect as expectPage } from './expect-page.ts';
import { hasFocus, press, round, tabTo, type } from './keys.ts';
import { looksRight } from './looks.ts';
import { codeNow, signIn } from './people.ts';
import { accountOf, type DemoAccount, type Product, startProduct } from './product.ts';
import { seesTheOther } from './steps.ts';

const template = {
  kind: 'note',
  name: 'أرق',
  body: {
    sections: {
      subjective: 'أرق منذ أسابيع.',
      objective: 'يقظ في الفيديو.',
      assessment: 'أرق أولي.',
      plan: 'مفكرة نوم.',
    },
  },
};

describe.runIf(hasChromium)('a visit by keyboard alone', () => {
  let product: Product;
  let doctorName: string;
  let patientAccount: DemoAccount;
  let doctorAccount: DemoAccount;
  const people: Person[] = [];
  let patient: Page;
  let doctor: Page;
  let visit: string;

  beforeAll(async () => {
    product = await startProduct();
    patientAccount = accountOf(product, 'patient');
    doctorAccount = accountOf(product, 'practitioner');
    const session = await signIn(product.baseUrl, doctorAccount);
    doctorName = await openHours(product, session);
    const kept = await session.post('/api/templates', template);
    if (kept.status >= 300) throw new Error(`no template: ${kept.status}`);
    people.push(
      await openBrowser({ width: 360, height: 740 }),
      await openBrowser({ locale: 'ar', timezone: 'Asia/Dubai' }),
    );
    [patient, doctor] = (await Promise.all(people.map(({ context }) => context.newPage()))) as [
      Page,
      Page,
    ];
    for (const page of [patient, doctor]) page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await Promise.allSettled(people.map((one) => one.close()));
    await product?.stop();
  });

  it('she signs in and books: each new page has the focus, and one Tab passes a row of times', async () => {
    await patient.goto(`${product.baseUrl}/sign-in`);
    await type(patient.getByRole('textbox', { name: 'E-mail' }), patientAccount.email);
    await type(patient.getByLabel('Password', { exact: true }), patientAccount.password);
    await patient.keyboard.press('Enter');
    await patient.waitForURL(/\/patient$/);
    await hasFocus(patient.getByRole('main'));
    await press(patient.getByRole('link', { name: /Book a visit/ }).first());
    await hasFocus(patient.getByRole('main'));
    await press(patient.getByRole('link', { name: new RegExp(doctorName) }));
    await hasFocus(patient.getByRole('main'));

    const times = patient.getByRole('toolbar').first();
    const first = times.getByRole('button').first();
    await tabTo(first);
    await patient.keyboard.press('ArrowRight');
    await patient.keyboard.press('ArrowLeft');
    await hasFocus(first);
    await patient.keyboard.press('Enter');
    await expectPage(first).toHaveAttribute('aria-pressed', /true/);
    await patient.getByTestId('picked-time').waitFor();
    await type(
      patient.getByRole('textbox', { name: 'What is it about?' }),
      'Trouble sleeping for three weeks',
    );
    await looksRight(patient, 'keys-book');
    await press(patient.getByRole('button', { name: 'Book this visit' }));
    await patient.waitForURL(/\/patient\/visits\/[0-9a-f-]{36}$/);
    visit = /visits\/([0-9a-f-]{36})$/.exec(patient.url())![1]!;
    await hasFocus(patient.getByRole('main'));
  });

  it('answers the intake with arrows and Space, checks her devices, and hears her place in the waiting room', async () => {
    await press(patient.getByRole('link', { name: 'Start' }).first());
    await patient.getByTestId('send-intake').waitFor();
    for (const group of await patient.getByRole('radiogroup').all()) {
      const no = group.getByRole('radio', { name: 'No', exact: true });
      if ((await no.count()) === 0) continue;
      await tabTo(group.getByRole('radio').first());
      await patient.keyboard.press('ArrowDown');
      await hasFocus(no);
      await expectPage(no).toHaveAttribute('aria-checked', /true/);
    }
    // The last question was the temperature: back over the others.
    await tabTo(patient.getByRole('slider'), 'Shift+Tab');
    for (let i = 0; i < 6; i++) await patient.keyboard.press('ArrowRight');
    await expectPage(patient.getByRole('slider')).toHaveAttribute('aria-valuenow', /^6$/);
    const since = patient.getByRole('radio', { name: 'Some weeks' });
    await tabTo(since, 'Shift+Tab');
    await patient.keyboard.press('Space');
    await expectPage(since).toHaveAttribute('aria-checked', /true/);
    await tabTo(patient.getByRole('textbox', { name: /What brings you here/ }), 'Shift+Tab');
    await patient.keyboard.type('I wake at three and cannot sleep again.');
    await looksRight(patient, 'keys-intake');
    await press(patient.getByRole('button', { name: 'Send to the clinic' }));
    await patient.waitForURL(new RegExp(`/patient/visits/${visit}$`));

    await press(patient.getByRole('link', { name: 'Start' }).first());
    await press(patient.getByRole('button', { name: 'Start the check' }));
    for (const part of ['camera', 'microphone', 'network'])
      await expectPage(patient.getByTestId(`check-${part}`)).toHaveAttribute('data-mark', /^ok$/);
    await looksRight(patient, 'keys-check');
    await press(patient.getByTestId('finish-check'));
    await patient.waitForURL(new RegExp(`/patient/visits/${visit}$`));
    await press(patient.getByRole('link', { name: 'Enter' }));
    await patient.getByTestId('waiting-room').waitFor();
    await hasFocus(patient.getByRole('main'));
    // The place in the line is said when it changes [WCAG 4.1.3].
    await expectPage(
      patient
        .locator('[aria-live=polite]')
        .filter({ has: patient.getByRole('heading', { level: 1 }) }),
    ).toContainText(/next/i);
    await looksRight(patient, 'keys-room');
  });

  it('the clinician signs in, opens the visit and admits, right to left', async () => {
    await doctor.goto(`${product.baseUrl}/sign-in`);
    await expectPage(doctor.locator('html')).toHaveAttribute('dir', /^rtl$/);
    await type(doctor.getByRole('textbox', { name: 'البريد الإلكتروني' }), doctorAccount.email);
    await type(doctor.getByLabel('كلمة المرور', { exact: true }), doctorAccount.password);
    await doctor.keyboard.press('Enter');
    await hasFocus(doctor.getByTestId('second-factor').locator('input').first());
    await doctor.keyboard.type(await codeNow(doctorAccount.totpSecret!));
    await doctor.waitForURL(/\/clinician$/);
    await doctor.getByTestId('queue').getByRole('listitem').first().waitFor();
    await looksRight(doctor, 'keys-today-ar');
    await press(doctor.getByTestId('queue').getByRole('link', { name: 'فتح الزيارة' }).first());
    await doctor.getByTestId('chart').waitFor();
    await hasFocus(doctor.getByRole('main'));
    // Tabs of the chart go the way the text runs.
    await tabTo(doctor.getByRole('tab', { name: 'نظرة عامة' }));
    await doctor.keyboard.press('ArrowLeft');
    await hasFocus(doctor.getByRole('tab', { name: 'الخط الزمني' }));
    const admit = doctor.getByRole('button', { name: 'إدخال المريض وبدء المكالمة' });
    await tabTo(admit, 'Shift+Tab');
    await doctor.keyboard.press('Enter');
    await Promise.all([seesTheOther(doctor), seesTheOther(patient)]);
    // The digits stand in one order for both, whichever way the text around them runs.
    await expectPage(doctor.getByTestId('safety-code')).toHaveAttribute('dir', /^ltr$/);
  });

  it('she mutes, turns the camera off, closes a menu and leaves and comes back; the focus is never lost nor caught', async () => {
    await hasFocus(patient.getByRole('region', { name: new RegExp(doctorName) }));
    await press(patient.getByRole('button', { name: 'Mute microphone' }));
    await hasFocus(patient.getByRole('button', { name: 'Unmute microphone' }));
    await doctor
      .getByRole('status')
      .filter({ hasText: /مكتوم/ })
      .first()
      .waitFor();
    await patient.keyboard.press('Enter');
    await patient.keyboard.press('Alt+C');
    await patient.getByRole('button', { name: 'Turn camera on' }).waitFor();
    await press(patient.getByRole('button', { name: 'Devices and data' }));
    await tabToItem(patient, 'Use less data');
    await patient.keyboard.press('Escape');
    await hasFocus(patient.getByRole('button', { name: 'Devices and data' }));
    await looksRight(patient, 'keys-call');
    const stops = await round(patient, 40);
    expect(stops).toEqual(expect.arrayContaining(['end-call', 'toggle-microphone']));
    expect(stops).toContain('Skip to content');

    await press(patient.getByRole('button', { name: 'Leave the call' }));
    await patient.getByRole('heading', { name: 'You left the call' }).waitFor();
    await hasFocus(patient.getByRole('main'));
    await press(patient.getByRole('button', { name: 'Return to the call' }));
    await hasFocus(patient.getByRole('region', { name: new RegExp(doctorName) }));
    await patient.getByRole('button', { name: 'Leave the call' }).waitFor();
  });

  it('the clinician writes with a template, orders, signs and ends; each dialog gives the focus back', async () => {
    await press(doctor.getByRole('button', { name: 'قالب', exact: true }));
    await tabToItem(doctor, template.name);
    await doctor.keyboard.press('Enter');
    const plan = doctor.getByRole('textbox', { name: /^الخطة/ });
    await expectPage.poll(() => plan.inputValue()).toBe('مفكرة نوم.');
    await type(doctor.getByRole('textbox', { name: /^التقييم/ }), ' ');
    await expectPage(doctor.getByTestId('note-state')).toContainText(/حُفظت/);
    await type(doctor.getByRole('textbox', { name: 'ما المطلوب' }), 'مراجعة مفكرة النوم');
    await doctor.keyboard.press('Enter');
    await expectPage(doctor.getByTestId('orders')).toContainText(/مراجعة مفكرة النوم/);
    await hasFocus(doctor.getByRole('textbox', { name: 'ما المطلوب' }));
    await looksRight(doctor, 'keys-note-ar');

    const sign = doctor.getByRole('button', { name: 'توقيع الملاحظة' });
    await tabTo(sign, 'Shift+Tab');
    await doctor.keyboard.press('Enter');
    const dialog = doctor.getByRole('dialog', { name: 'توقيع الملاحظة؟' });
    await dialog.waitFor();
    await doctor.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await hasFocus(sign);
    await doctor.keyboard.press('Enter');
    await press(dialog.getByRole('button', { name: 'توقيع', exact: true }));
    await doctor.getByTestId('signed-note').waitFor();
    await hasFocus(doctor.getByRole('heading', { name: 'الملاحظة', exact: true }));

    await tabTo(doctor.getByRole('button', { name: 'إنهاء الزيارة' }), 'Shift+Tab');
    await doctor.keyboard.press('Enter');
    const end = doctor.getByRole('dialog', { name: 'إنهاء الزيارة؟' });
    await press(end.getByRole('button', { name: 'إنهاء الزيارة' }));
    await end.waitFor({ state: 'hidden' });
    await hasFocus(doctor.getByRole('heading', { level: 1 }));
    await looksRight(doctor, 'keys-ended-ar');
  });

  it('she reads the summary where the call was, and again in Arabic', async () => {
    await patient.getByRole('heading', { name: 'The visit has ended' }).waitFor();
    await hasFocus(patient.getByRole('main'));
    await expectPage(patient.getByTestId('summary')).toContainText(/مفكرة نوم/);
    await looksRight(patient, 'keys-summary');
    await press(patient.getByRole('button', { name: /Your account/ }));
    await tabToItem(patient, 'العربية');
    await patient.keyboard.press('Enter');
    await patient.getByRole('heading', { name: 'انتهت الزيارة' }).waitFor();
    await hasFocus(patient.getByRole('button', { name: /حسابك/ }));
    await looksRight(patient, 'keys-summary-ar');
  });
});

/** The arrows of an open menu, until an item of this name has the focus. */
async function tabToItem(page: Page, name: string): Promise<void> {
  const item = page.locator('[role^=menuitem]').filter({ hasText: name });
  await item.waitFor();
  for (let presses = 0; presses < 20; presses++) {
    if ((await item.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`the arrows do not lead to ${name}`);
}
