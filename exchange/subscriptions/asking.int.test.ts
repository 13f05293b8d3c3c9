/** What may be asked for, what is refused and how fast; $status, $events and the socket. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes, type Caller } from '@afar/access';
import type { Bundle, CapabilityStatement, Parameters, Subscription } from '@afar/fhir';
import { WebSocket } from 'ws';
import { openClinic, plain, topical, until, type Clinic } from '../testing/clinic.ts';

let clinic: Clinic;
let http: Awaited<ReturnType<Clinic['http']>>;
let port: number;
let patient: { id: string; caller: Caller };
let resolved: string[] = ['127.0.0.1'];

beforeAll(async () => {
  clinic = await openClinic({
    subscriptions: { perCaller: 6 },
    // Nothing off the public network is called here; names lead where the test says.
    outbound: { resolver: async () => resolved },
  });
  http = await clinic.http();
  await http.listen({ port: 0, host: '127.0.0.1' });
  port = (http.server.address() as AddressInfo).port;
  patient = await clinic.patient();
});
afterAll(() => clinic.close());

/** Whatever resource came: read where the test knows which. */
type Answered = Pick<Bundle, 'id' | 'entry'> & Pick<Parameters, 'parameter'>;

const post = async (as: Caller, url: string, payload: unknown) => {
  const answer = await http.inject({
    method: 'POST',
    url: `/fhir/R4/${url}`,
    headers: { ...http.as(as), 'content-type': 'application/fhir+json' },
    payload: JSON.stringify(payload),
  });
  return { status: answer.statusCode, body: answer.json<Answered>(), text: answer.body };
};

const get = async (as: Caller, url: string) => {
  const answer = await http.inject({ url: `/fhir/R4/${url}`, headers: http.as(as) });
  return { status: answer.statusCode, body: answer.json<Answered>() };
};

describe('endpoints on the inside are refused at once', () => {
  it.each([
    'https://127.0.0.1/hook',
    'https://localhost/hook',
    'https://[::1]/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.5/hook',
    'https://[::ffff:10.0.0.5]/hook',
    'https://2130706433/hook',
    'http://93.184.216.34/hook',
    'file:///etc/passwd',
    'https://user:pass@93.184.216.34/',
  ])('%s', async (endpoint) => {
    const began = performance.now();
    const { status, body } = await post(
      patient.caller,
      'Subscription',
      topical('observation-change', endpoint),
    );
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringContaining('Subscription.channel.endpoint'),
    ]);
    // [Must show 11] a bound, not a measurement: nothing was waited for.
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('and a name that leads there', async () => {
    resolved = ['93.184.216.34', '192.168.7.7'];
    const wish = topical('observation-change', 'https://hook.test/');
    expect((await post(patient.caller, 'Subscription', wish)).status).toBe(400);
  });

  it('and a name that leads there only when it is called: the subscription ends, nobody inside is asked', async () => {
    resolved = ['93.184.216.34'];
    const wish = topical('observation-change', 'https://hook.test/');
    // The handshake comes after the answer: by then the name has changed its mind.
    const asked = post(patient.caller, 'Subscription', wish);
    const { status, body } = await asked.finally(() => (resolved = ['127.0.0.1']));
    expect(status).toBe(201);
    const error = await until(async () => {
      const { body: now } = await get(patient.caller, `Subscription/${body.id}`);
      return (now as unknown as Subscription).error;
    }, 'the error');
    expect(error).toBe('the endpoint is not on the public network');
    await clinic.records.remove(patient.caller, 'Subscription', body.id!);
  });
});

const socketWish = (over: Partial<Subscription> = {}): Subscription => ({
  ...plain('Observation?code=8867-4', { type: 'websocket' }),
  ...over,
});

