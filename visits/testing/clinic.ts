/** A clinic to test in: a real database, real keys and sign-in, and as many API processes' worth of parts as asked for. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Access,
  type Caller,
  type Role,
  callerFor,
  createAccess,
  licensedRoles,
  systemCaller,
} from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import type { Patient, Practitioner } from '@afar/fhir';
import {
  createHttp,
  createJobs,
  diskObjects,
  fixedClock,
  gateways,
  localKeyProvider,
  openDb,
  openEvents,
  openKeyRing,
  type Db,
  type Delivery,
  type FixedClock,
} from '@afar/platform';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import { createRecords, type Records } from '@afar/records';
import type { FastifyInstance } from 'fastify';
import type { AppointmentView, FreeSlot, ScheduleRule } from '../contract.ts';
import {
  type MediaBackend,
  createVisits,
  peerToPeer,
  type Visits,
  type VisitsConfig,
  type VisitsDeps,
} from '../index.ts';

export const baseUrl = 'http://localhost:8170';
/** A Wednesday, 10:00 in New York. */
export const opening = Date.UTC(2027, 2, 10, 15);

export interface Instance {
  db: Db;
  access: Access;
  records: Records;
  visits: Visits;
  /** What its visits were made of. */
  deps: VisitsDeps;
  http: FastifyInstance;
  /** `ws://127.0.0.1:<port>` */
  socketUrl: string;
  close(): Promise<void>;
}

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

/** Somebody with an account, signed in: her cookie works on every instance. */
export interface Person {
  account: string;
  /** Patient or Practitioner id. */
  id: string;
  cookie: string;
  /** Again, after the clock moved past the session's end. */
  signIn(): Promise<void>;
  get<T = Record<string, unknown>>(url: string, on?: Instance): Promise<Answer<T>>;
  post<T = Record<string, unknown>>(
    url: string,
    body?: object,
    headers?: Record<string, string>,
    on?: Instance,
  ): Promise<Answer<T>>;
  put<T = Record<string, unknown>>(url: string, body: object): Promise<Answer<T>>;
}

type SignInRole = Exclude<Role, 'guest' | 'system'>;

export interface Clinic extends Instance {
  /** Where the object store keeps its files. */
  objectsDir: string;
  data: TestDatabase;
  /** Where keys and objects are. */
  folder: string;
  clock: FixedClock;
  log: ReturnType<typeof testLog>;
  system: Caller;
  another(): Promise<Instance>;
  person(role: SignInRole, name?: string): Promise<Person>;
  /** A clinician with a schedule: 09:00 to 17:00 every day in New York, 30 minutes, unless told otherwise. */
  clinician(rule?: Partial<ScheduleRule>): Promise<Person>;
  firstSlot(clinician: Person, from?: number): Promise<FreeSlot>;
  book(patient: Person, clinician: Person, reason?: string): Promise<AppointmentView>;
  /** A verified licence for the clinician; who enters and who verifies are two. @returns its id */
  license(who: Person, jurisdictions?: string[], lastDay?: string): Promise<string>;
  /** Booked, arrived and admitted. */
  admitted(patient: Person, clinician: Person): Promise<AppointmentView>;
  closeAll(): Promise<void>;
}

/** Where the test patients live: reached by the test clinicians' licences. */
const home = { city: 'New York', state: 'NY', country: 'US' };

export const checks = {
  camera: 'ok',
  microphone: 'ok',
  speaker: 'ok',
  network: 'good',
} as const;

