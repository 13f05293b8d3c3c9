/** Waiting for what a page will show, without a second test runner: a few matchers over locators. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from 'playwright-core';

export type { Page } from 'playwright-core';

// 60 s: a browser test shares two cores with other Chromiums, servers and databases; a reload into a call took more than 30 s once.
const patience = 60_000;

async function until<T>(
  ask: () => Promise<T>,
  holds: (value: T) => boolean,
  what: string,
): Promise<T> {
  const deadline = Date.now() + patience;
  let last = await ask();
  while (!holds(last)) {
    if (Date.now() > deadline) throw new Error(`${what}; last seen: ${JSON.stringify(last)}`);
    await sleep(100);
    last = await ask();
  }
  return last;
}

function onLocator(locator: Locator) {
  return {
    toHaveAttribute: (name: string, pattern: RegExp) =>
      until(
        () => locator.first().getAttribute(name, { timeout: patience }),
        (value) => value !== null && pattern.test(value),
        `${name} never matched ${pattern}`,
      ),
    toContainText: (pattern: RegExp) =>
      until(
        () => locator.first().innerText({ timeout: patience }),
        (value) => pattern.test(value),
        `text never matched ${pattern}`,
      ),
    toHaveCount: (wanted: number) =>
      until(
        () => locator.count(),
        (value) => value === wanted,
        `never ${wanted} of them`,
      ),
    /** The keyboard is on it. */
    toBeFocused: () =>
      until(
        () => locator.first().evaluate((element) => element === document.activeElement),
        (value) => value,
        'never focused',
      ),
  };
}

export const expect = Object.assign(onLocator, {
  poll: <T>(ask: () => Promise<T>) => ({
    toBeGreaterThan: (least: number) =>
      until(ask, (value) => Number(value) > least, `never more than ${least}`),
    toBe: (wanted: T) => until(ask, (value) => value === wanted, `never ${JSON.stringify(wanted)}`),
  }),
});
