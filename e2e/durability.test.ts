/** What was answered survives: the whole process tree, database included, is killed while clients write. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn } from './people.ts';
import { killTree, treeOf } from './process-tree.ts';
import { accountOf, clientToken, freePort, type Product, startProduct } from './product.ts';

interface AuditPage {
  rows: { requestId: string; action: string }[];
  next?: string;
}

let data: string;
let port: string;
let product: Product;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'afar-durable-'));
  port = String(await freePort());
  product = await startProduct({ data, env: { AFAR_PORT: port } });
});

afterAll(async () => {
  await product.stop();
  await rm(data, { recursive: true, force: true });
});

interface Written {
  single: Map<string, string>; // observation id -> request id
  bundles: Map<string, string[]>; // tag -> observation ids
  requests: Set<string>;
}

const observation = (patient: string, value: number, identifier: string) => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: 'urn:test:durability', value: identifier }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: new Date(1_790_000_000_000 + value * 60_000).toISOString(),
  valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});

/** Writes one by one and in transactions of five until the connection breaks; keeps what was answered. */
async function writeUntilKilled(token: string, patient: string, written: Written): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  for (let i = 0; ; i++) {
    try {
      if (i % 3 === 2) {
        const tag = randomUUID();
        const answer = await fetch(product.demo.fhirUrl, {
          method: 'POST',
          headers,
          body: JSON.stringify({
            resourceType: 'Bundle',
            type: 'transaction',
            entry: Array.from({ length: 5 }, (_, n) => ({
              fullUrl: `urn:uuid:${randomUUID()}`,
              request: { method: 'POST', url: 'Observation' },
              resource: observation(patient, n, tag),
            })),
          }),
        });
        written.bundles.set(tag, []);
        if (answer.status === 200) {
          const body = (await answer.json()) as { entry: { response: { location: string } }[] };
          written.bundles.set(
            tag,
            body.entry.map((one) => /Observation\/([^/]+)/.exec(one.response.location)![1]!),
          );
          written.requests.add(answer.headers.get('x-request-id')!);
        }
      } else {
        const answer = await fetch(`${product.demo.fhirUrl}/Observation`, {
          method: 'POST',
          headers,
          body: JSON.stringify(observation(patient, i, randomUUID())),
        });
        if (answer.status === 201) {
          const body = (await answer.json()) as { id: string };
          written.single.set(body.id, answer.headers.get('x-request-id')!);
          written.requests.add(answer.headers.get('x-request-id')!);
        }
      }
    } catch {
      return;
    }
  }
}

async function auditedRequests(from: number): Promise<Set<string>> {
  const auditor = await signIn(product.baseUrl, accountOf(product, 'auditor'));
  const found = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await auditor.post<AuditPage>('/api/auditor/search', { from, limit: 200, cursor });
    expect(page.status).toBe(200);
    for (const row of page.body.rows) found.add(row.requestId);
    cursor = page.body.next;
  } while (cursor);
  return found;
}

it('kill -9 of server and database during writes loses nothing that was answered', async () => {
  const started = Date.now();
  const written: Written = { single: new Map(), bundles: new Map(), requests: new Set() };
  const token = await clientToken(product);
  const made = await fetch(`${product.demo.fhirUrl}/Patient`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'Patient',
      active: true,
      name: [{ family: 'Durability' }],
    }),
  });
  expect(made.status).toBe(201);
  const patient = ((await made.json()) as { id: string }).id;

  for (let round = 0; round < 3; round++) {
    const bearer = await clientToken(product);
    const before = written.requests.size;
    const writers = Array.from({ length: 6 }, () => writeUntilKilled(bearer, patient, written));
    // Not a measurement: the kill only has to fall among the writes.
    while (written.requests.size < before + 20) await sleep(10);
    await sleep(Math.random() * 200);
    expect(await killTree(product.pid, data)).toBeGreaterThan(3);
    await Promise.all(writers);
    product = await startProduct({ data, env: { AFAR_PORT: port } });
  }

  const bearer = await clientToken(product);
  const headers = { authorization: `Bearer ${bearer}` };
  for (const id of written.single.keys()) {
    const read = await fetch(`${product.demo.fhirUrl}/Observation/${id}`, { headers });
    expect(read.status, `Observation ${id} was answered with 201`).toBe(200);
  }
  for (const [tag, ids] of written.bundles) {
    const answer = await fetch(
      `${product.demo.fhirUrl}/Observation?identifier=urn:test:durability|${tag}`,
      { headers },
    );
    const bundle = (await answer.json()) as { entry?: unknown[] };
    const found = bundle.entry?.length ?? 0;
    // An answered transaction is whole; an unanswered one is whole or absent.
    expect(ids.length > 0 ? [5] : [0, 5], `transaction ${tag}`).toContain(found);
  }
  const audited = await auditedRequests(started);
  expect([...written.requests].filter((id) => !audited.has(id))).toEqual([]);
  expect(written.requests.size).toBeGreaterThanOrEqual(60);
});

it('SIGTERM drains and leaves no process behind', async () => {
  const pids = treeOf(product.pid, data);
  expect(pids.length).toBeGreaterThan(3);
  expect(await product.stop()).toBe(0);
  expect(treeOf(product.pid, data)).toEqual([]);
  product = await startProduct({ data, env: { AFAR_PORT: port } });
});
