/** How a page looks: faults of accessibility, what sticks out to the side, and a picture for whoever wants one. */
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Where pictures go; none are made without it. */
const pictures = process.env.AFAR_E2E_PICTURES;

/** Accessibility faults of a page, each with where it is [WCAG 2.2 AA]. */
export async function faults(page: Page): Promise<string[]> {
  await atRest(page);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(async (values) => {
    const { axe } = window as unknown as {
      axe: { run(on: Document, options: RunOptions): Promise<AxeResults> };
    };
    const { violations } = await axe.run(document, {
      runOnly: { type: 'tag', values },
      resultTypes: ['violations'],
    });
    return violations.flatMap((one) =>
      one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} — ${node.failureSummary ?? ''}`),
    );
  }, tags);
}

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Faults are judged at rest: colours in the middle of a transition are nobody's colours. What turns for ever is left to turn. */
async function atRest(page: Page): Promise<void> {
  await page.waitForTimeout(100);
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.race([
      Promise.allSettled(passing.map((one) => one.finished)),
      new Promise((resolve) => setTimeout(resolve, 2_000)),
    ]);
  });
  await page.waitForTimeout(100);
}

export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Places to go and controls of a call that are partly beyond the edge of the screen, where no thumb finds them. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'header nav a, [role="group"]:has(> [data-testid="end-call"]) > *, [data-testid="call-stage"] button:not([data-testid="pin"])',
      ),
    ]
      .filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        return width > 0 && (left < -1 || right > document.documentElement.clientWidth + 1);
      })
      .map((one) => one.textContent.trim() || (one.getAttribute('aria-label') ?? one.tagName)),
  );

export async function picture(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

/** No fault, and nothing that sticks out. */
export async function looksRight(page: Page, name: string): Promise<void> {
  const found = {
    name,
    faults: await faults(page),
    overflows: await overflows(page),
    cutOff: await cutOff(page),
  };
  await picture(page, name);
  expect(found).toEqual({ name, faults: [], overflows: false, cutOff: [] });
}

/** The same on a small phone and on a desk. */
export async function looksRightBothWays(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [360, 740],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await looksRight(page, `${name}-${width}`);
  }
}
