/** Whose words explain the permission. */
import { expect, it } from 'vitest';
import { browserOf, systemOf } from './browser.ts';

it('tells browsers and systems apart by what they say of themselves', () => {
  const agents: [string, string, string][] = [
    [
      'chrome',
      'other',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36',
    ],
    [
      'edge',
      'windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/156.0 Safari/537.36 Edg/156.0',
    ],
    ['firefox', 'other', 'Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0'],
    ['safari', 'mac', 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15'],
    ['ios', 'ios', 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0) Version/26.0 Safari/604.1'],
    ['iosOther', 'ios', 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0) CriOS/156.0 Safari/604.1'],
    [
      'samsung',
      'android',
      'Mozilla/5.0 (Linux; Android 16) SamsungBrowser/29.0 Chrome/136.0 Mobile',
    ],
    ['android', 'android', 'Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36'],
  ];
  for (const [browser, system, agent] of agents)
    expect([browserOf(agent), systemOf(agent)]).toEqual([browser, system]);
});
