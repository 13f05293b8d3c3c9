/** The role policy as data: which interactions each role has on each class of resource, and the exceptions by type. */
import type { ResourceClass } from '@afar/fhir';
import type { Role } from './caller.ts';
import type { Verb } from './verbs.ts';

const look: Verb[] = ['read', 'vread', 'history', 'search'];
const write: Verb[] = ['create', 'update', 'patch'];
const all: Verb[] = [...look, ...write, 'delete'];

/** Search parameters of a type, all of them; a comma means any of the values, as in a granular scope. */
export type Content = readonly (readonly [param: string, values: string])[];

export interface RolePolicy {
  classes: Partial<Record<ResourceClass, Verb[]>>;
  /** Replaces what the class says, for one type. */
  types: Record<string, Verb[]>;
  /** Of these types only what has such content: the rest is not there for the role, read or written, by any way. */
  within?: Record<string, Content>;
}

const nothing: Verb[] = [];

/** Types an administrator keeps; no clinical content among them. */
const administered = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'HealthcareService',
  'Schedule',
  'Questionnaire',
  'Endpoint',
  'OrganizationAffiliation',
];

/** Written by the house alone; a chart's own provenance is not for its readers to forge. */
const byTheHouse = { AuditEvent: nothing, Provenance: look };

/** Free times are told to everyone who signs in; of the machinery's other records staff see none. */
const timetable = { Slot: look, Schedule: look };

/** A wish to be told of what one may see anyway. Everybody sees her own only; exchange keeps them (exchange/subscriptions). */
const ownWishes = { Subscription: all };

/**
 * A note that waits for its supervisor is not released: patients, and whom they show their record to, see what was signed
 * [FHIR R4 valueset-composition-status].
 */
const released: Record<string, Content> = {
  Composition: [['status', 'final,amended,entered-in-error']],
};

// [HL7 v2 table 0074] the diagnostic services that make images; LOINC's and SNOMED CT's word for radiology.
const imaging =
  'RAD,RX,RUS,CT,CTH,CUS,NMR,NMS,OUS,VUS,XRC,http://loinc.org|LP29684-5,' +
  'http://snomed.info/sct|394914008,http://snomed.info/sct|363679005';

/** Orders somebody answers for with her signature; a proposal or a draft is nobody's order yet. */
const signedOrders: Content = [
  ['intent', 'order,original-order,reflex-order,filler-order,instance-order'],
  ['status', 'active,on-hold,cancelled,completed,entered-in-error,stopped'],
];

/**
 * Nobody but the system deletes clinical content: staff mark it `entered-in-error`, so that what was
 * once acted upon stays visible. Wildcard (system) callers are narrowed by their scopes instead.
 */
export const policy: Record<Role, RolePolicy> = {
  administrator: {
    classes: { directory: look, public: look, definitional: look },
    types: {
      ...Object.fromEntries(administered.map((type) => [type, all])),
      AuditEvent: nothing,
    },
  },
  practitioner: {
    classes: {
      patient: [...look, ...write],
      directory: look,
      public: look,
      definitional: look,
    },
    types: {
      ...byTheHouse,
      ...timetable,
      ...ownWishes,
      Task: [...look, ...write],
      // Consent is the patient's word; a clinician reads it and lives with it.
      Consent: look,
    },
  },
  nurse: {
    classes: {
      patient: look,
      directory: look,
      public: look,
      definitional: look,
    },
    types: {
      ...byTheHouse,
      ...timetable,
      ...ownWishes,
      Observation: [...look, ...write],
      Communication: [...look, ...write],
      CommunicationRequest: [...look, ...write],
      QuestionnaireResponse: [...look, ...write],
      Appointment: [...look, ...write],
      Encounter: [...look, 'update', 'patch'],
      Task: [...look, ...write],
      AllergyIntolerance: [...look, ...write],
      DocumentReference: [...look, 'create'],
      Media: [...look, 'create'],
      Binary: [...look, 'create'],
    },
  },
  trainee: {
    classes: {
      patient: [...look, ...write],
      directory: look,
      public: look,
      definitional: look,
    },
    types: {
      ...byTheHouse,
      ...timetable,
      ...ownWishes,
      Task: [...look, ...write],
      Consent: look,
    },
  },
  resident: {
    classes: { directory: look, public: look, definitional: look },
    types: {
      ...byTheHouse,
      Provenance: nothing,
      Patient: look,
      ImagingStudy: look,
      ServiceRequest: look,
      DiagnosticReport: [...look, ...write],
      Endpoint: look,
    },
    within: {
      ServiceRequest: [['category', imaging]],
      DiagnosticReport: [['category', imaging]],
    },
  },
  pharmacist: {
    classes: { directory: look, public: look, definitional: look },
    types: {
      ...byTheHouse,
      Provenance: nothing,
      Patient: look,
      MedicationRequest: look,
      MedicationDispense: [...look, ...write],
    },
    within: { MedicationRequest: signedOrders },
  },
  paramedic: {
    classes: { directory: look, public: look, definitional: look },
    types: {
      ...byTheHouse,
      Provenance: nothing,
      Patient: look,
      AllergyIntolerance: look,
      Condition: look,
      MedicationRequest: look,
      MedicationStatement: look,
      Immunization: look,
      Device: look,
      RelatedPerson: look,
      Consent: look,
    },
  },
  guest: {
    classes: { patient: look, directory: look, public: look, definitional: look },
    types: { ...byTheHouse, Provenance: nothing, Consent: nothing, RelatedPerson: nothing },
    within: released,
  },
  patient: {
    classes: {
      patient: look,
      directory: look,
      public: look,
      definitional: look,
    },
    types: {
      ...byTheHouse,
      Provenance: nothing,
      Appointment: [...look, ...write],
      QuestionnaireResponse: [...look, ...write],
      Communication: [...look, 'create'],
      Observation: [...look, 'create'],
      Consent: [...look, ...write],
      ...timetable,
      ...ownWishes,
      // Those that were given to her; what the staff has to do about her is theirs.
      Task: look,
    },
    within: { ...released, Task: [['code', 'urn:afar:task|for-patient']] },
  },
  auditor: {
    classes: {},
    types: { AuditEvent: ['read', 'search'] },
  },
  system: {
    classes: {
      patient: all,
      directory: all,
      public: all,
      definitional: all,
      operational: all,
    },
    // The trail is written by the house while it works, never through the API.
    types: { AuditEvent: ['read', 'search'] },
  },
};