describe('what is asked for has to be doable', () => {
  it.each<[string, Subscription]>([
    ['Subscription.criteria', socketWish({ criteria: 'urn:afar:topic:nothing' })],
    ['Subscription.criteria', socketWish({ criteria: 'Nothing?code=1' })],
    ['Subscription.criteria', socketWish({ criteria: 'AuditEvent?action=R' })],
    ['Subscription.criteria', socketWish({ criteria: 'Observation?_sort=date' })],
    ['Subscription.criteria', socketWish({ criteria: '../Observation' })],
    ['nonsense', socketWish({ criteria: 'Observation?nonsense=1' })],
    ['Subscription.channel.type', socketWish({ channel: { type: 'sms' } })],
    ['Subscription.channel.endpoint', socketWish({ channel: { type: 'rest-hook' } })],
    [
      'Subscription.channel.payload',
      socketWish({ channel: { type: 'websocket', payload: 'application/fhir+xml' } }),
    ],
    [
      'Subscription.channel.header',
      socketWish({ channel: { type: 'websocket', header: ['Host: inside'] } }),
    ],
    [
      'Subscription.criteria',
      topical('observation-change', undefined, { filters: ['Patient?name=x'] }),
    ],
    ['Subscription.channel', topical('observation-change', undefined, { heartbeat: 1 })],
    [
      'Subscription.channel.payload',
      topical('observation-change', undefined, { content: 'everything' }),
    ],
  ])('or the answer names %s', async (where, wish) => {
    const { status, text } = await post(patient.caller, 'Subscription', wish);
    expect([status, text]).toEqual([400, expect.stringContaining(where)]);
  });

  it('by her role: an administrator has none', async () => {
    const caller = { ...patient.caller, id: crypto.randomUUID(), role: 'administrator' as const };
    expect((await post(caller, 'Subscription', socketWish())).status).toBe(403);
  });

  it('by her token: the type has to be in its scopes', async () => {
    const caller = await clinic.client('system/Subscription.cruds system/Patient.rs');
    expect((await post(caller, 'Subscription', socketWish())).status).toBe(403);
  });

  it('and there is an end to it', async () => {
    const { caller } = await clinic.patient();
    const made = [];
    for (let n = 0; n < 7; n++)
      made.push((await post(caller, 'Subscription', socketWish())).status);
    expect(made).toEqual([201, 201, 201, 201, 201, 201, 422]);
  });
});

it('/metadata lists topics and operations, and what may be done [backport 1.1, R4 topics]', async () => {
  const { body } = await get(patient.caller, 'metadata');
  const { rest } = body as unknown as CapabilityStatement;
  const found = rest![0]!.resource!.find(({ type }) => type === 'Subscription')!;
  expect(found.extension!.map((one) => one.valueCanonical)).toContain(
    'urn:afar:topic:observation-change',
  );
  expect(found.operation!.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['events', 'get-ws-binding-token', 'status']),
  );
  expect(found.interaction!.map(({ code }) => code)).toContain('create');
});

interface Client {
  said: string[];
  closed: Promise<number>;
  ws: WebSocket;
}

