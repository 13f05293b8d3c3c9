/** Invariants of what stands in a chart: findings, problems, medicines, plans, documents. */
import { parseReference } from '../reference-shape.ts';
import { ordered } from './datatypes.ts';
import {
  any,
  coded,
  either,
  exists,
  isOne,
  items,
  needs,
  notBoth,
  same,
  type Holds,
} from './words.ts';

const terms = 'http://terminology.hl7.org/CodeSystem/';
const mistaken =
  (system: string): Holds =>
  (value) =>
    coded(value, 'verificationStatus', terms + system, 'entered-in-error');
const allergyMistaken = mistaken('allergyintolerance-verification');
const conditionMistaken = mistaken('condition-ver-status');

/** R4 writes the system as `something`; these hold for any Consent that does not use that. */
const consentNeedsPatient =
  (code: string): Holds =>
  (value) =>
    exists(value, 'patient') || !coded(value, 'scope', 'something', code);

const later = (value: unknown, than: unknown): boolean => ordered(than, value);

export const chart: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  AllergyIntolerance: {
    'ait-1': (value) => allergyMistaken(value) || exists(value, 'clinicalStatus'),
    'ait-2': (value) => !allergyMistaken(value) || !exists(value, 'clinicalStatus'),
  },
  'CarePlan.activity': { 'cpl-3': notBoth('detail', 'reference') },
  'CareTeam.participant': {
    // What cannot be resolved passes; the address of a reference tells its type.
    'ctm-1': (value) => {
      if (!exists(value, 'onBehalfOf')) return true;
      return items(value, 'member').every(({ reference }) => {
        const { type, base } = typeof reference === 'string' ? parseReference(reference) : {};
        return type === undefined || base !== '' || type === 'Practitioner';
      });
    },
  },
  'Composition.section': {
    'cmp-1': any('text', 'entry', 'section'),
    'cmp-2': notBoth('emptyReason', 'entry'),
  },
  Condition: {
    'con-4': (value) =>
      !exists(value, 'abatement[x]') ||
      coded(
        value,
        'clinicalStatus',
        `${terms}condition-clinical`,
        'resolved',
        'remission',
        'inactive',
      ),
    'con-5': (value) => !conditionMistaken(value) || !exists(value, 'clinicalStatus'),
  },
  'Condition.stage': { 'con-1': any('summary', 'assessment') },
  'Condition.evidence': { 'con-2': any('code', 'detail') },
  Consent: {
    'ppc-1': any('policy', 'policyRule'),
    'ppc-2': consentNeedsPatient('patient-privacy'),
    'ppc-3': consentNeedsPatient('research'),
    'ppc-4': consentNeedsPatient('adr'),
    'ppc-5': consentNeedsPatient('treatment'),
  },
  FamilyMemberHistory: {
    'fhs-1': notBoth('age[x]', 'born[x]'),
    'fhs-2': needs('estimatedAge', 'age[x]'),
  },
  'Goal.target': { 'gol-1': needs('detail[x]', 'measure') },
  'Immunization.education': { 'imm-1': any('documentType', 'reference') },
  'ImmunizationRecommendation.recommendation': { 'imr-1': any('vaccineCode', 'targetDisease') },
  List: {
    'lst-1': notBoth('emptyReason', 'entry'),
    'lst-2': (value) =>
      value.mode === 'changes' || items(value, 'entry').every((one) => !exists(one, 'deleted')),
    'lst-3': (value) =>
      value.mode === 'working' || items(value, 'entry').every((one) => !exists(one, 'date')),
  },
  'MedicationAdministration.dosage': { 'mad-1': any('dose', 'rate[x]') },
  MedicationDispense: { 'mdd-1': (value) => later(value.whenHandedOver, value.whenPrepared) },
  Observation: {
    'obs-6': notBoth('dataAbsentReason', 'value[x]'),
    'obs-7': (value) => {
      if (value.component === undefined || !exists(value, 'value[x]')) return true;
      const own = items(value, 'code').flatMap((code) => items(code, 'coding'));
      return items(value, 'component')
        .flatMap((one) => items(one, 'code'))
        .flatMap((code) => items(code, 'coding'))
        .every((coding) => !own.some((one) => same(one, coding)));
    },
  },
  'Observation.referenceRange': { 'obs-3': any('low', 'high', 'text') },
  'Patient.contact': { 'pat-1': any('name', 'telecom', 'address', 'organization') },
  'QuestionnaireResponse.item': { 'qrs-1': notBoth('answer', 'item') },
  'RequestGroup.action': { 'rqg-1': either('resource', 'action') },
  'RiskAssessment.prediction': {
    'ras-2': ({ probabilityDecimal: chance }) => typeof chance !== 'number' || chance <= 100,
    'ras-1': (value) =>
      items(value, 'probabilityRange').every((range) =>
        ['low', 'high'].every((end) =>
          items(range, end).every(
            ({ code, system }) => isOne(code, '%') && isOne(system, 'http://unitsofmeasure.org'),
          ),
        ),
      ),
  },
  ServiceRequest: { 'prr-1': needs('orderDetail', 'code') },
};
