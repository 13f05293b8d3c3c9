/** Codes the demo uses, as plain codes: SNOMED CT, ICD-10, RxNorm, LOINC, CVX, and HL7's own systems. */
import type { CodeableConcept, Coding } from '@afar/fhir';

const hl7 = 'http://terminology.hl7.org/CodeSystem/';
export const system = {
  snomed: 'http://snomed.info/sct',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  loinc: 'http://loinc.org',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  ucum: 'http://unitsofmeasure.org',
  language: 'urn:ietf:bcp:47',
  actCode: `${hl7}v3-ActCode`,
  visitMode: 'urn:afar:visit-mode',
} as const;

/** A concept with one coding and the words a person reads. */
export function concept(
  system: string,
  code: string,
  display: string,
  text = display,
): CodeableConcept {
  return { coding: [{ system, code, display }], text };
}

export const snomed = (code: string, display: string, text = display): CodeableConcept =>
  concept(system.snomed, code, display, text);
export const rxnorm = (code: string, display: string, text = display): CodeableConcept =>
  concept(system.rxnorm, code, display, text);
export const loinc = (code: string, display: string, text = display): CodeableConcept =>
  concept(system.loinc, code, display, text);
export const cvx = (code: string, display: string): CodeableConcept =>
  concept(system.cvx, code, display);

/** A diagnosis in both of the systems that clinics use. */
export function diagnosis(
  code: string,
  display: string,
  icd10: string,
  text = display,
): CodeableConcept {
  return {
    coding: [
      { system: system.snomed, code, display },
      { system: system.icd10, code: icd10 },
    ],
    text,
  };
}

/** A code of one of HL7's own code systems, by the last part of its address. */
export const fromHl7 = (name: string, code: string, display?: string): CodeableConcept => ({
  coding: [{ system: `${hl7}${name}`, code, ...(display && { display }) }],
});
export const hl7Coding = (name: string, code: string, display: string): Coding => ({
  system: `${hl7}${name}`,
  code,
  display,
});

/** What a measurement is called, its unit, and what is normal for a grown-up. */
export interface Measure {
  code: string;
  display: string;
  /** As a clinician writes it; absent for a score. */
  unit: string;
  ucum: string;
  low?: number;
  high?: number;
  digits: number;
}

const measure = (
  code: string,
  display: string,
  unit: string,
  ucum: string,
  digits: number,
  low?: number,
  high?: number,
): Measure => ({ code, display, unit, ucum, digits, low, high });

