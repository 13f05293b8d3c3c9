/** Folding of names, phones and sounds. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { fold, foldPhone, phonetic, wordStarts } from './fold.ts';

describe('fold [FHIR R4 search.html#string]', () => {
  it('ignores case, accents, apostrophes and punctuation', () => {
    expect(fold('José María')).toBe('jose maria');
    expect(fold("Mathilda O'Keefe")).toBe('mathilda okeefe');
    expect(fold('Smith-Jones, Jr.')).toBe('smith jones jr');
    expect(fold('Łukasz Strauß Ødegård')).toBe('lukasz strauss odegard');
  });
  it('is idempotent', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (text) => fold(fold(text)) === fold(text)),
      ),
    ).not.toThrow();
  });
  it('keeps other scripts', () => {
    expect(fold('आरव')).not.toBe('');
    expect(fold('王小明')).toBe('王小明');
  });
});

it('finds the start of every word', () => {
  expect(wordStarts('van der berg')).toEqual(['van der berg', 'der berg', 'berg']);
});

it('reduces a phone number to its digits', () => {
  expect(foldPhone('+1 (555) 010-2030')).toBe('15550102030');
  expect(foldPhone('0044 20 7946 0000')).toBe('442079460000');
});

describe('phonetic', () => {
  it.each([
    ['Smith', 'Smyth'],
    ['Philip', 'Filip'],
    ['Catherine', 'Katherine'],
    ['Mohammed', 'Muhamad'],
    ['Stephen', 'Steven'],
  ])('brings %s and %s together', (a, b) => expect(phonetic(a)).toEqual(phonetic(b)));
  it('keeps unlike ones apart', () => {
    expect(phonetic('Smith')).not.toEqual(phonetic('Jones'));
    expect(phonetic('Ann')).not.toEqual(phonetic('Tom'));
  });
});
