/** The constraints that are read, and that the rest is refused. */
import { describe, expect, it } from 'vitest';
import { eclRule } from './ecl.ts';

describe('eclRule [ECL 2.2]', () => {
  it('reads operators, parentheses, terms', () => {
    expect(eclRule('<< 138875005 |Root (root)|')).toEqual({
      is: 'below',
      code: '138875005',
      self: true,
    });
    expect(eclRule('^ 100009001')).toEqual({
      is: 'property',
      property: 'refset',
      values: ['100009001'],
    });
    expect(eclRule('*')).toEqual({ is: 'all' });
    expect(eclRule('(<100001 OR <100002) AND <100003')).toMatchObject({
      is: 'and',
      rules: [{ is: 'or' }, { code: '100003' }],
    });
    expect(eclRule('<100001, <100002')).toMatchObject({ is: 'and' });
  });

  it.each([
    '',
    '<',
    '<100001 OR',
    '<100001 AND <100002 OR <100003',
    '<100001 MINUS <100002 MINUS <100003',
    '<100001 : 100002 = <100003',
    '<(100001)',
    '<100001 {{ D term = "x" }}',
    '100001.100002',
    '"; drop table',
    '('.repeat(100) + '100001' + ')'.repeat(100),
    `<${'1'.repeat(30)}`,
    ' '.repeat(5_000),
  ])('refuses %s', (text) => {
    expect(() => eclRule(text)).toThrow('not-supported');
  });
});
