/** Invariants of the office: appointments, tasks, organizations, groups, bundles, parameters, the trail. */
import { ordered } from './datatypes.ts';
import {
  any,
  count,
  distinct,
  either,
  exists,
  isOne,
  items,
  notBoth,
  together,
  type Holds,
  type Json,
} from './words.ts';

const noneAtHome =
  (name: string): Holds =>
  (value) =>
    items(value, name).every(({ use }) => use !== 'home');

/** Entries of a bundle have this part exactly when the bundle is of one of these types. */
const entriesHave =
  (part: string, ...types: string[]): Holds =>
  (value) => {
    const wanted = isOne(value.type, ...types);
    return items(value, 'entry').every((one) => exists(one, part) === wanted);
  };

const startsWith = (value: Json, type: string, resourceType: string): boolean => {
  if (value.type !== type) return true;
  const [first] = items(value, 'entry');
  return first !== undefined && items(first, 'resource')[0]?.resourceType === resourceType;
};

const versionsAreDistinct: Holds = (value) => {
  if (value.type === 'history' || !Array.isArray(value.entry)) return true;
  return distinct(
    items(value, 'entry').flatMap((one) => {
      if (typeof one.fullUrl !== 'string') return [];
      const [resource = {}] = items(one, 'resource');
      const [meta = {}] = items(resource, 'meta');
      return [`${one.fullUrl}${typeof meta.versionId === 'string' ? meta.versionId : ''}`];
    }),
  );
};

export const office: Readonly<Record<string, Readonly<Record<string, Holds>>>> = {
  Appointment: {
    'app-2': together('start', 'end'),
    'app-3': (value) =>
      (exists(value, 'start') && exists(value, 'end')) ||
      isOne(value.status, 'proposed', 'cancelled', 'waitlist'),
    'app-4': (value) =>
      !exists(value, 'cancelationReason') || isOne(value.status, 'noshow', 'cancelled'),
  },
  'Appointment.participant': { 'app-1': any('type', 'actor') },
  AppointmentResponse: { 'apr-1': any('participantType', 'actor') },
  'AuditEvent.entity': { 'sev-1': notBoth('name', 'query') },
  Bundle: {
    'bdl-1': (value) => !exists(value, 'total') || isOne(value.type, 'searchset', 'history'),
    'bdl-2': (value) =>
      value.type === 'searchset' || items(value, 'entry').every((one) => !exists(one, 'search')),
    'bdl-3': entriesHave('request', 'batch', 'transaction', 'history'),
    'bdl-4': entriesHave('response', 'batch-response', 'transaction-response', 'history'),
    'bdl-7': versionsAreDistinct,
    'bdl-9': (value) =>
      value.type !== 'document' ||
      items(value, 'identifier').some((one) => exists(one, 'system') && exists(one, 'value')),
    'bdl-10': (value) => value.type !== 'document' || value.timestamp !== undefined,
    'bdl-11': (value) => startsWith(value, 'document', 'Composition'),
    'bdl-12': (value) => startsWith(value, 'message', 'MessageHeader'),
  },
  'Bundle.entry': {
    'bdl-5': any('resource', 'request', 'response'),
    'bdl-8': ({ fullUrl }) => typeof fullUrl !== 'string' || !fullUrl.includes('/_history/'),
  },
  'CoverageEligibilityResponse.insurance.item': { 'ces-1': either('category', 'productOrService') },
  Group: { 'grp-1': (value) => !exists(value, 'member') || value.actual === true },
  InsurancePlan: { 'ipn-1': any('identifier', 'name') },
  Linkage: { 'lnk-1': (value) => count(value, 'item') > 1 },
  Organization: {
    'org-1': any('identifier', 'name'),
    'org-2': noneAtHome('address'),
    'org-3': noneAtHome('telecom'),
  },
  'Parameters.parameter': {
    'inv-1': (value) =>
      ['part', 'value[x]', 'resource'].filter((name) => exists(value, name)).length === 1,
  },
  Task: { 'inv-1': ({ authoredOn, lastModified }) => ordered(authoredOn, lastModified) },
};
