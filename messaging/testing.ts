/** The room on a clinic of its own, for tests: people with accounts, care relations, a clock that stands still. */
import { randomUUID } from 'node:crypto';
import type { Caller, Role } from '@afar/access';
import type { CareTeam } from '@afar/fhir';
import {
  createJobs,
  diskObjects,
  everyTenant,
  fixedClock,
  gateways,
  type FixedClock,
} from '@afar/platform';
import { openWorld, type World } from '@afar/records/testing';
import type { House } from './house.ts';
import { createMessaging } from './index.ts';
import { escalate } from './overdue.ts';

export interface Answer<T> {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: T;
}

export interface Member {
  /** Patient or Practitioner. */
  id: string;
  account: string;
  caller: Caller;
  get<T>(url: string): Promise<Answer<T>>;
  post<T>(url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  put<T>(url: string, body: unknown): Promise<Answer<T>>;
  /** Kinds of the notices she got, oldest first. */
  told(): Promise<string[]>;
}

export interface Stage {
  world: World;
  /** An upload of nobody's, of so many bytes. @returns its status */
  anonymous(bytes: number): Promise<number>;
  house: House;
  clock: FixedClock;
  person(
    role: 'patient' | 'practitioner' | 'nurse' | 'administrator',
    over?: Partial<Caller>,
  ): Promise<Member>;
  /** Lets her care for the patient; ended by `without`. */
  cares(who: Member, patient: Member): Promise<{ without(): Promise<void> }>;
  escalate(): Promise<unknown>;
  close(): Promise<void>;
}

const names: Partial<Record<Role, string>> = { patient: 'Ada Okonjo', practitioner: 'Lindqvist' };

export async function openStage(): Promise<Stage> {
  const clock = fixedClock(Date.UTC(2026, 10, 24, 15));
  const world = await openWorld({ clock, rooms: ['messaging'] });
  const house: House = {
    ...world,
    db: world.data.db,
    jobs: createJobs({ url: world.data.url, log: world.log }),
    delivery: gateways({}),
    objects: diskObjects(`${world.folder}/objects`),
    baseUrl: 'https://clinic.example',
  };
  const messaging = createMessaging(house);
  const http = await world.http(async (app) => {
    await app.register(messaging.plugin, { prefix: '/api' });
  });
  let serial = 0;

  const person: Stage['person'] = async (role, over = {}) => {
    const made =
      role === 'patient'
        ? await world.patient()
        : role === 'administrator'
          ? undefined
          : await world.practitioner();
    const type = role === 'patient' ? 'Patient' : 'Practitioner';
    const fhirUser = made && ({ type, id: made.id } as const);
    const { id: account } = await world.access.accounts.create({
      tenant: 1,
      role,
      email: `${role}${++serial}@clinic.example`,
      name: names[role] ?? role,
      password: { hash: 'none' },
      // Staff are stood in for only with a second factor.
      ...(role !== 'patient' && { totpSecret: 'JBSWY3DPEHPK3PXP' }),
      ...(fhirUser && { fhirUser }),
    });
    const caller = (): Caller =>
      world.caller(role, { id: account, ...(fhirUser && { fhirUser }), ...over });
    const send = async <T>(
      method: 'GET' | 'POST' | 'PUT',
      url: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<Answer<T>> => {
      const raw = Buffer.isBuffer(body);
      const answer = await http.inject({
        as: caller(),
        method,
        url,
        ...(body !== undefined && { body: raw ? body.toString('latin1') : body }),
        headers: {
          ...(!raw && body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      });
      const json = String(answer.headers['content-type']).includes('json');
      return { ...answer, body: (json ? JSON.parse(answer.text) : undefined) as T };
    };
    return {
      id: made?.id ?? account,
      account,
      caller: caller(),
      get: (url) => send('GET', url),
      post: (url, body = {}, headers) =>
        send('POST', url, body, { 'idempotency-key': randomUUID(), ...headers }),
      put: (url, body) => send('PUT', url, body),
      async told() {
        const list = await world.access.notices.list(1, account, 50);
        return list.map((one) => one.kind).toReversed();
      },
    };
  };

  return {
    world,
    house,
    clock,
    person,
    async anonymous(bytes) {
      const { status } = await http.inject({
        method: 'POST',
        url: `/api/messages/attachments/${randomUUID()}`,
        headers: { 'content-type': 'application/octet-stream' },
        body: ' '.repeat(bytes),
      });
      return status;
    },
    async cares(who, patient) {
      const team: CareTeam = {
        resourceType: 'CareTeam',
        status: 'active',
        subject: { reference: `Patient/${patient.id}` },
        participant: [{ member: { reference: `Practitioner/${who.id}` } }],
      };
      const { resource } = await world.records.create<CareTeam>(world.system, team);
      return {
        async without() {
          await world.records.update<CareTeam>(world.system, { ...resource, status: 'inactive' });
        },
      };
    },
    escalate: () => everyTenant(() => escalate(house)),
    async close() {
      await messaging.stop();
      await house.jobs.stop();
      await world.close();
    },
  };
}
