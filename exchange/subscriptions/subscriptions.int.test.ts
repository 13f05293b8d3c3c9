/** Subscriptions on real tables, a real change feed and a real endpoint: what is told, to whom, in which order. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Observation, Subscription } from '@afar/fhir';
import { openClinic, plain, topical, until, type Clinic } from '../testing/clinic.ts';
import { openReceiver, type Receiver } from '../testing/receiver.ts';

let clinic: Clinic;
let hook: Receiver;
const mine: { caller: Parameters<Clinic['records']['remove']>[0]; id: string }[] = [];

beforeAll(async () => {
  clinic = await openClinic();
  hook = await openReceiver();
});
afterAll(async () => {
  await clinic.close();
  await hook.close();
});
afterEach(async () => {
  for (const { caller, id } of mine.splice(0))
    await clinic.records.remove(caller, 'Subscription', id).catch(() => undefined);
  hook.got.length = 0;
  hook.answer(() => 200);
});

type Caller = (typeof mine)[number]['caller'];

async function subscribe(caller: Caller, wish: Subscription): Promise<string> {
  const { id } = await clinic.records.create(caller, wish);
  mine.push({ caller, id });
  return id;
}

const stateOf = async (caller: Caller, id: string) =>
  (await clinic.records.read<Subscription>(caller, 'Subscription', id)).resource;

const active = (caller: Caller, id: string) =>
  until(async () => (await stateOf(caller, id)).status === 'active', 'the subscription is active');

describe('plain R4 [FHIR R4 subscription.html]', () => {
  it('posts nothing but the fact, in the order of the changes, to whoever asked without a payload', async () => {
    const { id: patient } = await clinic.patient();
    const { caller } = await clinic.practitioner([patient]);
    const id = await subscribe(
      caller,
      plain(`Observation?patient=Patient/${patient}&code=8867-4`, {
        type: 'rest-hook',
        endpoint: hook.url,
        header: ['Authorization: Bearer secret-token'],
      }),
    );
    expect((await stateOf(caller, id)).status).toBe('active');
    await clinic.pulse(patient);
    await clinic.pulse(patient, { code: { coding: [{ code: 'other' }] } });
    await clinic.pulse(patient);
    await until(() => hook.got.length === 2, 'two notifications');
    expect(hook.got.map(({ method, url, text }) => [method, url, text])).toEqual([
      ['POST', '/hook', ''],
      ['POST', '/hook', ''],
    ]);
    expect(hook.got[0]!.headers.authorization).toBe('Bearer secret-token');
    expect(clinic.log.text()).not.toContain('secret-token');
  });

  it('puts the resource where a payload was asked for', async () => {
    const { id: patient, caller } = await clinic.patient();
    await subscribe(
      caller,
      plain('Observation', {
        type: 'rest-hook',
        endpoint: hook.url,
        payload: 'application/fhir+json',
      }),
    );
    const pulse = await clinic.pulse(patient);
    const got = await until(() => hook.got[0], 'one notification');
    expect([got.method, got.url]).toEqual(['PUT', `/hook/Observation/${pulse}`]);
    expect(JSON.parse(got.text)).toMatchObject({ id: pulse, valueQuantity: { value: 72 } });
  });
});

describe('topics of the R5 backport', () => {
  it('shakes hands, then tells numbered events, with what was asked for', async () => {
    const { id: patient } = await clinic.patient();
    const { caller } = await clinic.practitioner([patient]);
    const id = await subscribe(
      caller,
      topical('observation-change', hook.url, {
        filters: [`Observation?patient=Patient/${patient}`],
        content: 'full-resource',
      }),
    );
    await active(caller, id);
    expect(hook.got.map(({ type }) => type)).toEqual(['handshake']);
    const pulse = await clinic.pulse(patient);
    const { resource } = await clinic.records.read<Observation>(caller, 'Observation', pulse);
    await clinic.records.update(clinic.system, { ...resource, status: 'amended' });
    await clinic.records.remove(clinic.system, 'Observation', pulse);
    await until(() => hook.numbers().length === 3, 'three events');
    expect(hook.numbers()).toEqual([1, 2, 3]);
    const entries = hook.got.flatMap(({ bundle }) => bundle!.entry!.slice(1));
    expect(entries.at(-1)).toMatchObject({
      fullUrl: `http://localhost:8160/fhir/R4/Observation/${pulse}`,
      request: { method: 'DELETE', url: `Observation/${pulse}` },
    });
    expect(entries.at(-1)).not.toHaveProperty('resource');
    const status = hook.got.at(-1)!.bundle!.entry![0]!;
    expect(hook.got.at(-1)!.bundle!.type).toBe('history');
    expect(status.resource).toMatchObject({
      resourceType: 'Parameters',
      parameter: expect.arrayContaining([
        { name: 'topic', valueCanonical: 'urn:afar:topic:observation-change' },
        { name: 'type', valueCode: 'event-notification' },
        { name: 'events-since-subscription-start', valueString: '3' },
      ]),
    });
  });

  it('empty says that something happened, id-only also what it was about', async () => {
    const { id: patient, caller } = await clinic.patient();
    const bare = await subscribe(
      caller,
      topical('observation-change', hook.url, { content: 'empty' }),
    );
    await active(caller, bare);
    const pulse = await clinic.pulse(patient);
    const empty = await until(() => hook.got.find((one) => one.numbers.length), 'an event');
    expect(empty.text).not.toContain(pulse);
    await clinic.records.remove(caller, 'Subscription', bare);
    hook.got.length = 0;
    const named = await subscribe(caller, topical('observation-change', hook.url));
    await active(caller, named);
    const second = await clinic.pulse(patient);
    const told = await until(() => hook.got.find((one) => one.numbers.length), 'an event');
    expect(told.text).toContain(`Observation/${second}`);
    expect(told.text).not.toContain('valueQuantity');
  });

  it('a topic of a beginning is told once, when the state begins', async () => {
    const { id: patient, caller } = await clinic.patient();
    const id = await subscribe(caller, topical('encounter-end', hook.url));
    await active(caller, id);
    const visit = {
      resourceType: 'Encounter',
      status: 'in-progress',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${patient}` },
    } as const;
    const { id: encounter } = await clinic.records.create(clinic.system, visit);
    const ended = { ...visit, id: encounter, status: 'finished' } as const;
    await clinic.records.update(clinic.system, ended);
    await clinic.records.update(clinic.system, { ...ended, priority: { text: 'later' } });
    const { id: other } = await clinic.records.create(clinic.system, {
      ...visit,
      status: 'finished',
    });
    await until(() => hook.numbers().length >= 2, 'two events');
    expect(hook.numbers()).toEqual([1, 2]);
    const told = hook.got.map((one) => one.text).join();
    expect([told.includes(encounter), told.includes(other)]).toEqual([true, true]);
  });

  it('sends a heartbeat when nothing was told for a while', async () => {
    const { caller } = await clinic.patient();
    const id = await subscribe(caller, topical('observation-change', hook.url, { heartbeat: 60 }));
    await active(caller, id);
    clinic.pass(61_000);
    const beat = () => hook.got.find(({ type }) => type === 'heartbeat');
    expect((await until(beat, 'a heartbeat')).numbers).toEqual([]);
  });
});

describe('an endpoint that fails', () => {
  it('is tried again, and gets every event in order, without gaps', async () => {
    const { id: patient, caller } = await clinic.patient();
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await active(caller, id);
    let refusals = 3;
    hook.answer(() => (refusals-- > 0 ? 503 : 200));
    for (let n = 0; n < 5; n++) await clinic.pulse(patient);
    await until(() => hook.numbers().length >= 5, 'five events');
    expect([...new Set(hook.numbers())]).toEqual([1, 2, 3, 4, 5]);
  });

  it('ends in error after its last try, and goes on where it was when it is asked for again', async () => {
    const { id: patient, caller } = await clinic.patient();
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await active(caller, id);
    hook.answer(() => 410);
    await clinic.pulse(patient);
    await until(async () => (await stateOf(caller, id)).status === 'error', 'the error');
    expect(await stateOf(caller, id)).toMatchObject({ error: 'the endpoint refused' });
    hook.answer(() => 200);
    const again = { ...(await stateOf(caller, id)), status: 'requested' as const };
    await clinic.records.update(caller, again);
    await active(caller, id);
    await until(() => hook.numbers().length === 1, 'the event that waited');
    await clinic.pulse(patient);
    await until(() => hook.numbers().length === 2, 'the next');
    expect(hook.numbers()).toEqual([1, 2]);
    expect(await stateOf(caller, id)).not.toHaveProperty('error');
  });

  it('does not shake hands: nothing is told', async () => {
    const { id: patient, caller } = await clinic.patient();
    hook.answer(() => 410);
    const id = await subscribe(caller, topical('observation-change', hook.url));
    await clinic.pulse(patient);
    await until(async () => (await stateOf(caller, id)).status === 'error', 'the error');
    expect(hook.got).toEqual([]);
  });
});

describe('several processes', () => {
  it('tell each event once between them, and go on when one stops', async () => {
    const second = await clinic.another();
    const { id: patient, caller } = await clinic.patient();
    // Made in one process, known to both.
    const { id } = await second.records.create(caller, topical('observation-change', hook.url));
    mine.push({ caller, id });
    await active(caller, id);
    await Promise.all(Array.from({ length: 10 }, () => clinic.pulse(patient)));
    await until(() => hook.numbers().length >= 10, 'ten events');
    expect(hook.numbers()).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
    await second.stop();
    await clinic.pulse(patient);
    await until(() => hook.numbers().includes(11), 'the eleventh');
  });

  it('a change that began before the subscription and is committed after it is told; one committed before is not', async () => {
    const { id: patient, caller } = await clinic.patient();
    await clinic.pulse(patient);
    let id = '';
    await clinic.records.write(clinic.system, async (tx) => {
      await tx.create<Observation>({
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'begun before' },
        subject: { reference: `Patient/${patient}` },
      });
      id ||= await subscribe(
        caller,
        plain('Observation', {
          type: 'rest-hook',
          endpoint: hook.url,
          payload: 'application/json',
        }),
      );
    });
    await until(() => hook.got.length > 0, 'a notification');
    await clinic.pulse(patient);
    await until(() => hook.got.length === 2, 'the next');
    expect(hook.got[0]!.text).toContain('begun before');
  });
});
