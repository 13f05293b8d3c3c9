/** What bounds a subscription: an endpoint that does not keep up, a hook that writes back, a body that is too long, an end. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Subscription } from '@afar/fhir';
import { openClinic, topical, until, type Clinic } from '../testing/clinic.ts';
import { openReceiver, type Receiver } from '../testing/receiver.ts';

let clinic: Clinic;
let hook: Receiver;
beforeAll(async () => {
  clinic = await openClinic({
    subscriptions: { backlog: 5, tries: 1_000, backoffMs: 5_000, notificationBytes: 4_000 },
  });
  hook = await openReceiver();
});
afterAll(async () => {
  await clinic.close();
  await hook.close();
});
afterEach(() => {
  hook.got.length = 0;
  hook.answer(() => 200);
});

const stateOf = async (caller: Caller, id: string) =>
  (await clinic.records.read<Subscription>(caller, 'Subscription', id)).resource;

async function subscribe(caller: Caller, wish: Subscription): Promise<string> {
  const { id } = await clinic.records.create(caller, wish);
  await until(async () => (await stateOf(caller, id)).status === 'active', 'active');
  return id;
}

it('an endpoint that does not keep up ends in error, and what waits is bounded', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  hook.answer(() => 503);
  for (let n = 0; n < 7; n++) await clinic.pulse(patient);
  const error = await until(async () => (await stateOf(caller, id)).error, 'the error');
  expect(error).toBe('more events wait than are kept for one endpoint');
  await clinic.records.remove(caller, 'Subscription', id);
});

it('an endpoint that asks for time gets it [RFC 9110 Retry-After]', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  hook.answer(() => ({ status: 429, headers: { 'retry-after': '120' } }));
  await clinic.pulse(patient);
  const wait = await until(async () => {
    const { rows } = await clinic.data.db.query<{ next: number; failures: number }>(
      'select next_at as next, failures from exchange.subscription where id = $1',
      [id],
    );
    return rows[0]!.failures > 0 && rows[0]!.next - clinic.clock.now();
  }, 'the refusal');
  expect(wait).toBeGreaterThan(100_000);
  await clinic.records.remove(caller, 'Subscription', id);
});

it('what does not fit into a notification is told by reference', async () => {
  const { id: patient, caller } = await clinic.patient();
  const wish = topical('observation-change', hook.url, { content: 'full-resource' });
  const id = await subscribe(caller, wish);
  const long = await clinic.pulse(patient, { note: [{ text: 'word '.repeat(2_000) }] });
  await until(() => hook.numbers().length === 1, 'the event');
  const told = hook.got.at(-1)!;
  expect(told.bundle!.entry![1]).toMatchObject({ request: { url: 'Observation' } });
  expect(told.bundle!.entry![1]).not.toHaveProperty('resource');
  expect(told.text).toContain(long);
  await clinic.records.remove(caller, 'Subscription', id);
});

it('a hook that writes back is told of what it wrote one after the other, until it stops', async () => {
  const { id: patient, caller } = await clinic.patient();
  const id = await subscribe(caller, topical('observation-change', hook.url));
  let writes = 0;
  let atOnce = 0;
  let most = 0;
  hook.answer(({ numbers }) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    if (numbers.length > 0 && (writes += 1) < 8) void clinic.pulse(patient);
    atOnce -= 1;
    return 200;
  });
  await clinic.pulse(patient);
  await until(() => hook.numbers().includes(8), 'the end of the chain');
  expect([...new Set(hook.numbers())]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most).toBe(1);
  await clinic.records.remove(caller, 'Subscription', id);
});

it('one that has an end is off after it', async () => {
  const { id: patient, caller } = await clinic.patient();
  const end = new Date(clinic.clock.now() + 60_000).toISOString();
  const id = await subscribe(caller, { ...topical('observation-change', hook.url), end });
  clinic.pass(61_000);
  await clinic.pulse(patient);
  await until(async () => (await stateOf(caller, id)).status === 'off', 'off');
  expect(hook.numbers()).toEqual([]);
});
