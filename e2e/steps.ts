/** What patient and clinician do on screen, step by step; each step waits for what a person would see. */
import { expect, type Page } from './expect-page.ts';
import type { ClinicDay } from './clinic-day.ts';
import { codeNow } from './people.ts';
import type { DemoAccount } from './product.ts';

export async function signInOnScreen(
  page: Page,
  baseUrl: string,
  account: DemoAccount,
): Promise<void> {
  await page.goto(`${baseUrl}/sign-in`);
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  if (account.totpSecret) {
    await page.getByTestId('second-factor').waitFor();
    await page.getByTestId('second-factor').locator('input').first().focus();
    await page.keyboard.type(await codeNow(account.totpSecret));
  }
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** Books the first free time of the clinician at which the patient has no other visit; returns the visit's id. */
export async function book(page: Page, day: ClinicDay): Promise<string> {
  await page
    .getByRole('link', { name: /Book a visit/ })
    .first()
    .click();
  await page.getByTestId('clinician-card').filter({ hasText: day.doctorName }).click();
  const elsewhere = page.getByText('There is another visit at this time');
  const booked = page.waitForURL(/\/patient\/visits\/[0-9a-f-]{36}$/);
  for (let at = 0; at < 6; at++) {
    await page.getByTestId('slot').nth(at).click();
    await page.getByTestId('picked-time').waitFor();
    await page.getByTestId('reason').fill('Trouble sleeping for three weeks');
    await page.getByTestId('confirm-booking').click();
    // What she was told of the time before goes with her choice of the next.
    if (await Promise.race([booked.then(() => true), elsewhere.waitFor().then(() => false)])) break;
  }
  await booked;
  return /visits\/([0-9a-f-]{36})$/.exec(page.url())![1]!;
}

/** Answers the demo clinic's intake; no answer is a red flag. */
export async function answerIntake(page: Page, baseUrl: string, visit: string): Promise<void> {
  await page.goto(`${baseUrl}/patient/visits/${visit}/intake`);
  await page.getByTestId('send-intake').waitFor();
  for (const no of await page.locator('[data-testid^="q-"][data-testid$="-no"]').all())
    await no.click();
  await page.getByLabel(/What brings you here/).fill('I wake at three and cannot sleep again.');
  await page.getByRole('radio', { name: 'Some weeks' }).click();
  const scale = page.getByRole('slider');
  await scale.focus();
  for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
  await page.getByTestId('send-intake').click();
  await page.waitForURL(new RegExp(`/patient/visits/${visit}$`));
}

export async function checkDevices(page: Page, baseUrl: string, visit: string): Promise<void> {
  await page.goto(`${baseUrl}/patient/visits/${visit}/check`);
  await page.getByTestId('start-check').click();
  for (const part of ['camera', 'microphone', 'network'])
    await expect(page.getByTestId(`check-${part}`)).toHaveAttribute('data-mark', /^ok$/);
  await page.getByTestId('finish-check').click();
  await page.waitForURL(new RegExp(`/patient/visits/${visit}$`));
}

export async function enterWaitingRoom(page: Page, baseUrl: string, visit: string): Promise<void> {
  await page.goto(`${baseUrl}/patient/visits/${visit}/room`);
  await page.getByTestId('waiting-room').waitFor();
}

/** Counters of the call on this page. */
export const callOf = (page: Page) =>
  page.evaluate(
    () =>
      (
        window as unknown as {
          __afarCall?: {
            phase?: string;
            framesDecoded?: number;
            framesDecrypted?: number;
            audioFramesDecrypted?: number;
            firstFrameMs?: number;
            cameraMs?: number;
            joinedMs?: number;
            keysMs?: number;
            connectedMs?: number;
          };
        }
      ).__afarCall ?? {},
  );

/** Waits until pictures of the other end are decrypted and decoded here. */
export async function seesTheOther(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      const call = await callOf(page);
      return Math.min(call.framesDecoded ?? 0, call.framesDecrypted ?? 0);
    })
    .toBeGreaterThan(30);
}

export const safetyCode = async (page: Page): Promise<string> => {
  const code = page.getByTestId('safety-code');
  await code.waitFor();
  return (await code.getAttribute('data-code'))!;
};

/** Chooses what is behind the button of rarer things on the bar of a call. */
export async function more(page: Page, what: string): Promise<void> {
  await page.getByTestId('call-more').click();
  await page.getByTestId(`more-${what}`).click();
}
