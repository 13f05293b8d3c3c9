/** The role policy as data: which interactions each role has on each class of resource, and the exceptions by type. */
import type { ResourceClass } from '@afar/fhir';
import type { Role } from './caller.ts';
import type { Verb } from './verbs.ts';

const look: Verb[] = ['read', 'vread', 'history', 'search'];
const write: Verb[] = ['create', 'update', 'patch'];
const all: Verb[] = [...look, ...write, 'delete'];

export interface RolePolicy {
  classes: Partial<Record<ResourceClass, Verb[]>>;
  /** Replaces what the class says, for one type. */
  types: Record<string, Verb[]>;
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
      Media: look,
      Endpoint: look,
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
    },
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
