/** Mail and SMS speak the languages of the house; whatever the language, code and address are in them. */
import { describe, expect, it } from 'vitest';
import { wordsOf } from './words.ts';

describe.each([
  ['en-GB', 'Your code'],
  ['es-MX', 'Su código'],
  ['ar-EG', 'رمزك'],
  ['xx', 'Your code'],
])('to %s', (locale, first) => {
  const words = wordsOf(locale);

  it('the code is said in that language', () => {
    const { subject, text } = words.code('123456');
    expect(subject).toContain(first);
    expect(text).toContain('123456');
    expect(subject).not.toContain('123456');
  });

  it('what waits and an invitation bring their address on a line of its own, which no direction of text turns', () => {
    for (const said of [words.notice('https://c.example/'), words.invitation('https://c.example/')])
      expect(said.text.split('\n')).toContain('https://c.example/');
  });
});
