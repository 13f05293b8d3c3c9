/** A clinic to test in: a real database, real accounts and clients, and as many processes with this room as asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAccess, newTotpSecret, systemCaller, type Access, type Caller } from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import type { Observation, Patient, Practitioner, Subscription } from '@afar/fhir';
import { createHttp, localKeyProvider, openEvents, openKeyRing, type Clock } from '@afar/platform';
import type { KeyRing, RunningEvents } from '@afar/platform';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import { createRecords, type Records } from '@afar/records';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { createExchange, type Exchange, type ExchangeDeps } from '../create-exchange.ts';
import { extensions } from '../subscriptions/vocabulary.ts';

export interface Process {
  access: Access;
  records: Records;
  exchange: Exchange;
  events: RunningEvents;
  keys: KeyRing;
  stop(): Promise<void>;
}

type Over = Partial<ExchangeDeps> & {
  wrapAccess?: (access: Access) => Access;
  /** False: others match and deliver. */
  background?: boolean;
};

export interface Clinic extends Process {
  data: TestDatabase;
  /** Where keys lie. */
  folder: string;
  log: ReturnType<typeof testLog>;
  /** Moves the clock of all processes. */
  pass(ms: number): void;
  clock: Clock;
  /** @param over.wrapAccess what the room believes access to be: for a mutation of the policy */
  another(over?: Over): Promise<Process>;
  system: Caller;
  patient(): Promise<{ id: string; caller: Caller }>;
  /** With an account of her own; `of`: patients she may see. */
  practitioner(of?: string[]): Promise<{ id: string; caller: Caller }>;
  client(scope: string): Promise<Caller>;
  pulse(patient: string, over?: Partial<Observation>): Promise<string>;
  http(): Promise<FastifyInstance & { as(caller: Caller): Record<string, string> }>;
  close(): Promise<void>;
}

export const pulseCode = { system: 'http://loinc.org', code: '8867-4' };

/** Waits until it holds; tells what it was when it does not within 15 s. */
export async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await sleep(10);
  }
}

/** A plain R4 Subscription. */
export function plain(criteria: string, channel: Subscription['channel']): Subscription {
  return { resourceType: 'Subscription', status: 'requested', reason: 'test', criteria, channel };
}

/** A backport one, on a topic; a websocket without an endpoint. */
export function topical(
  topic: string,
  endpoint: string | undefined,
  {
    filters = [],
    content = 'id-only',
    heartbeat,
  }: { filters?: string[]; content?: string; heartbeat?: number } = {},
): Subscription {
  const channel = {
    type: endpoint === undefined ? 'websocket' : 'rest-hook',
    ...(endpoint !== undefined && { endpoint }),
    payload: 'application/fhir+json',
    _payload: { extension: [{ url: extensions.content, valueCode: content }] },
    ...(heartbeat && { extension: [{ url: extensions.heartbeat, valueUnsignedInt: heartbeat }] }),
  };
  const wish = plain(`urn:afar:topic:${topic}`, channel as Subscription['channel']);
  const extension = filters.map((valueString) => ({ url: extensions.filter, valueString }));
  return filters.length === 0 ? wish : Object.assign(wish, { _criteria: { extension } });
}

