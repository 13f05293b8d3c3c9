/** Clients that write until their server is killed, remember what was answered, and then ask for all of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from './people.ts';
import { killTree } from './process-tree.ts';
import { accountOf, clientToken, type Product } from './product.ts';

const system = 'urn:test:durability';

/** What the server said it had done. */
export interface Answered {
  /** Observations answered with 201. */
  single: Set<string>;
  /** Transactions sent, by their tag: how many resources each has when it is whole, and whether it was answered. */
  bundles: Map<string, boolean>;
  /** Request ids of everything answered. */
  requests: Set<string>;
  /** How many answers had each status; of 503, how many said when to come back. */
  statuses: Map<string, number>;
}

export const nothingAnswered = (): Answered => ({
  single: new Set(),
  bundles: new Map(),
  requests: new Set(),
  statuses: new Map(),
});

/** Resources in one transaction. */
const entries = 5;

const observation = (patient: string, value: number, identifier: string) => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system, value: identifier }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: new Date(1_790_000_000_000 + value * 60_000).toISOString(),
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});

export async function makePatient(product: Product): Promise<string> {
  const answer = await fetch(`${product.demo.fhirUrl}/Patient`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await clientToken(product)}`,
      'content-type': 'application/fhir+json',
    },
    body: JSON.stringify({
      resourceType: 'Patient',
      active: true,
      name: [{ family: 'Durability' }],
    }),
  });
  if (answer.status !== 201) throw new Error(`no patient: ${answer.status}`);
  return ((await answer.json()) as { id: string }).id;
}

function note({ statuses }: Answered, answer: Response): void {
  const retry = answer.headers.has('retry-after') ? ' with Retry-After' : '';
  const status = answer.status + retry;
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

async function writeOn(
  product: Product,
  token: string,
  patient: string,
  answered: Answered,
  over = () => false,
) {
  const post = async (path: string, body: object) => {
    const answer = await fetch(product.demo.fhirUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(body),
    });
    note(answered, answer);
    return answer;
  };
  for (let i = 0; !over(); i++) {
    try {
      if (i % 3 === 2) {
        const tag = randomUUID();
        answered.bundles.set(tag, false);
        const entry = Array.from({ length: entries }, (_, n) => ({
          fullUrl: `urn:uuid:${randomUUID()}`,
          request: { method: 'POST', url: 'Observation' },
          resource: observation(patient, n, tag),
        }));
        const answer = await post('', { resourceType: 'Bundle', type: 'transaction', entry });
        if (answer.status !== 200) continue;
        answered.bundles.set(tag, true);
        answered.requests.add(answer.headers.get('x-request-id')!);
      } else {
        const answer = await post('/Observation', observation(patient, i, randomUUID()));
        if (answer.status !== 201) continue;
        const id = /Observation\/([^/]+)/.exec(answer.headers.get('location')!)![1]!;
        answered.single.add(id);
        answered.requests.add(answer.headers.get('x-request-id')!);
      }
    } catch {
      return;
    }
  }
}

/** What is asked besides: answered in full, refused, broken, and where nobody is. */
const questions: { path: string; signedIn: boolean; init?: RequestInit }[] = [
  { path: '/Patient/{patient}', signedIn: true },
  { path: '/Observation?patient={patient}&_count=5', signedIn: true },
  { path: '/Patient/00000000-0000-7000-8000-000000000abc', signedIn: true },
  { path: '/Patient?no-such-parameter=1', signedIn: true },
  { path: '/Patient/{patient}', signedIn: false },
  { path: '/Observation', signedIn: true, init: { method: 'POST', body: '{"resourceType":' } },
  { path: '/../../api/nowhere', signedIn: false },
];

/** Asks in turn until the server is gone; every answer, of whatever status, must be in the trail. */
async function askOn(product: Product, token: string, patient: string, answered: Answered) {
  for (let i = 0; ; i++) {
    const { path, signedIn, init } = questions[i % questions.length]!;
    try {
      const answer = await fetch(product.demo.fhirUrl + path.replace('{patient}', patient), {
        ...init,
        headers: {
          'content-type': 'application/fhir+json',
          ...(signedIn && { authorization: `Bearer ${token}` }),
        },
      });
      // Answered is what arrived whole.
      await answer.arrayBuffer();
      answered.requests.add(answer.headers.get('x-request-id')!);
    } catch {
      return;
    }
  }
}

/** Six clients write and two ask; somewhere among a hundred answers every process of the product is killed at once. */
export async function writeAndKill(
  product: Product,
  patient: string,
  answered: Answered,
): Promise<number> {
  const token = await clientToken(product);
  const before = answered.requests.size;
  const writers = [
    ...Array.from({ length: 6 }, () => writeOn(product, token, patient, answered)),
    ...Array.from({ length: 2 }, () => askOn(product, token, patient, answered)),
  ];
  // Not a measurement: the kill only has to fall among the requests.
  while (answered.requests.size < before + 100) await sleep(10);
  await sleep(Math.random() * 200);
  const killed = await killTree(product.pid, product.data);
  await Promise.all(writers);
  return killed;
}

/** Six clients write while `fault` is done to the product and mended; they stop when writes are answered again. */
export async function writeThrough(
  product: Product,
  patient: string,
  answered: Answered,
  fault: () => Promise<void>,
): Promise<void> {
  const token = await clientToken(product);
  let over = false;
  const writers = Array.from({ length: 6 }, () =>
    writeOn(product, token, patient, answered, () => over),
  );
  const more = async (than: number) => {
    const until = Date.now() + 90_000;
    while (answered.requests.size < than + 20) {
      if (Date.now() > until) throw new Error('no write is answered any more');
      await sleep(20);
    }
  };
  try {
    await more(answered.requests.size);
    await fault();
    await more(answered.requests.size);
  } finally {
    over = true;
    await Promise.all(writers);
  }
}

interface AuditPage {
  rows: { requestId: string }[];
  next?: string;
}

async function auditedSince(product: Product, from: number): Promise<Set<string>> {
  const auditor = await signIn(product.baseUrl, accountOf(product, 'auditor'));
  const found = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await auditor.post<AuditPage>('/api/auditor/search', { from, limit: 200, cursor });
    if (page.status !== 200) throw new Error(`the audit trail answered ${page.status}`);
    for (const row of page.body.rows) found.add(row.requestId);
    cursor = page.body.next;
  } while (cursor);
  return found;
}

/** Everything that is not as it was answered; empty when nothing was lost. */
export async function losses(
  product: Product,
  answered: Answered,
  from: number,
): Promise<string[]> {
  const headers = { authorization: `Bearer ${await clientToken(product)}` };
  const lost: string[] = [];
  for (const id of answered.single) {
    const read = await fetch(`${product.demo.fhirUrl}/Observation/${id}`, { headers });
    if (read.status !== 200) lost.push(`Observation/${id} was answered, reads ${read.status}`);
  }
  for (const [tag, whole] of answered.bundles) {
    const url = `${product.demo.fhirUrl}/Observation?identifier=${system}|${tag}`;
    const bundle = (await (await fetch(url, { headers })).json()) as { entry?: unknown[] };
    const found = bundle.entry?.length ?? 0;
    if (found !== entries && (whole || found !== 0))
      lost.push(`transaction ${tag} (${whole ? '' : 'un'}answered) has ${found} of ${entries}`);
  }
  const audited = await auditedSince(product, from);
  for (const id of answered.requests)
    if (!audited.has(id)) lost.push(`request ${id} was answered and is not in the audit trail`);
  return lost;
}
