/** A page used without a mouse: Tab until something has the focus, said by role and name; and what a browser test asks of that. */
import type { Locator, Page } from 'playwright-core';

/** Waits until it has the focus: a dialog's field, the page that was come to. */
export async function hasFocus(one: Locator): Promise<void> {
  const focused = one.and(one.page().locator(':focus'));
  await focused
    .first()
    .waitFor({ state: 'attached' })
    .catch(async () => {
      const has = await one.page().evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
      throw new Error(`no focus on ${String(one)}, but on ${has}`);
    });
}

/** Tab, as often as it takes, until it has the focus; fails where Tab does not lead there. */
export async function tabTo(one: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const page = one.page();
  const focused = one.and(page.locator(':focus'));
  await one.first().waitFor();
  for (let presses = 0; presses < 120; presses++) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not lead to ${String(one)}`);
}

/** Tabs to it and presses a key on it. */
export async function press(one: Locator, key = 'Enter'): Promise<void> {
  await tabTo(one);
  await one.page().keyboard.press(key);
}

/** Tabs to a field and types. */
export async function type(one: Locator, text: string): Promise<void> {
  await tabTo(one);
  await one.page().keyboard.type(text);
}

/** Where Tab stops on its way around the page, by test id or text: a trap shows as a short round. */
export async function round(page: Page, presses: number): Promise<string[]> {
  const stops: string[] = [];
  for (let at = 0; at < presses; at++) {
    await page.keyboard.press('Tab');
    stops.push(
      await page.evaluate(() => {
        const focused = document.activeElement as HTMLElement | null;
        return focused?.dataset.testid ?? focused?.textContent?.trim().slice(0, 40) ?? '';
      }),
    );
  }
  return stops;
}
