/** The intake that a clinic without its own asks: why, since when, how bad, what else, and the signs that cannot wait. */
import type { Questionnaire, QuestionnaireItem } from '@afar/fhir';
import { intakeUrl, redFlagExtension } from '../vocabulary.ts';

const flagged = [{ url: redFlagExtension, valueBoolean: true }];

const choice = (
  code: string,
  display: string,
): { valueCoding: { code: string; display: string } } => ({
  valueCoding: { code, display },
});

/**
 * Signs that are an emergency wherever they appear: chest pain, breathing, one-sided weakness or speech (FAST), heavy bleeding,
 * thoughts of suicide.
 */
const urgentSigns: QuestionnaireItem[] = [
  { linkId: 'chest-pain', text: 'Do you have chest pain or pressure now?' },
  { linkId: 'breathless', text: 'Is it hard for you to breathe, even at rest?' },
  {
    linkId: 'stroke',
    text: 'Is your face drooping, an arm weak, or your speech unclear, since today?',
  },
  { linkId: 'bleeding', text: 'Do you have bleeding that does not stop?' },
  { linkId: 'self-harm', text: 'Are you thinking of hurting yourself or ending your life?' },
].map((item) => ({ ...item, type: 'boolean', required: true, extension: flagged }));

export const defaultIntake: Questionnaire = {
  resourceType: 'Questionnaire',
  url: intakeUrl,
  version: '1',
  name: 'Intake',
  title: 'Before your visit',
  status: 'active',
  subjectType: ['Patient'],
  item: [
    {
      linkId: 'urgent',
      text: 'First, is it an emergency?',
      type: 'group',
      item: urgentSigns,
    },
    {
      linkId: 'chief-complaint',
      text: 'What brings you here, in your own words?',
      type: 'text',
      required: true,
      maxLength: 1000,
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
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueInteger: 0 },
        { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueInteger: 10 },
      ],
    },
    {
      linkId: 'fever',
      text: 'Have you measured a fever?',
      type: 'boolean',
      required: true,
    },
    {
      linkId: 'temperature',
      text: 'Highest temperature (°C)',
      type: 'decimal',
      enableWhen: [{ question: 'fever', operator: '=', answerBoolean: true }],
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueDecimal: 30 },
        { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueDecimal: 45 },
      ],
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
