/** Two API processes over one database: nobody books what somebody else holds, and a change in one is seen in the other. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '@afar/platform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type Session, signIn } from './people.ts';
import { accountOf, clientToken, freePort, type Product, startProduct } from './product.ts';

let data: string;
let cluster: Awaited<ReturnType<typeof startCluster>>;
let one: Product;
let two: Product;

const quiet = { info() {}, warn() {}, error() {}, debug() {}, child: () => quiet };

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'afar-two-'));
  cluster = await startCluster({
    folder: join(data, 'database'),
    adminPassword: randomUUID(),
    log: quiet,
  });
  const env = { DATABASE_URL: cluster.adminUrl };
  one = await startProduct({ data, env: { ...env, AFAR_PORT: String(await freePort()) } });
  two = await startProduct({ data, env: { ...env, AFAR_PORT: String(await freePort()) } });
});

afterAll(async () => {
  await Promise.allSettled([one?.stop(), two?.stop()]);
  await cluster?.stop();
  await rm(data, { recursive: true, force: true });
});

interface Slot {
  id: string;
}

async function freeSlot(person: Session): Promise<Slot> {
  const { body } = await person.get<{ clinicians: { id: string }[] }>('/api/clinicians');
  const from = new Date(Date.now() + 3 * 86_400_000);
  const to = new Date(from.getTime() + 10 * 86_400_000);
  const slots = await person.post<Slot[]>('/api/slots', {
    clinician: body.clinicians[0]!.id,
    from: from.toISOString(),
    to: to.toISOString(),
  });
  expect(slots.status).toBe(200);
  return slots.body[0]!;
}

it('100 parallel bookings of one slot through two processes: one 201, ninety-nine 409', async () => {
  const ana = await signIn(one.baseUrl, accountOf(one, 'patient', 0));
  const ben = await signIn(two.baseUrl, accountOf(one, 'patient', 1));
  const slot = await freeSlot(ana);
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      (i % 2 ? ana : ben).post(
        '/api/appointments',
        { slotId: slot.id, type: 'video', reason: 'A cough for a week' },
        { 'idempotency-key': randomUUID() },
      ),
    ),
  );
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  expect({ booked: count(201), taken: count(409) }).toEqual({ booked: 1, taken: 99 });
});

it('the same idempotency key through both processes books once', async () => {
  const account = accountOf(one, 'patient', 0);
  const here = await signIn(one.baseUrl, account);
  const there = await signIn(two.baseUrl, account);
  const slot = await freeSlot(here);
  const key = randomUUID();
  const book = (person: Session): Promise<Answer<{ id: string }>> =>
    person.post(
      '/api/appointments',
      { slotId: slot.id, type: 'video', reason: 'A cough' },
      { 'idempotency-key': key },
    );
  const first = await book(here);
  const again = await book(there);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body.id).toBe(first.body.id);
});

it('what one process writes, the next read, search and name search of the other finds', async () => {
  const token = await clientToken(one);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  for (let i = 0; i < 20; i++) {
    const family = `Zweig${randomUUID().slice(0, 8)}`;
    const made = await fetch(`${one.baseUrl}/fhir/R4/Patient`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        resourceType: 'Patient',
        name: [{ family }],
        birthDate: '1961-02-03',
      }),
    });
    const { id } = (await made.json()) as { id: string };
    const found = await fetch(`${two.baseUrl}/fhir/R4/Patient?name=${family}`, { headers });
    const bundle = (await found.json()) as { entry?: { resource: { id: string } }[] };
    expect(bundle.entry?.map((entry) => entry.resource.id)).toEqual([id]);
    expect((await fetch(`${two.baseUrl}/fhir/R4/Patient/${id}`, { headers })).status).toBe(200);
  }
});

it('a user disabled in one process is refused by the other at once', async () => {
  const admin = await signIn(one.baseUrl, accountOf(one, 'administrator'));
  const victim = accountOf(one, 'nurse');
  const nurse = await signIn(two.baseUrl, victim);
  expect((await nurse.get('/auth/me')).status).toBe(200);
  const users = await admin.get<{ users: { id: string; email: string }[] }>(
    '/api/office/users?limit=100',
  );
  const id = users.body.users.find((user) => user.email === victim.email)!.id;
  expect((await admin.patch(`/api/office/users/${id}`, { status: 'disabled' })).status).toBe(200);
  expect((await nurse.get('/auth/me')).status).toBe(401);
  const asked = await admin.patch(`/api/office/users/${id}`, { status: 'active' });
  expect(asked.status).toBe(202);
  const second = await signIn(two.baseUrl, accountOf(two, 'administrator', 1));
  const { approval } = asked.body as { approval: { id: string } };
  expect((await second.post(`/api/office/approvals/${approval.id}/approve`)).status).toBe(200);
});
