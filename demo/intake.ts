/** The demo clinic's own intake: what a patient answers between booking and the visit. */
import type { Extension, Questionnaire, QuestionnaireItem } from '@afar/fhir';

/** The address that the visits room asks for; a clinic's own questionnaire of that address wins. */
const intakeUrl = 'urn:afar:questionnaire:intake';
/** Marks an answer that must not wait for a visit. */
const redFlag: Extension[] = [{ url: 'urn:afar:red-flag', valueBoolean: true }];

const bounds = (low: number, high: number): Extension[] => [
  { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueInteger: low },
  { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueInteger: high },
];

const choice = (code: string, display: string) => ({ valueCoding: { code, display } });

const urgent: QuestionnaireItem[] = (
  [
    ['chest-pain', 'Chest pain or pressure right now?'],
    ['breathless', 'Hard to breathe, even at rest?'],
    ['stroke', 'A drooping face, a weak arm or unclear speech since today?'],
    ['bleeding', 'Bleeding that does not stop?'],
    ['self-harm', 'Thoughts of hurting yourself or ending your life?'],
  ] as const
).map(([linkId, text]) => ({ linkId, text, type: 'boolean', required: true, extension: redFlag }));

export function intake(id: string): Questionnaire {
  return {
    resourceType: 'Questionnaire',
    id,
    url: intakeUrl,
    version: '1',
    name: 'HarborlightIntake',
    title: 'Before your visit',
    status: 'active',
    subjectType: ['Patient'],
    publisher: 'Harborlight Telehealth',
    description: 'Eight short questions. Your clinician reads the answers before the visit starts.',
    item: [
      { linkId: 'urgent', text: 'Do you have any of these today?', type: 'group', item: urgent },
      {
        linkId: 'chief-complaint',
        text: 'What brings you here, in your own words?',
        type: 'text',
        required: true,
        maxLength: 1000,
      },
      {
        linkId: 'symptoms',
        text: 'Which of these do you have?',
        type: 'choice',
        repeats: true,
        answerOption: [
          choice('headache', 'Headache'),
          choice('fever', 'Fever'),
          choice('cough', 'Cough'),
          choice('sore-throat', 'Sore throat'),
          choice('stomach', 'Stomach pain or nausea'),
          choice('rash', 'Rash'),
          choice('joints', 'Painful joints'),
          choice('mood', 'Low mood or worry'),
          choice('sleep', 'Trouble sleeping'),
          choice('none', 'None of these'),
        ],
      },
      {
        linkId: 'since',
        text: 'Since when?',
        type: 'choice',
        required: true,
        answerOption: [
          choice('today', 'Today'),
          choice('days', 'A few days'),
          choice('weeks', 'Some weeks'),
          choice('longer', 'Longer'),
        ],
      },
      {
        linkId: 'severity',
        text: 'How bad is it at its worst? (0 not at all, 10 as bad as can be)',
        type: 'integer',
        required: true,
        extension: bounds(0, 10),
      },
      {
        linkId: 'fever',
        text: 'Have you measured a temperature?',
        type: 'boolean',
        required: true,
      },
      {
        linkId: 'temperature',
        text: 'Highest temperature (°C)',
        type: 'decimal',
        enableWhen: [{ question: 'fever', operator: '=', answerBoolean: true }],
        extension: bounds(30, 45),
      },
      {
        linkId: 'medicines',
        text: 'Which medicines do you take now?',
        type: 'text',
        maxLength: 1000,
      },
      {
        linkId: 'allergies',
        text: 'Are you allergic to anything?',
        type: 'text',
        maxLength: 500,
      },
    ],
  };
}
