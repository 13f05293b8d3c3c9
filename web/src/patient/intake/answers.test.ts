/** Which questions are asked, and which answers are refused. */
import { describe, expect, it } from 'vitest';
import type { IntakeQuestion } from '@afar/visits/contract';
import { asked, enabled, faultsOf, progress, toSend } from './answers.ts';

const question = (linkId: string, more: Partial<IntakeQuestion> = {}): IntakeQuestion => ({
  linkId,
  text: linkId,
  type: 'string',
  required: false,
  repeats: false,
  ...more,
});

const questions: IntakeQuestion[] = [
  question('g', {
    type: 'group',
    items: [question('why', { required: true, maxLength: 5 }), question('since', { type: 'date' })],
  }),
  question('note', { type: 'display' }),
  question('smokes', { type: 'boolean', required: true }),
  question('many', {
    type: 'integer',
    required: true,
    enableWhen: [{ question: 'smokes', operator: '=', answer: true }],
  }),
];

describe('a questionnaire', () => {
  it('asks what is enabled, groups opened, and no display text', () => {
    expect(asked(questions, {}).map((one) => one.linkId)).toEqual(['why', 'since', 'smokes']);
    expect(asked(questions, { smokes: true }).map((one) => one.linkId)).toContain('many');
  });

  it('tells every fault at once', () => {
    expect(
      Object.fromEntries(
        faultsOf(questions, { smokes: true, many: 1.5, since: '2027-02-30', why: 'too long' }),
      ),
    ).toEqual({
      why: 'long',
      since: 'date',
      many: 'integer',
    });
    expect([...faultsOf(questions, {}).keys()]).toEqual(['why', 'smokes']);
  });

  it('takes "no" and zero for answers', () => {
    expect(faultsOf(questions, { why: 'x', smokes: false }).size).toBe(0);
    expect(faultsOf(questions, { why: 'x', smokes: true, many: 0 }).size).toBe(0);
  });

  it('does not send answers to questions that are no longer asked', () => {
    expect(toSend(questions, { why: 'x', smokes: false, many: 20, since: '' })).toEqual({
      why: 'x',
      smokes: false,
    });
  });

  it('knows all operators, and any or all', () => {
    const when = (operator: '>' | '<' | '>=' | '<=' | '!=' | 'exists', answer: number | boolean) =>
      enabled(question('x', { enableWhen: [{ question: 'n', operator, answer }] }), { n: 5 });
    expect([
      when('>', 4),
      when('<', 5),
      when('>=', 5),
      when('<=', 4),
      when('!=', 4),
      when('exists', true),
    ]).toEqual([true, false, true, false, true, true]);
    const two = question('x', {
      enableWhen: [
        { question: 'n', operator: '=', answer: 5 },
        { question: 'm', operator: 'exists', answer: true },
      ],
    });
    expect(enabled(two, { n: 5 })).toBe(false);
    expect(enabled({ ...two, enableBehavior: 'any' }, { n: 5 })).toBe(true);
  });

  it('counts how far one is', () => {
    expect(progress(questions, { why: 'x' })).toEqual({ all: 3, done: 1 });
  });
});
