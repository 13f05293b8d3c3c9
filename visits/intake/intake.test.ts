/** Answers of an intake: faults all at once, questions that are not asked, signs that cannot wait. */
import { Refusal } from '@afar/fhir';
import type { Questionnaire } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { redFlagExtension } from '../vocabulary.ts';
import { answersIn, readAnswers, responseItems } from './answers.ts';
import { defaultIntake } from './default-questionnaire.ts';
import { questionsOf, redFlags } from './questions.ts';

const well = {
  'chest-pain': false,
  breathless: false,
  stroke: false,
  bleeding: false,
  'self-harm': false,
  'chief-complaint': 'A rash on my arm',
  since: 'days',
  severity: 3,
  fever: false,
};

/** Faults as `linkId: what is wanted`; any other failure passes on. */
function faultsOf(answers: unknown, questionnaire: Questionnaire = defaultIntake): string[] {
  try {
    readAnswers(questionnaire, { answers });
    return [];
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 422) throw error;
    return error.outcome.issue.map((one) => `${one.expression?.[0]}: ${one.diagnostics}`);
  }
}

describe('answers of the intake', () => {
  it('complete ones pass, and come back from the FHIR response unchanged', () => {
    const answers = readAnswers(defaultIntake, { answers: well });
    expect(answersIn(responseItems(defaultIntake.item, answers))).toEqual(well);
  });

  it('every fault is told at once, with the question it belongs to', () => {
    expect(
      faultsOf({
        ...well,
        stroke: 'yes',
        'chief-complaint': '   ',
        since: 'yesteryear',
        severity: 11,
        fever: undefined,
        nonsense: 1,
      }),
    ).toEqual([
      'stroke: yes or no',
      'chief-complaint: some text',
      'since: one of the choices',
      'severity: from 0 to 10',
      'fever: an answer',
      'answers: no such question',
    ]);
  });

  it('a question behind enableWhen is neither demanded nor kept while it is not asked', () => {
    expect(
      readAnswers(defaultIntake, { answers: { ...well, temperature: 39 } }),
    ).not.toHaveProperty('temperature');
    expect(
      readAnswers(defaultIntake, { answers: { ...well, fever: true, temperature: 39.2 } }),
    ).toHaveProperty('temperature', 39.2);
    expect(faultsOf({ ...well, fever: true, temperature: 390 })).toEqual([
      'temperature: from 30 to 45',
    ]);
  });

  it('inherited names are not answers', () => {
    expect(faultsOf({ ...well, 'chief-complaint': undefined, constructor: 'x' })).toEqual([
      'chief-complaint: an answer',
      'answers: no such question',
    ]);
    expect(faultsOf('text')).toEqual(['answers: an object from linkId to answer']);
    expect(faultsOf({ ...well, medicines: ['a', 'b'] })).toEqual(['medicines: one answer']);
    expect(faultsOf({ ...well, medicines: 'x'.repeat(1001) })).toEqual([
      'medicines: at most 1000 characters',
    ]);
  });

  it('each urgent sign raises a red flag, and only a yes does', () => {
    expect(redFlags(defaultIntake, well)).toEqual([]);
    for (const sign of ['chest-pain', 'breathless', 'stroke', 'bleeding', 'self-harm'])
      expect(redFlags(defaultIntake, { ...well, [sign]: true })).toEqual([sign]);
  });

  it('a marked choice raises it too', () => {
    const own: Questionnaire = {
      resourceType: 'Questionnaire',
      status: 'active',
      item: [
        {
          linkId: 'pain',
          type: 'choice',
          answerOption: [
            { valueCoding: { code: 'none' } },
            {
              valueCoding: { code: 'unbearable' },
              extension: [{ url: redFlagExtension, valueBoolean: true }],
            },
          ],
        },
      ],
    };
    expect(redFlags(own, { pain: 'none' })).toEqual([]);
    expect(redFlags(own, { pain: 'unbearable' })).toEqual(['pain']);
  });

  it('questions keep the nesting and order of the questionnaire', () => {
    expect(questionsOf(defaultIntake.item).map((one) => one.linkId)).toEqual([
      'urgent',
      'chief-complaint',
      'since',
      'severity',
      'fever',
      'temperature',
      'medicines',
      'allergies',
    ]);
  });
});
