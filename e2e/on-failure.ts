/** What the people saw when a browser test failed, put under its error: addresses and the words on each open page. */
import { afterEach } from 'vitest';
import { openContexts } from './browser.ts';

const mostLines = 40;

afterEach(async ({ task }) => {
  const error = task.result?.errors?.[0];
  if (task.result?.state !== 'fail' || !error) return;
  for (const page of [...openContexts].flatMap((context) => context.pages())) {
    if (page.url() === 'about:blank') continue;
    const seen = await page
      .locator('body')
      .ariaSnapshot({ timeout: 5_000 })
      .catch((reason: unknown) => String(reason));
    error.message += `\n\n${new URL(page.url()).pathname} shows\n${seen.split('\n').slice(0, mostLines).join('\n')}`;
  }
});
