/** A day at the demo clinic through the product's own API, with words that nobody else would write. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Needle } from '../needles.ts';

export interface DemoFile {
  baseUrl: string;
  accounts: { role: string; email: string; name?: string }[];
  client: { clientId: string; clientSecret: string; scope: string };
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Ask = (method: Method, url: string, body?: object, headers?: object) => Promise<Answer>;

/** Words of the day: each goes into one place of the product, and is looked for afterwards. */
const words = {
  family: 'Quetzalburg-Fernwehova',
  given: 'Oumuamuline',
  mrn: 'LEAK-773311-ZX',
  phone: '+1 646 555 0177',
  email: 'oumuamuline.quetzalburg@example.org',
  line: '9 Brambleshire Crossing Walk',
  birthDate: '1977-03-29',
  reason: 'Burning feet since the marathon in Ljubljana',
  complaint: 'My left heel tingles like sparkling lemonade',
  medicines: 'Grandmother Apolonia gave me comfrey ointment',
  subjective: 'Tingling of the left heel after forty kilometres of cobblestones',
  assessment: 'Tarsal tunnel irritation without weakness of the toes',
  plan: 'Night splint from Wolfersheim orthopaedics for three weeks',
  addendum: 'Splint arrived in the wrong size, exchanged by courier',
  order: 'Nerve conduction study at Saint Eligius hospital',
  narrative: 'Observation narrative about the lemonade heel',
  wrongEmail: 'somebody.who.mistyped@quetzalburg.example.org',
  search: 'Fernwehova',
  failed: 'Zanzibarovic-Unsaved',
  user: 'Philippa Threadgoldsworthy',
  userEmail: 'philippa.threadgoldsworthy@example.org',
  code: '27171987005',
};

export function wordsOfTheDay(): Needle[] {
  return Object.entries(words).map(([key, text]) => ({ text, from: `a day: ${key}` }));
}

function asker(http: FastifyInstance, common: Record<string, string>): Ask {
  return async (method, url, body, headers = {}) => {
    const answer = await http.inject({
      method,
      url,
      headers: {
        ...common,
        ...(body && {
          'content-type': url.startsWith('/fhir') ? 'application/fhir+json' : 'application/json',
        }),
        ...headers,
      },
      ...(body && { payload: JSON.stringify(body) }),
    });
    const text = answer.payload;
    const json = text.startsWith('{') || text.startsWith('[');
    return {
      status: answer.statusCode,
      body: json ? (JSON.parse(text) as Record<string, unknown>) : { text },
    };
  };
}

async function signIn(http: FastifyInstance, demo: DemoFile, email: string): Promise<Ask> {
  const { host, origin } = new URL(demo.baseUrl);
  const answer = await http.inject({
    method: 'POST',
    url: '/auth/demo',
    headers: { host, origin, 'content-type': 'application/json' },
    payload: JSON.stringify({ email }),
  });
  const cookie = answer.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
  if (answer.statusCode !== 200) throw new Error(`no sign-in: ${answer.statusCode}`);
  return asker(http, { host, origin, cookie });
}

async function apiClient(http: FastifyInstance, demo: DemoFile): Promise<Ask> {
  const { client } = demo;
  const { host } = new URL(demo.baseUrl);
  const login = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  const answer = await http.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: {
      host,
      authorization: `Basic ${login}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: client.scope,
    }).toString(),
  });
  const { access_token: token } = answer.json<{ access_token: string }>();
  return asker(http, { host, authorization: `Bearer ${token}` });
}

function expectStatus(answer: Answer, what: string, ...wanted: number[]): Answer {
  if (!wanted.includes(answer.status))
    throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 600)}`);
  return answer;
}

const patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'urn:example:mrn', value: words.mrn }],
  name: [{ family: words.family, given: [words.given] }],
  telecom: [
    { system: 'phone', value: words.phone },
    { system: 'email', value: words.email },
  ],
  birthDate: words.birthDate,
  address: [{ line: [words.line], city: 'Springfield' }],
};

/** What a client of the API does: writes, searches, and fails. */
async function records(api: Ask): Promise<void> {
  const made = expectStatus(
    await api('POST', '/fhir/R4/Patient', patient, {
      'if-none-exist': `identifier=urn:example:mrn|${words.mrn}`,
      'idempotency-key': randomUUID(),
    }),
    'create a patient',
    201,
  );
  const subject = { reference: `Patient/${String(made.body['id'])}` };
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: words.code }],
      text: words.narrative,
    },
    subject,
    effectiveDateTime: '2026-10-01T10:00:00Z',
    valueString: words.complaint,
  };
  const stored = expectStatus(
    await api('POST', '/fhir/R4/Observation', observation),
    'create',
    201,
  );
  const url = `/fhir/R4/Observation/${String(stored.body['id'])}`;
  const patch = [{ op: 'add', path: '/note', value: [{ text: words.addendum }] }];
  expectStatus(
    await api('PATCH', url, patch, { 'content-type': 'application/json-patch+json' }),
    'patch',
    200,
  );
  // Sealed, and still found.
  for (const query of [
    `Patient?name=${words.search}`,
    `Patient?identifier=${words.mrn}`,
    `Patient?birthdate=${words.birthDate}&phone=${encodeURIComponent(words.phone)}`,
    `Observation?code=http://snomed.info/sct|${words.code}&patient=${subject.reference}`,
  ]) {
    const found = expectStatus(await api('GET', `/fhir/R4/${query}`), query.split('?')[0]!, 200);
    const entries = (found.body['entry'] ?? []) as unknown[];
    if (entries.length !== 1)
      throw new Error(`${query.split('?')[0]} found ${entries.length}, not 1`);
  }
  expectStatus(await api('DELETE', url), 'delete', 200, 204);
  // What is refused may be told in the log: the words of it may not.
  const faulty = { ...patient, name: [{ family: words.failed, unknownPart: words.failed }] };
  expectStatus(await api('POST', '/fhir/R4/Patient', faulty), 'a faulty patient', 400, 422);
  expectStatus(
    await api('GET', `/fhir/R4/Patient?${words.failed}=1&_sort=${words.failed}`),
    'a faulty search',
    200,
    400,
  );
  expectStatus(await api('GET', `/fhir/R4/Patient/${words.failed}`), 'a faulty id', 400, 404);
  const half = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { resource: patient, request: { method: 'POST', url: 'Patient' } },
      { resource: faulty, request: { method: 'POST', url: 'Patient' } },
    ],
  };
  expectStatus(await api('POST', '/fhir/R4', half), 'half a transaction', 400, 422);
}

