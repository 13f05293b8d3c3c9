/** Names of browsers: the usual ones, and none made up. */
import { expect, it } from 'vitest';
import { browserOf, isPhone } from './browser-name.ts';

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15';
const android =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36';

it.each([
  [`${mac} Version/18.1 Safari/605.1.15`, 'Safari', 'Mac'],
  [`${mac} Chrome/131.0 Safari/537.36 Edg/131.0`, 'Edge', 'Mac'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Firefox/133.0', 'Firefox', 'Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/131.0 Safari/537.36', 'Chrome', 'Linux'],
  [android, 'Chrome', 'Android'],
])('%s', (agent, browser, system) => {
  expect(browserOf(agent)).toEqual({ browser, system });
});

it('says nothing of what it does not know', () => {
  expect(browserOf('curl/8.5.0')).toBeUndefined();
  expect(browserOf('')).toBeUndefined();
  expect(isPhone(android)).toBe(true);
  expect(isPhone(mac)).toBe(false);
});