/** Ranges as printed on the reports of common adult laboratories. */
export const measures = {
  heartRate: measure('8867-4', 'Heart rate', 'beats/min', '/min', 0, 60, 100),
  respiratoryRate: measure('9279-1', 'Respiratory rate', 'breaths/min', '/min', 0, 12, 20),
  temperature: measure('8310-5', 'Body temperature', '°C', 'Cel', 1, 36.1, 37.5),
  oxygen: measure('59408-5', 'Oxygen saturation by pulse oximetry', '%', '%', 0, 95, 100),
  weight: measure('29463-7', 'Body weight', 'kg', 'kg', 1),
  height: measure('8302-2', 'Body height', 'cm', 'cm', 0),
  bmi: measure('39156-5', 'Body mass index', 'kg/m²', 'kg/m2', 1, 18.5, 24.9),
  length: measure('8306-3', 'Body height, lying', 'cm', 'cm', 1),
  head: measure('9843-4', 'Head circumference', 'cm', 'cm', 1),
  peakFlow: measure('33452-4', 'Maximum expiratory gas flow rate', 'L/min', 'L/min', 0),
  a1c: measure('4548-4', 'Hemoglobin A1c', '%', '%', 1, 4, 5.6),
  glucose: measure('1558-6', 'Fasting glucose', 'mg/dL', 'mg/dL', 0, 70, 99),
  glucoseLoad: measure('20438-8', 'Glucose 1 hour after 50 g', 'mg/dL', 'mg/dL', 0, undefined, 139),
  cholesterol: measure('2093-3', 'Cholesterol, total', 'mg/dL', 'mg/dL', 0, undefined, 199),
  ldl: measure('13457-7', 'LDL cholesterol (calculated)', 'mg/dL', 'mg/dL', 0, undefined, 99),
  hdl: measure('2085-9', 'HDL cholesterol', 'mg/dL', 'mg/dL', 0, 40),
  triglycerides: measure('2571-8', 'Triglycerides', 'mg/dL', 'mg/dL', 0, undefined, 149),
  creatinine: measure('2160-0', 'Creatinine', 'mg/dL', 'mg/dL', 2, 0.6, 1.2),
  egfr: measure('98979-8', 'eGFR (CKD-EPI 2021)', 'mL/min/1.73 m²', 'mL/min/{1.73_m2}', 0, 60),
  sodium: measure('2951-2', 'Sodium', 'mmol/L', 'mmol/L', 0, 136, 145),
  potassium: measure('2823-3', 'Potassium', 'mmol/L', 'mmol/L', 1, 3.5, 5.1),
  urea: measure('3094-0', 'Urea nitrogen', 'mg/dL', 'mg/dL', 0, 7, 20),
  albuminRatio: measure('9318-7', 'Albumin/creatinine, urine', 'mg/g', 'mg/g', 0, undefined, 29),
  tsh: measure('3016-3', 'Thyrotropin (TSH)', 'mIU/L', 'm[IU]/L', 2, 0.4, 4),
  hemoglobin: measure('718-7', 'Hemoglobin', 'g/dL', 'g/dL', 1, 12, 16),
  leukocytes: measure('6690-2', 'Leukocytes', '10³/µL', '10*3/uL', 1, 4, 11),
  platelets: measure('777-3', 'Platelets', '10³/µL', '10*3/uL', 0, 150, 400),
  crp: measure('1988-5', 'C-reactive protein', 'mg/L', 'mg/L', 1, undefined, 5),
  sedimentation: measure(
    '4537-7',
    'Erythrocyte sedimentation rate',
    'mm/h',
    'mm/h',
    0,
    undefined,
    20,
  ),
  alt: measure('1742-6', 'Alanine aminotransferase (ALT)', 'U/L', 'U/L', 0, undefined, 40),
  urate: measure('3084-1', 'Uric acid', 'mg/dL', 'mg/dL', 1, 3.5, 7.2),
  natriuretic: measure('33762-6', 'NT-proBNP', 'pg/mL', 'pg/mL', 0, undefined, 300),
  phq9: measure('44261-6', 'PHQ-9 total score', '', '{score}', 0, undefined, 4),
  gad7: measure('70274-6', 'GAD-7 total score', '', '{score}', 0, undefined, 4),
} as const;

export type MeasureName = keyof typeof measures;

/** Panels a laboratory reports together. */
export const panels = {
  a1c: loinc('4548-4', 'Hemoglobin A1c', 'Hemoglobin A1c'),
  lipids: loinc('57698-3', 'Lipid panel with direct LDL - Serum or Plasma', 'Lipid panel'),
  metabolic: loinc('51990-0', 'Basic metabolic panel - Blood', 'Basic metabolic panel'),
  blood: loinc('58410-2', 'CBC panel - Blood by Automated count', 'Complete blood count'),
  thyroid: loinc('3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', 'Thyroid function'),
  inflammation: loinc(
    '1988-5',
    'C reactive protein [Mass/volume] in Serum or Plasma',
    'Inflammation markers',
  ),
  liver: loinc('24325-3', 'Hepatic function panel - Serum or Plasma', 'Liver function'),
  urine: loinc('9318-7', 'Albumin/Creatinine [Mass Ratio] in Urine', 'Urine albumin'),
  urate: loinc('3084-1', 'Urate [Mass/volume] in Serum or Plasma', 'Uric acid'),
  heart: loinc('33762-6', 'NT-proBNP [Mass/volume] in Serum or Plasma', 'Natriuretic peptide'),
  glucose: loinc(
    '20438-8',
    'Glucose [Mass/volume] in Serum or Plasma --1 hour post 50 g glucose PO',
    'Glucose screen',
  ),
} as const;
export type PanelName = keyof typeof panels;
