/** Proof: ten times every process is killed while changes are written and told; each acknowledged change is told, in order, without a gap. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killTree } from '../process-tree.ts';
import { clientToken, freePort, startProduct, type Product } from '../product.ts';
import { makePatient } from '../writers.ts';

const rounds = 10;
const data = await mkdtemp(join(tmpdir(), 'afar-subscriptions-'));
const port = await freePort();
const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

interface Entry {
  fullUrl?: string;
  resource?: { parameter?: { name: string; part?: { name: string; valueString?: string }[] }[] };
}

const numbers: number[] = [];
const places = new Set<string>();
let handshakes = 0;
let bodies = 0;
const hook = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const { entry = [] } = JSON.parse(Buffer.concat(chunks).toString()) as { entry?: Entry[] };
    const events = (entry[0]?.resource?.parameter ?? []).filter(
      ({ name }) => name === 'notification-event',
    );
    bodies += 1;
    if (events.length === 0) handshakes += 1;
    for (const { part } of events)
      numbers.push(Number(part?.find(({ name }) => name === 'event-number')?.valueString));
    for (const { fullUrl } of entry.slice(1)) places.add(fullUrl!.split('/').at(-1)!);
    res.end();
  });
});
await new Promise<void>((done) => hook.listen(0, '127.0.0.1', done));
const endpoint = `http://127.0.0.1:${(hook.address() as { port: number }).port}/hook`;

const env = {
  AFAR_PORT: String(port),
  AFAR_OUTBOUND_ALLOW: '127.0.0.1',
  AFAR_OUTBOUND_HTTP: 'true',
};

async function post(product: Product, token: string, body: object) {
  const { resourceType } = body as { resourceType: string };
  const answer = await fetch(`${product.demo.fhirUrl}/${resourceType}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  const resource = (await answer.json()) as { id: string };
  if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
  return resource.id;
}

const answered: string[] = [];

async function writeUntilKilled(product: Product, token: string, patient: string): Promise<void> {
  for (;;)
    try {
      const id = await post(product, token, {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        subject: { reference: `Patient/${patient}` },
      });
      answered.push(id);
    } catch {
      return;
    }
}

let product = await startProduct({ data, env });
const patient = await makePatient(product);
await post(product, await clientToken(product), {
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'proof',
  criteria: 'urn:afar:topic:observation-change',
  _criteria: {
    extension: [
      {
        url: `${backport}/backport-filter-criteria`,
        valueString: `Observation?patient=Patient/${patient}&code=8867-4`,
      },
    ],
  },
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
});
while (handshakes === 0) await sleep(50);
// The answer to the handshake is what makes it active.
await sleep(1_000);

for (let round = 1; round <= rounds; round++) {
  const token = await clientToken(product);
  const before = answered.length;
  const writers = [1, 2, 3, 4].map(() => writeUntilKilled(product, token, patient));
  while (answered.length < before + 30) await sleep(10);
  await sleep(Math.random() * 400);
  const killed = await killTree(product.pid, product.data);
  await Promise.all(writers);
  console.log(
    `round ${round}: ${killed} processes killed, ${answered.length} changes acknowledged, ${new Set(numbers).size} told so far in ${bodies} notifications`,
  );
  product = await startProduct({ data, env });
}

const missing = () => answered.filter((id) => !places.has(id));
const began = Date.now();
while (missing().length > 0 && Date.now() - began < 120_000) await sleep(200);
const firsts = [...new Set(numbers)];
const inOrder = firsts.every((number, at) => number === at + 1);
console.log(
  `${answered.length} changes acknowledged, missing: ${missing().length}; ${firsts.length} event numbers, ${inOrder ? 'in order without gaps' : 'NOT IN ORDER'}; told again: ${numbers.length - firsts.length}`,
);
console.log(`the last was told ${((Date.now() - began) / 1000).toFixed(1)} s after the last start`);
await product.stop();
hook.closeAllConnections();
await new Promise((done) => hook.close(done));
await rm(data, { recursive: true, force: true });
process.exit(missing().length > 0 || !inOrder ? 1 : 0);
