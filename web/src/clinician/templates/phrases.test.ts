/** Phrases: put out at the caret, filled from the chart, with places to jump to; a template keeps its fields. */
import type { Template } from '@afar/visits/contract';
import { describe, expect, it } from 'vitest';
import { abbreviationAt, appended, expanded, filled, nextField } from './phrases.ts';

const phrase = (abbr: string, text: string, scope: Template['scope'] = 'own'): Template => ({
  id: abbr + scope,
  kind: 'phrase',
  scope,
  name: abbr,
  abbr,
  revision: 1,
  body: { text },
});

describe('a phrase', () => {
  it('is found where a word begins with a dot, at the caret', () => {
    expect(abbreviationAt('Chest: .lungs', 13)).toBe('lungs');
    expect(abbreviationAt('.lungs', 6)).toBe('lungs');
    expect(abbreviationAt('3.lungs', 7)).toBeUndefined();
    expect(abbreviationAt('.lungs and', 10)).toBeUndefined();
  });

  it('stands where its abbreviation stood, and its first field is selected', () => {
    const text = 'Chest: .lungs\nHeart';
    const edit = expanded(text, 13, [phrase('lungs', 'Clear, [[wheeze]].')], {})!;
    expect(edit.text).toBe('Chest: Clear, [[wheeze]].\nHeart');
    expect(edit.text.slice(edit.from, edit.to)).toBe('[[wheeze]]');
    expect(expanded(text, 13, [phrase('heart', 'x')], {})).toBeUndefined();
  });

  it('of her own comes before the clinic’s', () => {
    const both = [phrase('abc', 'clinic', 'clinic'), phrase('abc', 'own')];
    expect(expanded('.abc', 4, both, {})!.text).toBe('own');
  });

  it('is filled from the chart; what is not known is a field, and the template stays as it was', () => {
    const template = phrase('pt', '{{age}} years, allergies: {{ allergies }}');
    expect(expanded('.pt', 3, [template], { age: '43' })!.text).toBe(
      '43 years, allergies: [[allergies]]',
    );
    expect(template.body.text).toContain('{{age}}');
    expect(filled('$& {{age}}', { age: '$1' })).toBe('$& $1');
  });
});

it('the next field is the one after the caret, then the first again', () => {
  const text = 'a [[one]] b [[two]]';
  expect(nextField(text, 0)).toMatchObject({ from: 2, to: 9 });
  expect(nextField(text, 9)).toMatchObject({ from: 12 });
  expect(nextField(text, 19)).toMatchObject({ from: 2 });
  expect(nextField('none', 0)).toBeUndefined();
});

it('a template is added under what was written', () => {
  expect(appended('', 'x')).toBe('x');
  expect(appended('a\n', 'x')).toBe('a\n\nx');
  expect(appended('a', ' ')).toBe('a');
});