async function connect(first: string): Promise<Client> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/api/subscriptions/socket`);
  const said: string[] = [];
  ws.on('message', (data) => said.push((data as Buffer).toString()));
  const closed = new Promise<number>((done) => ws.on('close', done));
  await new Promise<void>((done) => ws.on('open', () => done()));
  ws.send(first);
  return { said, closed, ws };
}

const valueOf = (body: Pick<Parameters, 'parameter'>, name: string) =>
  body.parameter?.find((one) => one.name === name);

async function tokenFor(as: Caller, id: string): Promise<string> {
  const { body } = await get(as, `Subscription/${id}/$get-ws-binding-token`);
  return valueOf(body, 'token')!.valueString!;
}

describe('the socket', () => {
  it('plain R4: says `bound`, then `ping` for each event', async () => {
    const { caller, id } = await clinic.patient();
    const { body } = await post(caller, 'Subscription', socketWish());
    const on = await connect(`bind ${await tokenFor(caller, body.id!)}`);
    await until(() => on.said.length === 1, 'bound');
    await clinic.pulse(id);
    await clinic.pulse(id);
    await until(() => on.said.length === 3, 'two pings');
    expect(on.said).toEqual([`bound ${body.id}`, `ping ${body.id}`, `ping ${body.id}`]);
    on.ws.close();
  });

  it('backport: handshake, then bundles; what came while nobody listened comes first; $status and $events agree', async () => {
    const { caller, id } = await clinic.patient();
    const { body } = await post(caller, 'Subscription', topical('observation-change', undefined));
    const pulses = [await clinic.pulse(id), await clinic.pulse(id)];
    const place = `Subscription/${body.id}`;
    const eventsKnown = async () => {
      const { body: status } = await get(caller, `${place}/$status`);
      const known = status.entry![0]!.resource as Parameters;
      return valueOf(known, 'events-since-subscription-start')!.valueString;
    };
    await until(async () => (await eventsKnown()) === '2', 'two events');
    const on = await connect(`bind-with-token ${await tokenFor(caller, body.id!)}`);
    pulses.push(await clinic.pulse(id));
    const told = () => on.said.map((text) => JSON.parse(text) as Bundle);
    await until(() => on.said.join().includes(pulses[2]!), 'the third');
    const types = told().map(
      (one) => valueOf(one.entry![0]!.resource as Parameters, 'type')!.valueCode,
    );
    expect([types[0], new Set(types.slice(1))]).toEqual([
      'handshake',
      new Set(['event-notification']),
    ]);
    const focus = told().flatMap((one) => one.entry!.slice(1).map((entry) => entry.fullUrl));
    expect(focus).toEqual(pulses.map((one) => `http://localhost:8160/fhir/R4/Observation/${one}`));
    const { body: events } = await get(
      caller,
      `${place}/$events?eventsSinceNumber=2&eventsUntilNumber=2&content=full-resource`,
    );
    expect(events.entry).toHaveLength(2);
    expect(events.entry![1]!.resource).toMatchObject({
      id: pulses[1],
      valueQuantity: { value: 72 },
    });
    const { body: list } = await get(caller, `Subscription/$status?id=${body.id}&status=active`);
    expect(list.entry).toHaveLength(1);
    expect((await get(patient.caller, `${place}/$status`)).status).toBe(404);
    expect((await get(patient.caller, `${place}/$events`)).status).toBe(404);
    expect((await get(patient.caller, `${place}/$get-ws-binding-token`)).status).toBe(404);
    on.ws.close();
  });

  it('a token opens one socket, once; another word opens none', async () => {
    const { caller } = await clinic.patient();
    const { body } = await post(caller, 'Subscription', socketWish());
    const token = await tokenFor(caller, body.id!);
    const on = await connect(`bind-with-token ${token}`);
    await until(() => on.said.length === 1, 'bound');
    expect(await (await connect(`bind-with-token ${token}`)).closed).toBe(4401);
    expect(await (await connect(`bind ${body.id}`)).closed).toBe(4400);
    expect(await (await connect('hello')).closed).toBe(4400);
    const late = await tokenFor(caller, body.id!);
    clinic.pass(61_000);
    expect(await (await connect(`bind-with-token ${late}`)).closed).toBe(4401);
    on.ws.close();
  });

  it('is not opened by a token that could not read what it tells [SMART App Launch 2.2 scopes]', async () => {
    const caller = await clinic.client('system/Subscription.cruds system/Observation.rs');
    const { body } = await post(caller, 'Subscription', socketWish());
    const status = async (scope: string) => {
      const as = { ...caller, scopes: parseScopes(scope) };
      const { status: answered } = await get(as, `Subscription/${body.id}/$get-ws-binding-token`);
      return answered;
    };
    expect(await status('system/Subscription.rs')).toBe(403);
    expect(await status('system/Subscription.rs system/Observation.r')).toBe(403);
    expect(await status('system/Subscription.rs system/Observation.rs?category=x')).toBe(403);
    expect(await status('system/Subscription.rs system/Observation.rs')).toBe(200);
    await clinic.records.remove(caller, 'Subscription', body.id!);
  });

  it('closes when the rights behind it end', async () => {
    const { caller } = await clinic.patient();
    const { body } = await post(caller, 'Subscription', socketWish());
    const on = await connect(`bind-with-token ${await tokenFor(caller, body.id!)}`);
    await until(() => on.said.length === 1, 'bound');
    await clinic.access.accounts.disable(1, caller.id);
    expect(await on.closed).toBe(4401);
  });

  it('closes when its subscription is over', async () => {
    const { caller } = await clinic.patient();
    const { body } = await post(caller, 'Subscription', socketWish());
    const on = await connect(`bind-with-token ${await tokenFor(caller, body.id!)}`);
    await until(() => on.said.length === 1, 'bound');
    await clinic.records.remove(caller, 'Subscription', body.id!);
    expect(await on.closed).toBe(4410);
  });
});
