/** What those ask of whom a role or token hides a part of a chart they hold, aimed at that part. */
import type { Ask } from './corpus.ts';
import { known } from './people.ts';
import { held } from './roles.ts';

const get = (name: string, url: string): Ask => ({ name, method: 'GET', url });
const hidden: readonly (readonly [type: string, rid: string, patient: string])[] = [
  ['DiagnosticReport', held.rheasLab, held.rhea],
  ['Observation', held.rheasWeight, held.rhea],
  ['MedicationRequest', held.philsDraft, held.phil],
  ['Condition', held.philsProblem, held.phil],
  ['Composition', held.norasWaiting, held.nora],
];

/** Changes nothing. */
export const aimed: readonly Ask[] = [
  ...hidden.flatMap(([type, rid, patient]) => [
    get('base', `/${type}`),
    get('total', `/${type}?_total=accurate&_count=1`),
    get('total', `/${type}?_summary=count`),
    get('sort', `/${type}?_sort=-_lastUpdated&_count=1`),
    get('read', `/${type}/${rid}`),
    { name: 'head', method: 'HEAD' as const, url: `/${type}/${rid}` },
    get('vread', `/${type}/${rid}/_history/1`),
    get('history', `/${type}/${rid}/_history`),
    get('history of a type', `/${type}/_history`),
    get('by id', `/${type}?_id=${rid}`),
    get('by patient', `/${type}?patient=${patient}`),
    get('compartment', `/Patient/${patient}/${type}`),
    get('everything', `/Patient/${patient}/$everything`),
    get('revinclude', `/Patient?_id=${patient}&_revinclude=${type}:patient`),
    get('_has', `/Patient?_has:${type}:patient:_id=${rid}`),
    get('meta', `/${type}/${rid}/$meta`),
    get('meta', `/${type}/$meta`),
  ]),
  get('history of the system', '/_history'),
  get(
    'system search',
    '/?_type=Patient,Composition,Observation,DiagnosticReport,MedicationRequest',
  ),
  get('chain', '/DiagnosticReport?result.value-quantity=gt80'),
  get('chain', '/MedicationRequest?medication.code=x'),
  get('_has', '/Patient?_has:Observation:patient:value-quantity=gt80'),
  get('_has', '/Patient?_has:Composition:patient:title=Suspected'),
  get('_has', '/Patient?_has:Composition:patient:status=preliminary'),
  get('_has', '/Patient?_has:MedicationRequest:patient:status=draft'),
  get('_has', '/Patient?_has:MedicationRequest:patient:authoredon=2026-03-02&_total=accurate'),
  get('_has', `/Practitioner?_has:Composition:author:title=Suspected&_id=${known.doctor}`),
  get('include', `/DiagnosticReport?_include=*&_id=${held.rheasImage}`),
  get('include', `/MedicationRequest?_include=*&_id=${held.philsOrder}`),
  get('revinclude', `/Practitioner?_id=${known.doctor}&_revinclude=Composition:author`),
  get('by status', '/Composition?status=preliminary&_summary=count'),
  get('by status', '/Composition?status:not=final'),
  get('by status', '/MedicationRequest?status=draft'),
  get('by category', '/DiagnosticReport?category=LAB&_summary=count'),
  get('by text', '/DiagnosticReport?code:text=HIV'),
  get('by title', '/Composition?title=Suspected'),
  {
    name: 'batch',
    method: 'POST',
    url: '/',
    body: {
      resourceType: 'Bundle',
      type: 'batch',
      entry: hidden
        .flatMap(([type, rid]) => [
          `${type}/${rid}`,
          `${type}/${rid}/_history`,
          `${type}?_id=${rid}`,
        ])
        .map((url) => ({ request: { method: 'GET', url } })),
    },
  },
];

const patch = { 'content-type': 'application/json-patch+json' };

/** Writes, or tries to: what is hidden is told by no conflict, no test and no refusal. */
export const aimedDeeds: readonly Ask[] = hidden.flatMap(([type, rid, patient]): Ask[] => [
  {
    name: 'patch',
    method: 'PATCH',
    url: `/${type}/${rid}`,
    body: [{ op: 'test', path: '/status', value: 'final' }],
    headers: patch,
  },
  { name: 'if-match', method: 'DELETE', url: `/${type}/${rid}`, headers: { 'if-match': 'W/"7"' } },
  {
    name: 'conditional patch',
    method: 'PATCH',
    url: `/${type}?_id=${rid}`,
    body: [{ op: 'add', path: '/language', value: 'en' }],
    headers: patch,
  },
  {
    name: 'conditional create',
    method: 'POST',
    url: '/DiagnosticReport',
    body: {
      resourceType: 'DiagnosticReport',
      status: 'preliminary',
      category: [{ coding: [{ code: 'CT' }] }],
      code: { text: 'x' },
      subject: { reference: `Patient/${patient}` },
    },
    headers: { 'if-none-exist': `result=${rid}`, prefer: 'return=minimal' },
  },
]);
