/** A clinic to test in: a real database, real keys, the real trail, and as many record stores over it as asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerFor, createAccess } from '@afar/access';
import type { Access, Caller, Role } from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import type { Patient, Practitioner } from '@afar/fhir';
import {
  createHttp,
  localKeyProvider,
  openDb,
  openEvents,
  openKeyRing,
  systemClock,
} from '@afar/platform';
import type { Clock, KeyRing, Replicas, RunningEvents } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import { testDatabase, testLog } from '@afar/platform/testing';
import type { TestDatabase } from '@afar/platform/testing';
import { createRecords } from '../index.ts';
import type { Records } from '../index.ts';

export interface Instance {
  records: Records;
  access: Access;
  keys: KeyRing;
  events: RunningEvents;
}

export interface World extends Instance {
  data: TestDatabase;
  /** Where its keys are. */
  folder: string;
  log: ReturnType<typeof testLog>;
  clock: Clock;
  /** What another process would hold: its own caches, keys, listeners, over the same database. */
  another(): Promise<Instance>;
  caller(role: Role, over?: Partial<Caller>): Caller;
  /** The house itself: sees and may everything. */
  system: Caller;
  patient(over?: Partial<Patient>): Promise<{ id: string; caller: Caller }>;
  practitioner(): Promise<{ id: string; caller: Caller }>;
  /** A web server whose caller is whoever the header `x-as` names among those made here. */
  http(mount?: (app: FastifyInstance) => Promise<unknown>): Promise<{
    inject(req: {
      as?: Caller;
      method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
      url: string;
      body?: unknown;
      headers?: Record<string, string>;
    }): Promise<{ status: number; headers: Record<string, unknown>; text: string }>;
  }>;
  close(): Promise<void>;
}

/**
 * @param rooms rooms besides whose tables it has
 * @param over another world whose database and keys it uses, as a program that was started anew would
 */
export async function openWorld({
  clock = systemClock,
  over,
  rooms = [],
  noticeMs,
  replicas,
}: {
  clock?: Clock;
  /** How soon a process notices what another did to keys, ms. */
  noticeMs?: number;
  replicas?: Replicas;
  rooms?: string[];
  over?: Pick<World, 'data' | 'folder'>;
} = {}): Promise<World> {
  // Statements are prepared by name, and a program started anew numbers its own: it needs connections of its own.
  const data = over
    ? {
        ...over.data,
        db: openDb(over.data.url, { application: 'test-records-again', home: () => 1 }),
      }
    : await testDatabase(['access', 'records', ...rooms]);
  const folder = over?.folder ?? mkdtempSync(join(tmpdir(), 'afar-records-'));
  const log = testLog();
  const instances: Instance[] = [];
  const closers: (() => Promise<unknown>)[] = [];

  async function another(): Promise<Instance> {
    const keys = await openKeyRing({
      dir: join(folder, 'keys'),
      provider: localKeyProvider(join(folder, 'kek')),
      clock,
      ...(noticeMs !== undefined && { noticeMs }),
    });
    const events = await openEvents({ url: data.url, db: data.db, log });
    const access = await createAccess({
      db: data.db,
      auditDb: data.auditDb,
      keys,
      clock,
      events,
      log,
      mode: 'demo',
      baseUrl: 'http://localhost:8140',
      secureCookies: false,
      tenantOf: () => 1,
    });
    const records = await createRecords({
      db: data.db,
      ...(replicas && { replicas }),
      keys,
      clock,
      access,
      events,
      log,
      baseUrl: 'http://localhost:8140',
    });
    await access.start();
    await records.start();
    const instance = { records, access, keys, events };
    instances.push(instance);
    return instance;
  }

  const first = await another();
  const caller = (role: Role, over: Partial<Caller> = {}) =>
    callerFor(role, { at: clock.now(), ...over });
  const system = caller('system');

  return {
    ...first,
    data,
    folder,
    log,
    clock,
    another,
    caller,
    system,
    async patient(over = {}) {
      const { id } = await first.records.create<Patient>(system, {
        resourceType: 'Patient',
        name: [{ family: 'Okonjo', given: ['Ada'] }],
        gender: 'female',
        birthDate: '1984-02-29',
        ...over,
      });
      return { id, caller: caller('patient', { fhirUser: { type: 'Patient', id } }) };
    },
    async practitioner() {
      const { id } = await first.records.create<Practitioner>(system, {
        resourceType: 'Practitioner',
        name: [{ family: 'Lindqvist' }],
      });
      return { id, caller: caller('practitioner', { fhirUser: { type: 'Practitioner', id } }) };
    },
    async http(mount) {
      const callers = new Map<string, Caller>();
      const app = createHttp({
        log,
        renderError: (error) => {
          const { status, outcome, headers } = outcomeOf(error);
          return { status, headers, contentType: 'application/fhir+json', body: outcome };
        },
      });
      await app.register(first.access.plugin);
      // As early as sessions tell who asks.
      app.addHook('onRequest', async (req) => {
        const as = req.headers['x-as'];
        if (typeof as === 'string') req.caller = { ...callers.get(as)!, requestId: req.id };
      });
      await app.register(first.records.plugin, { prefix: '/fhir/R4' });
      await mount?.(app);
      await app.ready();
      closers.push(() => app.close());
      return {
        async inject({ as, method, url, body, headers = {} }) {
          if (as) callers.set(as.id, as);
          const response = await app.inject({
            method,
            url,
            headers: {
              ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
              ...(as && { 'x-as': as.id }),
              ...headers,
            },
            ...(body !== undefined && {
              payload: typeof body === 'string' ? body : JSON.stringify(body),
            }),
          });
          return {
            status: response.statusCode,
            headers: response.headers,
            text: response.body,
          };
        },
      };
    },
    async close() {
      for (const close of closers) await close();
      for (const { records, access, events, keys } of instances) {
        await records.stop();
        await access.stop();
        await events.close();
        keys.close();
      }
      if (over) return data.db.close();
      await data.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
