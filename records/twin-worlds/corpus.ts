/** What the restricted callers ask: every way of asking that the store has, aimed at what is hidden. */
import { known } from './people.ts';

export interface Ask {
  /** The hop it aims at, for the report. */
  name: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const get = (name: string, url: string): Ask => ({ name, method: 'GET', url });
const k = known;
const types = [
  'Patient',
  'Observation',
  'Encounter',
  'DiagnosticReport',
  'CareTeam',
  'Provenance',
  'Organization',
  'Practitioner',
];

/** Changes nothing. */
export const questions: readonly Ask[] = [
  ...types.flatMap((type) => [
    get('base', `/${type}`),
    get('total', `/${type}?_summary=count`),
    get('total', `/${type}?_total=accurate&_count=1`),
    get('sort', `/${type}?_sort=_lastUpdated`),
    get('sort', `/${type}?_sort=-_lastUpdated&_count=2`),
    get('sort', `/${type}?_sort=_id&_count=2`),
    get('history of a type', `/${type}/_history?_count=3`),
  ]),
  get('history of the system', '/_history?_count=5'),
  get('history of the system', '/_history?_since=2026-01-01T00:00:00Z'),
  ...[k.hidden, k.only].flatMap((patient) => [
    get('read', `/Patient/${patient}`),
    { name: 'head', method: 'HEAD' as const, url: `/Patient/${patient}` },
    get('vread', `/Patient/${patient}/_history/1`),
    get('history', `/Patient/${patient}/_history`),
    get('everything', `/Patient/${patient}/$everything`),
    get('meta', `/Patient/${patient}/$meta`),
    get('compartment', `/Patient/${patient}/Observation`),
    get('compartment', `/Patient/${patient}/*`),
    get('by patient', `/Observation?patient=${patient}`),
    get('by patient', `/Observation?patient=${patient}&code=29463-7`),
    get('by patient', `/Observation?subject=Patient/${patient}&_sort=-date`),
    get('by patient', `/Encounter?patient=${patient}&date=ge2026`),
    get('by id', `/Patient?_id=${patient}`),
    get('_has', `/Organization?_has:Patient:organization:_id=${patient}`),
    get('_has', `/Organization?_has:Encounter:service-provider:patient=${patient}`),
    get('revinclude', `/Organization?_revinclude=Patient:organization&_id=${k.clinic}`),
  ]),
  get('read', `/Observation/${k.hiddenWeight}`),
  get('read', `/Observation/${k.annasSecret}`),
  get('read', `/Observation/${k.moved}`),
  get('vread', `/Observation/${k.moved}/_history/1`),
  get('vread', `/Observation/${k.moved}/_history/2`),
  get('history', `/Observation/${k.moved}/_history`),
  get('history', `/Observation/${k.annasSecret}/_history`),
  get('deleted', `/Observation/${k.gone}`),
  get('deleted', `/Observation/${k.gone}/_history`),
  get('deleted', `/Observation/${k.gone}/_history/2`),
  get('read', '/Patient/MRN-9'),
  get('by patient', '/Observation?patient=MRN-9'),
  get('unknown', `/Observation/99999999-0000-4000-8000-000000000000`),
  get('by id', `/Observation?_id=${k.hiddenWeight},${k.annasWeight},${k.moved},${k.gone}`),
  get('by code', '/Observation?code=http://loinc.org|29463-7'),
  get('by code', '/Observation?code=29463-7&_count=1'),
  get('by code', '/Observation?code=29463-7&_sort=date&_count=2'),
  get('by code', '/Observation?code:text=weig'),
  get('by category', '/Observation?category=vital-signs&_summary=count'),
  get('not', '/Observation?status:not=amended'),
  get('missing', '/Observation?device:missing=true'),
  get('by date', '/Observation?date=ge2026-01-01&_sort=-date'),
  get('by date', '/Observation?date=2026-08&_total=accurate'),
  get('by value', '/Observation?value-quantity=61|http://unitsofmeasure.org|kg'),
  get('by value', '/Observation?code-value-quantity=29463-7$61'),
  get('by edge', `/Observation?encounter=${k.hiddenVisit}`),
  get('by edge', `/Encounter?service-provider=${k.clinic}&_total=accurate`),
  get('by edge', `/Patient?general-practitioner=${k.doctor}`),
  get('by name', '/Patient?name=Vale'),
  get('by name', '/Patient?name=Zorn'),
  get('by name', '/Patient?family:contains=al&_sort=-birthdate'),
  get('by name', '/Patient?family:exact=Vale&_count=1'),
  get('by sound', '/Patient?phonetic=Vail'),
  get('by name', '/Patient?given=Sam&_sort=name&_count=1'),
  get('by birth date', '/Patient?birthdate=1980'),
  get('by birth date', '/Patient?birthdate=le1950&_summary=count'),
  get('by birth date', '/Patient?_sort=birthdate&_count=1'),
  get('by identifier', '/Patient?identifier=urn:mrn|H-9'),
  get('by identifier', '/Patient?identifier=H-7'),
  get('chain', '/Observation?subject:Patient.name=Vale'),
  get('chain', '/Observation?patient.identifier=urn:mrn|H-9'),
  get('chain', '/Observation?encounter.patient.birthdate=1980'),
  get('chain', '/Observation?encounter.service-provider.name=Harbour&_summary=count'),
  get('chain', '/DiagnosticReport?result.value-quantity=gt80'),
  get('chain', `/DiagnosticReport?result.patient=${k.hidden}`),
  get('_has', '/Patient?_has:Observation:patient:code=29463-7'),
  get('_has', '/Patient?_has:Observation:patient:value-quantity=gt80'),
  get('_has', '/Organization?_has:Encounter:service-provider:date=2026-03-20'),
  get(
    '_has',
    '/Organization?_has:Encounter:service-provider:_has:Observation:encounter:value-quantity=gt85',
  ),
  get('_has', `/Practitioner?_has:Patient:general-practitioner:name=Zorn`),
  get('_has', `/Practitioner?_has:Observation:performer:value-quantity=gt85`),
  get('include', '/DiagnosticReport?_include=DiagnosticReport:result'),
  get('include', '/DiagnosticReport?_include=*&_include:iterate=Observation:*'),
  get('include', '/Observation?_include=Observation:subject&_include:iterate=Patient:organization'),
  get(
    'revinclude',
    `/Organization?_id=${k.clinic}&_revinclude=Encounter:service-provider&_revinclude:iterate=Observation:encounter`,
  ),
  get(
    'revinclude',
    `/Practitioner?_id=${k.doctor}&_revinclude=Provenance:agent&_revinclude=Patient:general-practitioner`,
  ),
  get(
    'revinclude',
    '/Patient?name=Vale&_revinclude=Provenance:target&_revinclude=Observation:subject',
  ),
  get('system search', '/?_type=Patient,Observation&_lastUpdated=ge2020'),
  get('system search', '/?_type=Patient,Encounter,Observation&_count=3'),
  get('compartment', `/Practitioner/${k.doctor}/Observation`),
  get('compartment', `/Encounter/${k.hiddenVisit}/Observation`),
  get('compartment', `/Patient/${k.anna}/Observation`),
  get('everything', `/Patient/${k.anna}/$everything`),
  get('everything', `/Patient/${k.anna}/$everything?_count=2`),
  get('everything', '/Patient/$everything'),
  get('everything', `/Encounter/${k.annasVisit}/$everything`),
  get('everything', `/Encounter/${k.hiddenVisit}/$everything`),
  get('meta', '/Observation/$meta'),
  get('meta', '/$meta'),
  get('filter', `/Patient?_filter=name eq "Zorn" or birthdate lt 1950-01-01`),
  get('filter', '/Observation?_filter=code eq 29463-7 and value-quantity gt 85'),
  {
    name: 'validate',
    method: 'POST',
    url: '/Observation/$validate',
    body: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/${k.only}` },
    },
  },
  {
    name: 'batch',
    method: 'POST',
    url: '/',
    body: {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        `Patient/${k.hidden}`,
        `Patient/${k.only}`,
        'Observation?code=29463-7',
        `Observation/${k.moved}/_history`,
        `Patient/${k.hidden}/_history`,
        `Patient/${k.hidden}/$everything`,
        `Patient/${k.hidden}/Observation`,
        `Encounter/${k.hiddenVisit}/$everything`,
        `Observation/${k.hiddenWeight}/$meta`,
        `?_type=Observation,Patient&_sort=_lastUpdated`,
      ].map((url) => ({ request: { method: 'GET', url } })),
    },
  },
];

const observation = (patient: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'preliminary',
  code: { text: 'written by a twin' },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

/** Writes, or tries to. The order matters: each clinic goes through all of them. */
export const deeds: readonly Ask[] = [
  ...[k.hidden, k.only, '99999999-0000-4000-8000-000000000000'].flatMap((patient): Ask[] => [
    {
      name: 'write-time reference',
      method: 'POST',
      url: '/Observation',
      body: observation(patient),
    },
    {
      name: 'write-time reference',
      method: 'POST',
      url: '/Observation',
      body: observation(k.anna, { performer: [{ reference: `Patient/${patient}` }] }),
    },
    {
      name: 'patch',
      method: 'PATCH',
      url: `/Patient/${patient}`,
      body: [{ op: 'test', path: '/name/0/family', value: 'Zorn' }],
      headers: { 'content-type': 'application/json-patch+json' },
    },
    { name: 'delete', method: 'DELETE', url: `/Patient/${patient}` },
    {
      name: 'if-match',
      method: 'DELETE',
      url: `/Patient/${patient}`,
      headers: { 'if-match': 'W/"1"' },
    },
  ]),
  // An id of the caller's own choice tells by 201 or 404 whether it is taken: that cannot be helped, and random ids cannot be
  // guessed. So the hidden id is one that both clinics have.
  {
    name: 'update onto it',
    method: 'PUT',
    url: `/Patient/${k.hidden}`,
    body: { resourceType: 'Patient', id: k.hidden, name: [{ family: 'Taken' }] },
  },
  {
    name: 'update onto a name',
    method: 'PUT',
    url: '/Patient/MRN-9',
    body: { resourceType: 'Patient', id: 'MRN-9', name: [{ family: 'Taken' }] },
  },
  {
    name: 'update onto a name',
    method: 'POST',
    url: '/',
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { resourceType: 'Patient', id: 'MRN-9', name: [{ family: 'Taken' }] },
          request: { method: 'PUT', url: 'Patient/MRN-9' },
        },
      ],
    },
  },
  { name: 'write-time reference', method: 'POST', url: '/Observation', body: observation('MRN-9') },
  { name: 'delete', method: 'DELETE', url: `/Observation/${k.hiddenWeight}` },
  { name: 'delete', method: 'DELETE', url: `/Observation/${k.gone}` },
  ...['urn:mrn|H-9', 'urn:mrn|H-7', 'urn:mrn|A-2'].flatMap((identifier): Ask[] => [
    {
      name: 'conditional create',
      method: 'POST',
      url: '/Patient',
      body: { resourceType: 'Patient', name: [{ family: 'New' }] },
      headers: { 'if-none-exist': `identifier=${identifier}`, prefer: 'return=minimal' },
    },
    {
      name: 'conditional update',
      method: 'PUT',
      url: `/Patient?identifier=${identifier}`,
      body: { resourceType: 'Patient', name: [{ family: 'New' }] },
      headers: { prefer: 'return=minimal' },
    },
    { name: 'conditional delete', method: 'DELETE', url: `/Patient?identifier=${identifier}` },
    {
      name: 'conditional patch',
      method: 'PATCH',
      url: `/Patient?identifier=${identifier}`,
      body: [{ op: 'add', path: '/active', value: true }],
      headers: { 'content-type': 'application/json-patch+json' },
    },
    ...(['transaction', 'batch'] as const).map((type): Ask => ({
      name: 'conditional reference',
      method: 'POST',
      url: '/',
      body: {
        resourceType: 'Bundle',
        type,
        entry: [
          {
            resource: {
              resourceType: 'Observation',
              status: 'final',
              code: { text: 'x' },
              subject: { reference: `Patient/${k.anna}` },
              performer: [{ reference: `Patient?identifier=${identifier}` }],
            },
            request: { method: 'POST', url: 'Observation' },
          },
        ],
      },
    })),
  ]),
  ...[
    {
      method: 'PUT',
      url: `Observation/${k.hiddenWeight}`,
      resource: { ...observation(k.anna), id: k.hiddenWeight },
    },
    { method: 'DELETE', url: `Observation/${k.hiddenWeight}` },
    { method: 'GET', url: `Observation/${k.hiddenWeight}` },
  ].map(({ resource, ...request }): Ask => ({
    name: 'transaction',
    method: 'POST',
    url: '/',
    body: { resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] },
  })),
  { name: 'conditional delete', method: 'DELETE', url: '/Observation?value-quantity=90' },
  { name: 'conditional delete', method: 'DELETE', url: '/Observation?code=none&_count=5' },
];
