/** Patterns from outside: what they accept is what JavaScript accepts, and none of them takes long. */
import { describe, expect, it } from 'vitest';
import { compilePattern } from './regex.ts';

describe('compilePattern', () => {
  const patterns = [
    'abc',
    'a*',
    'a+b?',
    '(ab|cd)*e',
    '[a-c]+',
    '[^a-c]+',
    '\\d{2,4}',
    'a{3}',
    'a{2,}',
    '(a|b|)c',
    '\\w+\\.\\d',
    '.+x',
    '[\\d-]+',
    '^ab$',
    '(?:ab)+',
    '[.]a',
    'a\\|b',
    '(a*)*b',
    '\\S+',
  ];
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'aaa',
    'aaaa',
    'b',
    'cde',
    'ababe',
    'e',
    'xyz',
    '12',
    '123',
    '12345',
    'c',
    'bc',
    'w_1.5',
    'x',
    'yx',
    '1-2',
    'abab',
    '.a',
    'a|b',
    'aab',
    'ä',
  ];
  it.each(patterns)('%s says of every text what RegExp says of the whole text', (pattern) => {
    const fits = compilePattern(pattern);
    const plain = new RegExp(`^(?:${pattern.replace(/^\^|\$$/g, '')})$`, 'u');
    expect(texts.filter(fits)).toEqual(texts.filter((text) => plain.test(text)));
  });

  it.each([
    '(',
    'a)',
    '[a',
    '*a',
    'a**',
    'a{2',
    'a{3,2}',
    '(?=a)',
    '(?<n>a)',
    '\\1',
    'a\\',
    '\\p{L}',
    '[z-a]',
  ])('refuses %s', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow('invalid');
  });

  it.each([
    '(a+)+$',
    '(a|aa)+b',
    '(a*)*(a*)*c',
    '([a-z]+)*d',
    '(.*)*x',
    'a?'.repeat(100) + 'a'.repeat(100),
  ])('the bomb %s is none', (pattern) => {
    const fits = compilePattern(pattern);
    // A backtracking matcher would not end in this life.
    expect(fits('a'.repeat(5_000) + '!')).toBe(false);
  });

  it('refuses what is too large: a pattern may not make a million states', () => {
    expect(() => compilePattern('((a{1,1000}){1,1000}){1,1000}')).toThrow('invalid');
    expect(() => compilePattern('('.repeat(200) + 'a' + ')'.repeat(200))).toThrow('invalid');
    expect(() => compilePattern('a'.repeat(1_000))).toThrow('invalid');
    expect(() => compilePattern('(((((a{0,9999}){0,0}){0,9999}){0,9999}){0,9999})')).toThrow(
      'invalid',
    );
  });

  it('nothing, repeated without end, is nothing: counted it would not end in this life', () => {
    const fits = compilePattern('(((((){9999}){9999}){9999}){9999}){9999}a');
    expect([fits('a'), fits('')]).toEqual([true, false]);
  });

  it('gives up what many texts make long', () => {
    const fits = compilePattern('.{0,900}x');
    expect(() => {
      for (let n = 0; n < 100_000; n++) fits(`${'a'.repeat(100)}${n}`);
    }).toThrow('too-costly');
  });
});
