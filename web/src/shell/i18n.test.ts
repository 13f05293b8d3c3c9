/** What is filled into a sentence does not turn its order: isolated in a right-to-left language, untouched in others. */
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { isolated, nearest } from './i18n.ts';

// Words of this test, not of the files.
const say = (key: string, filled: object): unknown => i18next.t(key as never, filled as never);

describe('what is filled into a sentence', () => {
  beforeAll(() =>
    i18next.init({
      lng: 'ar',
      resources: {
        ar: {
          translation: {
            call: 'اتصل بالرقم {{number}}.',
            left_two: 'بقي رمزان',
            left_few: '{{count}} رموز',
          },
        },
        en: { translation: { call: 'Call {{number}}.' } },
      },
      interpolation: { escapeValue: true, escape: isolated },
    }),
  );

  it('stands isolated in Arabic: a number keeps its plus in front, a full stop its place [UAX #9, 2.7]', () => {
    expect(say('call', { number: '+34 600' })).toBe('اتصل بالرقم \u2068+34 600\u2069.');
    expect(say('left', { count: 3 })).toBe('\u20683\u2069 رموز');
    expect(say('left', { count: 2 })).toBe('بقي رمزان');
  });

  it('stays as it is in English, angle brackets too: React escapes them', async () => {
    await i18next.changeLanguage('en');
    expect(say('call', { number: '<b>112</b>' })).toBe('Call <b>112</b>.');
  });

  it('any Arabic is Arabic', () => {
    expect(nearest('ar-EG')).toBe('ar');
    expect(nearest('arc')).toBeUndefined();
  });
});
