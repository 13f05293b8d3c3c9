/** Element and type names of FHIR that the demo's own charts do not use, for the dictionary to know them. */
const types =
  'Claim ExplanationOfBenefit Goal CarePlan Device ImagingStudy Medication MedicationAdministration MedicationStatement Coverage Provenance DocumentReference Specimen Media Task Communication Consent FamilyMemberHistory RelatedPerson QuestionnaireResponse';
const names =
  'relevantHistory supportingInfo adjudication amount currency productOrService billablePeriod insurance insurer provider outcome created use payment total diagnosisSequence diagnosisReference careTeamSequence informationSequence series modality bodySite numberOfInstances numberOfSeries started uid instance sopClass valueString valueCode valueDateTime valueInteger valueBoolean valueDecimal valueCoding questionnaire authored source linkId answer item sent received payload contentString contentType attachment content securityLabel policyRule dateTime scope provision bodyStructure performedDateTime recorded agent who onsetAge description lifecycleStatus addresses activity detail manufacturer expirationDate deviceName';

export const words = [
  ...types.split(' ').map((one) => `"resourceType":"${one}","id":"`),
  ...names.split(' ').map((one) => `"${one}":`),
  '"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/',
  '"http://hl7.org/fhir/us/core/StructureDefinition/us-core-',
  '"reference":"urn:uuid:',
  '"T00:00:00+00:00","2026-2025-2024-2023-2022-2021-2020-',
].join('');