/** From booking to the summary. */
async function visit(patientAsk: Ask, doctor: Ask, clinician: string): Promise<void> {
  const from = new Date(Date.now() + 3_600_000);
  const slots = expectStatus(
    await patientAsk('POST', '/api/slots', {
      clinician,
      from: from.toISOString(),
      to: new Date(from.getTime() + 3 * 86_400_000).toISOString(),
    }),
    'slots',
    200,
  ).body as unknown as { id: string }[];
  const booked = expectStatus(
    await patientAsk(
      'POST',
      '/api/appointments',
      { slotId: slots[3]!.id, type: 'video', reason: words.reason },
      { 'idempotency-key': randomUUID() },
    ),
    'book',
    201,
  );
  const id = String(booked.body['id']);
  const intake = expectStatus(
    await patientAsk('GET', `/api/appointments/${id}/intake`),
    'intake',
    200,
  );
  expectStatus(
    await patientAsk('POST', `/api/appointments/${id}/intake`, {
      answers: answersTo(intake.body['questions'] as Question[]),
    }),
    'answer the intake',
    200,
    201,
  );
  const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
  expectStatus(await patientAsk('POST', `/api/visits/${id}/arrive`, { checks }), 'arrive', 200);
  expectStatus(await doctor('POST', `/api/visits/${id}/admit`, {}), 'admit', 200);
  const sections = {
    subjective: words.subjective,
    objective: '',
    assessment: words.assessment,
    plan: words.plan,
  };
  const saved = expectStatus(
    await doctor('PUT', `/api/visits/${id}/note`, { revision: 0, sections }),
    'note',
    200,
  );
  expectStatus(
    await doctor(
      'POST',
      `/api/visits/${id}/orders`,
      { kind: 'follow-up', text: words.order },
      { 'idempotency-key': randomUUID() },
    ),
    'order',
    201,
  );
  expectStatus(
    await doctor('POST', `/api/visits/${id}/note/sign`, { revision: saved.body['revision'] }),
    'sign',
    200,
  );
  expectStatus(
    await doctor('POST', `/api/visits/${id}/note/addenda`, { text: words.addendum }),
    'addendum',
    201,
  );
  expectStatus(await doctor('POST', `/api/visits/${id}/end`, {}), 'end', 200);
  const summary = expectStatus(
    await patientAsk('GET', `/api/visits/${id}/summary`),
    'summary',
    200,
  );
  if (!JSON.stringify(summary.body).includes(words.plan))
    throw new Error('the summary lacks the plan');
}

interface Question {
  linkId: string;
  type: string;
  required: boolean;
  options?: { code: string }[];
  items?: Question[];
}

function answersTo(questions: Question[]): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const { linkId, type, required, options, items } of questions) {
    Object.assign(answers, answersTo(items ?? []));
    if (type === 'text')
      answers[linkId] = linkId === 'medicines' ? words.medicines : words.complaint;
    else if (!required) continue;
    else if (type === 'boolean') answers[linkId] = false;
    else if (type === 'integer') answers[linkId] = 4;
    else if (type === 'choice') answers[linkId] = options![0]!.code;
  }
  return answers;
}

/** Sign-ins that fail, a user made, the auditor's look: what touches no chart. */
async function office(
  http: FastifyInstance,
  demo: DemoFile,
  admin: Ask,
  auditor: Ask,
): Promise<void> {
  const { host, origin } = new URL(demo.baseUrl);
  const stranger = asker(http, { host, origin });
  expectStatus(
    await stranger('POST', '/auth/sign-in', { email: words.wrongEmail, password: 'not hers' }),
    'a stranger',
    401,
  );
  expectStatus(
    await admin('POST', '/api/office/users', {
      role: 'nurse',
      email: words.userEmail,
      name: words.user,
    }),
    'a new user is asked for',
    202,
  );
  expectStatus(await auditor('POST', '/api/auditor/search', { limit: 50 }), 'the trail', 200);
}

/** Plays the day. Throws when any step is not answered as it should be. */
export async function playADay(http: FastifyInstance, demo: DemoFile): Promise<void> {
  const by = (role: string, email = '') =>
    demo.accounts.find((one) => one.role === role && one.email.startsWith(email))!.email;
  await records(await apiClient(http, demo));
  const doctor = await signIn(http, demo, by('practitioner', 'oluwaseun'));
  const me = expectStatus(await doctor('GET', '/auth/me'), 'me', 200);
  const { id } = me.body['fhirUser'] as { id: string };
  await visit(await signIn(http, demo, by('patient', 'siobhan')), doctor, id);
  await office(
    http,
    demo,
    await signIn(http, demo, by('administrator')),
    await signIn(http, demo, by('auditor')),
  );
}