/** @param delivery how messages leave; without it none do */
/** @param many the engine for more than two people; without one two is the most */
export async function openClinic(
  config: Partial<VisitsConfig> = {},
  delivery?: Delivery,
  many?: MediaBackend,
): Promise<Clinic> {
  const data = await testDatabase(['access', 'records', 'visits']);
  const folder = mkdtempSync(join(tmpdir(), 'afar-visits-'));
  const log = testLog();
  const clock = fixedClock(opening);
  const instances: Instance[] = [];
  const settings = { arriveEarlyMinutes: 60 * 24 * 30, ...config };

  async function another(): Promise<Instance> {
    const db = openDb(data.url, { application: 'test-visits', max: 12, home: () => 1 });
    const provider = localKeyProvider(join(folder, 'kek'));
    const keys = await openKeyRing({ dir: join(folder, 'keys'), provider, clock });
    const events = await openEvents({ url: data.url, db, log });
    const jobs = createJobs({ url: data.url, log });
    const base = { db, keys, clock, events, log, baseUrl };
    const access = await createAccess({
      ...base,
      auditDb: data.auditDb,
      mode: 'demo',
      secureCookies: false,
      tenantOf: () => 1,
      licences: { required: true, roles: licensedRoles },
      ...(delivery && { jobs, delivery }),
    });
    const records = await createRecords({ ...base, access });
    const deps: VisitsDeps = {
      ...base,
      access,
      records,
      jobs,
      objects: diskObjects(join(folder, 'objects')),
      delivery: delivery ?? gateways({}),
      media: { two: peerToPeer({ stunUrls: [], turnUrls: [] }, clock), ...(many && { many }) },
      config: settings,
    };
    const visits = await createVisits(deps);
    const http = createHttp({
      log,
      renderError(error) {
        const { status, outcome, headers } = outcomeOf(error);
        if (status >= 500) log.error({ err: error as Error }, 'test request failed');
        return { status, headers, contentType: 'application/json', body: outcome };
      },
    });
    await http.register(access.plugin);
    await http.register(records.plugin, { prefix: '/fhir/R4' });
    await http.register(visits.plugin, { prefix: '/api' });
    await access.start();
    await records.start();
    await visits.start();
    await http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = http.server.address() as AddressInfo;
    const instance: Instance = {
      db,
      access,
      records,
      visits,
      deps,
      http,
      socketUrl: `ws://127.0.0.1:${port}`,
      async close() {
        instances.splice(instances.indexOf(instance), 1);
        await visits.stop();
        await http.close();
        await records.stop();
        await access.stop();
        await jobs.stop();
        await events.close();
        keys.close();
        await db.close();
      },
    };
    instances.push(instance);
    return instance;
  }

  const first = await another();
  const system = systemCaller(1, clock, 'test');
  let serial = 0;

  async function send<T>(
    on: Instance,
    cookie: string,
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const answer = await on.http.inject({
      method,
      url,
      headers: { host: 'localhost:8170', origin: baseUrl, cookie, ...headers },
      ...(body && { payload: body }),
    });
    const text = answer.body;
    return { status: answer.statusCode, body: (text ? JSON.parse(text) : undefined) as T };
  }

  async function fhirUserOf(
    role: SignInRole,
    family: string,
  ): Promise<{ type: 'Patient' | 'Practitioner'; id: string } | undefined> {
    const name = [{ family, given: ['Test'] }];
    if (role === 'patient') {
      const resource: Patient = {
        resourceType: 'Patient',
        name,
        birthDate: '1984-02-29',
        address: [home],
      };
      return { type: 'Patient', id: (await first.records.create(system, resource)).id };
    }
    if (role !== 'practitioner' && role !== 'nurse' && role !== 'trainee') return undefined;
    const qualification = [{ code: { text: 'Family medicine' } }];
    const resource: Practitioner = { resourceType: 'Practitioner', name, qualification };
    return { type: 'Practitioner', id: (await first.records.create(system, resource)).id };
  }

  async function person(role: SignInRole, name?: string): Promise<Person> {
    const n = ++serial;
    const family = name ?? `Lindqvist${n}`;
    const email = `${role}${n}@clinic.example`;
    const fhirUser = await fhirUserOf(role, family);
    const { id: account } = await first.access.accounts.create({
      tenant: 1,
      role,
      email,
      name: family,
      password: 'blue lamp under nine stones',
      ...(fhirUser && { fhirUser }),
    });
    const who: Person = {
      account,
      id: fhirUser?.id ?? account,
      cookie: '',
      async signIn() {
        const signed = await first.http.inject({
          method: 'POST',
          url: '/auth/demo',
          headers: { host: 'localhost:8170', origin: baseUrl },
          payload: { email },
        });
        if (signed.statusCode !== 200) throw new Error(`sign-in: ${signed.body}`);
        who.cookie = signed.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
      },
      get: (url, on = first) => send(on, who.cookie, 'GET', url),
      post: (url, body, headers, on = first) => send(on, who.cookie, 'POST', url, body, headers),
      put: (url, body) => send(first, who.cookie, 'PUT', url, body),
    };
    // Without a licence a clinician is nobody here: tests of that take hers away.
    if (role === 'practitioner' || role === 'nurse') await license(who);
    await who.signIn();
    return who;
  }

  async function license(
    who: Person,
    jurisdictions = ['US-NY'],
    lastDay = '2037-12-31',
  ): Promise<string> {
    const words = { number: '204 881', authority: 'State Education Department' };
    const { licences } = first.access;
    const { id } = await licences.submit(callerFor('administrator'), who.account, {
      ...words,
      profession: 'Clinician',
      jurisdictions,
      lastDay,
    });
    await licences.decide(callerFor('administrator'), id, { decision: 'verify' });
    return id;
  }

  const clinic: Clinic = {
    ...first,
    objectsDir: join(folder, 'objects'),
    data,
    folder,
    clock,
    log,
    system,
    another,
    person,
    license,
    async clinician(rule = {}) {
      const who = await person('practitioner');
      await first.visits.schedules.put(system, {
        clinician: who.id,
        zone: 'America/New_York',
        slotMinutes: 30,
        bufferBefore: 0,
        bufferAfter: 0,
        capacity: 1,
        noticeMinutes: 10,
        horizonDays: 60,
        modes: ['video', 'audio', 'chat', 'in-person'],
        hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({
          day: day as 1,
          start: '09:00',
          end: '17:00',
        })),
        exceptions: [],
        closures: [],
        active: true,
        ...rule,
      });
      return who;
    },
    async firstSlot(clinician, from = clock.now()) {
      const { body } = await clinician.post<FreeSlot[]>('/api/slots', {
        clinician: clinician.id,
        from: new Date(from).toISOString(),
        to: new Date(from + 3 * 86_400_000).toISOString(),
      });
      return body[0]!;
    },
    async book(patient, clinician, reason = 'A cough that will not go') {
      const slot = await clinic.firstSlot(clinician);
      const { status, body } = await patient.post<AppointmentView>(
        '/api/appointments',
        { slotId: slot.id, type: 'video', reason },
        { 'idempotency-key': randomUUID() },
      );
      if (status !== 201) throw new Error(`booking: ${status} ${JSON.stringify(body)}`);
      return body;
    },
    async admitted(patient, clinician) {
      const visit = await clinic.book(patient, clinician);
      const arrived = await patient.post(`/api/visits/${visit.id}/arrive`, { checks });
      if (arrived.status !== 200) throw new Error(`arrive: ${JSON.stringify(arrived)}`);
      const admitted = await clinician.post(`/api/visits/${visit.id}/admit`);
      if (admitted.status !== 200) throw new Error(`admit: ${JSON.stringify(admitted)}`);
      return visit;
    },
    async closeAll() {
      while (instances[0]) await instances[0].close();
      await data.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return clinic;
}