export async function openClinic({
  wrapAccess,
  background = true,
  ...over
}: Over = {}): Promise<Clinic> {
  const data = await testDatabase(['access', 'records', 'exchange']);
  const folder = mkdtempSync(join(tmpdir(), 'afar-exchange-'));
  const log = testLog();
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead };
  const baseUrl = 'http://localhost:8160';
  const running = new Set<Process>();

  async function another({ wrapAccess: wrap, ...more }: Over = {}): Promise<Process> {
    const provider = localKeyProvider(join(folder, 'kek'));
    const keys = await openKeyRing({ dir: join(folder, 'keys'), provider, clock });
    const events = await openEvents({ url: data.url, db: data.db, log });
    const common = { db: data.db, keys, clock, events, log, baseUrl };
    const access = await createAccess({
      ...common,
      auditDb: data.auditDb,
      mode: 'demo',
      secureCookies: false,
      tenantOf: () => 1,
    });
    const records = await createRecords({ ...common, access });
    const exchange = await createExchange({
      ...common,
      access: wrap?.(access) ?? access,
      records,
      outbound: { allowHttp: true, allow: ['127.0.0.1'] },
      ...over,
      ...more,
      subscriptions: { paceMs: 0, backoffMs: 20, ...over.subscriptions, ...more.subscriptions },
    });
    await access.start();
    await records.start();
    await exchange.start({ background });
    const one: Process = {
      access,
      records,
      exchange,
      events,
      keys,
      async stop() {
        if (!running.delete(one)) return;
        await exchange.stop();
        await records.stop();
        await access.stop();
        await events.close();
        keys.close();
      },
    };
    running.add(one);
    return one;
  }

  const first = await another(wrapAccess ? { wrapAccess } : {});
  const { access, records } = first;
  const system = systemCaller(1, clock, 'test');
  const closers: (() => Promise<unknown>)[] = [];
  let people = 0;

  // They have just shown their factors, whatever the clock does: a test of who has not says so itself.
  const act = async (kind: 'user' | 'client', id: string): Promise<Caller> => ({
    ...(await access.standIn({ tenant: 1, kind, id }, 'test'))!,
    provenAt: Number.MAX_SAFE_INTEGER,
  });

  async function account(
    role: 'patient' | 'practitioner',
    type: 'Patient' | 'Practitioner',
    id: string,
  ): Promise<Caller> {
    const made = await access.accounts.create({
      tenant: 1,
      role,
      email: `person-${(people += 1)}@clinic.example`,
      name: 'Somebody',
      password: 'blue lamp under nine stones',
      ...(role === 'practitioner' && { totpSecret: newTotpSecret() }),
      fhirUser: { type, id },
    });
    return act('user', made.id);
  }

  return {
    ...first,
    data,
    folder,
    log,
    clock,
    pass: (ms) => void (ahead += ms),
    another,
    system,
    async patient() {
      const { id } = await records.create<Patient>(system, {
        resourceType: 'Patient',
        name: [{ family: 'Okonjo', given: ['Ada'] }],
      });
      return { id, caller: await account('patient', 'Patient', id) };
    },
    async practitioner(of = []) {
      const { id } = await records.create<Practitioner>(system, {
        resourceType: 'Practitioner',
        name: [{ family: 'Lindqvist' }],
      });
      for (const patient of of)
        await records.create(system, {
          resourceType: 'Encounter',
          status: 'in-progress',
          class: { code: 'AMB' },
          subject: { reference: `Patient/${patient}` },
          participant: [{ individual: { reference: `Practitioner/${id}` } }],
          period: { start: new Date(clock.now()).toISOString() },
        });
      return { id, caller: await account('practitioner', 'Practitioner', id) };
    },
    async client(scope) {
      const name = `client-${(people += 1)}`;
      const made = await access.clients.create({
        tenant: 1,
        id: name,
        secret: 'x'.repeat(40),
        scope,
      });
      return (await access.standIn(
        { tenant: 1, kind: 'client', id: made.id, scopes: scope },
        'test',
      ))!;
    },
    async pulse(patient, more = {}) {
      const { id } = await records.create<Observation>(system, {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [pulseCode] },
        subject: { reference: `Patient/${patient}` },
        effectiveDateTime: new Date(clock.now()).toISOString(),
        valueQuantity: { value: 72, unit: '/min' },
        ...more,
      });
      return id;
    },
    async http() {
      const callers = new Map<string, Caller>();
      const app = createHttp({
        log,
        renderError: (error) => {
          const { status, outcome, headers } = outcomeOf(error);
          return { status, headers, contentType: 'application/fhir+json', body: outcome };
        },
      });
      await app.register(access.plugin);
      app.addHook('preHandler', async (req) => {
        const as = req.headers['x-as'];
        if (typeof as === 'string') req.caller = { ...callers.get(as)!, requestId: req.id };
      });
      await app.register(records.plugin, { prefix: '/fhir/R4' });
      await app.register(async (scope) => {
        await scope.register(websocket, { options: { maxPayload: 65_536 } });
        await scope.register(first.exchange.sockets, { prefix: '/api/subscriptions' });
      });
      await app.ready();
      closers.push(() => app.close());
      return Object.assign(app, {
        as(caller: Caller) {
          callers.set(caller.id, caller);
          return { 'x-as': caller.id };
        },
      });
    },
    async close() {
      for (const one of running) await one.stop();
      for (const closer of closers) await closer();
      await data.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
