/** The room on a real database, behind a real HTTP server, for its own tests. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomeOf } from '@afar/fhir';
import {
  createHttp,
  createJobs,
  fileOutbox,
  fixedClock,
  localKeyProvider,
  openKeyRing,
  type Db,
  type Events,
  type FixedClock,
  type KeyRing,
  type Outbox,
} from '@afar/platform';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { createAccess, type Access, type AccessDeps } from './access.ts';
import type { AuditEntry } from './audit/entry.ts';
import { systemCaller } from './caller.ts';
import type { SignInRole } from './contract.ts';
import { newTotpSecret, totpCode } from './totp.ts';
import { requireCaller } from './may.ts';

export const baseUrl = 'http://localhost:8160';
export const start = Date.UTC(2026, 10, 21, 9);
export const password = 'blue lamp under nine stones';

export interface Person {
  id: string;
  role: SignInRole;
  email: string;
  name: string;
  totp?: string;
}

/** A browser: keeps its cookies, says where it is. */
export interface Browser {
  cookies: Map<string, string>;
  send(options: InjectOptions): Promise<LightMyRequestResponse>;
  post(url: string, payload?: object): Promise<LightMyRequestResponse>;
  get(url: string): Promise<LightMyRequestResponse>;
}

export interface Stage {
  access: Access;
  http: FastifyInstance;
  database: TestDatabase;
  keys: KeyRing;
  clock: FixedClock;
  folder: string;
  /** What was sent, after `access.post.settle()`. */
  outbox: Outbox;
  log: ReturnType<typeof testLog>;
  person(
    role: SignInRole,
    over?: { email?: string; name?: string; totp?: boolean },
  ): Promise<Person>;
  browser(over?: { ip?: string; agent?: string; fetched?: boolean }): Browser;
  /** Signs in with everything that is asked of the person. */
  signIn(who: Person, browser?: Browser): Promise<Browser>;
  /** The word of a second person, whom the operator stands for. */
  approve(approval: string): ReturnType<Access['approvals']['decide']>;
  close(): Promise<void>;
}

const noEvents: Events = { publish: () => Promise.resolve(), subscribe: () => () => undefined };

const fhirUsers: Partial<Record<SignInRole, 'Practitioner' | 'Patient'>> = {
  practitioner: 'Practitioner',
  nurse: 'Practitioner',
  patient: 'Patient',
};

let serial = 0;

/** An event of a practitioner who read a patient. */
export const auditEntry = (now: number, over: Partial<AuditEntry> = {}): AuditEntry => ({
  tenant: 1,
  at: now,
  requestId: randomUUID(),
  who: randomUUID(),
  role: 'practitioner',
  ip: '192.0.2.7',
  device: 'Firefox',
  verb: 'R',
  action: 'read',
  type: 'Patient',
  rid: randomUUID(),
  patients: [randomUUID()],
  purpose: 'TREAT',
  outcome: 0,
  ...over,
});

export async function stage(
  over: Partial<AccessDeps> & {
    database?: TestDatabase;
    wrapAudit?: (db: Db) => Db;
    /** Routes of the test's own. */
    prepare?: (http: FastifyInstance) => void;
  } = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'afar-access-'));
  const database = over.database ?? (await testDatabase(['access']));
  const clock = fixedClock(start);
  const log = testLog();
  const keys = await openKeyRing({
    dir: join(folder, 'keys'),
    provider: localKeyProvider(join(folder, 'kek')),
    clock,
  });
  const outbox = fileOutbox({ dir: join(folder, 'outbox'), key: () => keys.tenant(1), clock });
  const access = await createAccess({
    // Never started: a test hands messages over by `access.post.settle()`.
    jobs: createJobs({ url: database.url, log }),
    delivery: outbox,
    db: database.db,
    auditDb: over.wrapAudit?.(database.auditDb) ?? database.auditDb,
    keys,
    clock,
    events: noEvents,
    log,
    mode: 'demo',
    baseUrl,
    secureCookies: false,
    tenantOf: () => 1,
    ...over,
  });
  const http = createHttp({
    log,
    renderError(error) {
      const { status, outcome, headers } = outcomeOf(error);
      return { status, headers, contentType: 'application/fhir+json', body: outcome };
    },
  });
  await http.register(access.plugin);
  http.get('/api/probe', (req) => ({ role: requireCaller(req).role }));
  http.post('/api/probe', (req) => ({ role: requireCaller(req).role }));
  over.prepare?.(http);
  await http.ready();
  await access.start();

  function browser({ ip = '203.0.113.5', agent = 'Test Browser', fetched = true } = {}): Browser {
    const cookies = new Map<string, string>();
    const it: Browser = {
      cookies,
      async send(options) {
        const answer = await http.inject({
          remoteAddress: ip,
          ...options,
          headers: {
            host: 'localhost:8160',
            'user-agent': agent,
            ...(fetched && { 'sec-fetch-site': 'same-origin' }),
            ...(cookies.size > 0 && {
              cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            }),
            ...options.headers,
          },
        });
        for (const { name, value, maxAge } of answer.cookies)
          if (maxAge === 0) cookies.delete(name);
          else cookies.set(name, value);
        return answer;
      },
      post: (url, payload) => it.send({ method: 'POST', url, ...(payload && { payload }) }),
      get: (url) => it.send({ method: 'GET', url }),
    };
    return it;
  }

  return {
    access,
    http,
    database,
    keys,
    clock,
    folder,
    outbox,
    log,
    browser,
    async person(role, { email, name, totp = role !== 'patient' } = {}) {
      const n = ++serial;
      const who = {
        role,
        email: email ?? `${role}${n}@clinic.example`,
        name: name ?? `Test ${role} Lindqvist${n}`,
        ...(totp && { totp: newTotpSecret() }),
      };
      const type = fhirUsers[role];
      const { id } = await access.accounts.create({
        tenant: 1,
        role,
        email: who.email,
        name: who.name,
        password,
        ...(who.totp && { totpSecret: who.totp }),
        ...(type && { fhirUser: { type, id: randomUUID() } }),
        locale: 'en-GB',
        zone: 'Europe/Stockholm',
      });
      return { id, ...who };
    },
    async signIn(who, on = browser()) {
      const first = await on.post('/auth/sign-in', { email: who.email, password });
      if (first.statusCode !== 200) throw new Error(`sign-in: ${first.statusCode} ${first.body}`);
      if (!who.totp) return on;
      const code = totpCode(who.totp, clock.now());
      const second = await on.post('/auth/second-factor', { code });
      if (second.statusCode !== 200)
        throw new Error(`second factor: ${second.statusCode} ${second.body}`);
      return on;
    },
    approve: (approval) =>
      access.approvals.decide(systemCaller(1, clock, 'approve'), approval, 'approve'),
    async close() {
      await http.close();
      await access.stop();
      keys.close();
      if (!over.database) await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
