/** The endpoints of surveys: a patient's own after her visit, and the office's results. */
import { requirePatient } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { requireOffice } from '../reminders/part.ts';
import { answerSurvey, readSurveyOf, skipSurvey } from './answer.ts';
import { questionsIn, readSurvey, surveyOf } from './questions.ts';
import { surveyResults } from './results.ts';

export function surveysPart(house: House): Part {
  return {
    routes(on) {
      on.onVisit(
        'GET',
        '/visits/:id/survey',
        { action: 'survey', verb: 'R' },
        [requirePatient],
        ({ row }) => readSurveyOf(house, row),
      );
      on.onVisit(
        'POST',
        '/visits/:id/survey',
        { action: 'answer-survey', verb: 'C' },
        [requirePatient],
        async ({ caller, row, req }) => {
          const questionnaire = await surveyOf(house, row.tenant);
          const answers = readSurvey(req.body, questionsIn(questionnaire));
          await answerSurvey(house, caller, row, questionnaire, answers);
          return readSurveyOf(house, row);
        },
      );
      on.onVisit(
        'POST',
        '/visits/:id/survey/skip',
        { action: 'skip-survey', verb: 'U' },
        [requirePatient],
        async ({ caller, row }) => {
          await skipSurvey(house, caller, row);
          return readSurveyOf(house, row);
        },
      );
      on.signedIn(
        'GET',
        '/surveys/results',
        { action: 'survey-results', verb: 'R' },
        [requireOffice],
        ({ caller }) => surveyResults(house, caller.tenant),
      );
    },
  };
}
