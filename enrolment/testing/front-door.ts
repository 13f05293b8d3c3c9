/** A clinic whose front door is open: real database, keys, trail, sign-in and record store, and a browser for each who comes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAccess,
  newTotpSecret,
  systemCaller,
  totpCode,
  type Access,
  type Caller,
} from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import {
  createHttp,
  createJobs,
  fileOutbox,
  fixedClock,
  localKeyProvider,
  openEvents,
  openKeyRing,
  within,
  type FixedClock,
  type Outbox,
} from '@afar/platform';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import { createRecords, type Records } from '@afar/records';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { termsVersion } from '../charts.ts';
import type { CodeAnswer, RegisterAnswer, RegisterRequest, VerifyAnswer } from '../contract.ts';
import { createEnrolment } from '../create-enrolment.ts';
import type { House } from '../house.ts';

export const start = Date.UTC(2026, 10, 21, 9);
export const password = 'blue lamp under nine stones';

export interface Browser {
  cookies: Map<string, string>;
  send(method: 'GET' | 'POST' | 'PUT', url: string, body?: object): Promise<LightMyRequestResponse>;
}

export interface FrontDoor {
  access: Access;
  records: Records;
  http: FastifyInstance;
  data: TestDatabase;
  clock: FixedClock;
  outbox: Outbox;
  log: ReturnType<typeof testLog>;
  system: Caller;
  browser(ip?: string): Browser;
  /** What was sent to an address. */
  sent(to: string): Promise<string[]>;
  /** A browser whose address is verified: with the proof. */
  proven(
    address: string,
    over?: { browser?: Browser; invitation?: object },
  ): Promise<{ browser: Browser; proof: string }>;
  body(proof: string, over?: Partial<RegisterRequest>): RegisterRequest;
  register(
    address: string,
    over?: Partial<RegisterRequest>,
  ): Promise<{ browser: Browser; me: RegisterAnswer['me'] }>;
  staff(role: 'nurse' | 'administrator' | 'practitioner'): Promise<Browser>;
  close(): Promise<void>;
}

export const ada = {
  given: 'Ada',
  family: 'Okonjo',
  birthDate: '1984-02-29',
  sex: 'female',
} as const;

export async function openFrontDoor(
  over: Partial<Pick<House, 'mode' | 'majority'>> = {},
): Promise<FrontDoor> {
  const data = await testDatabase(['access', 'records', 'enrolment']);
  const folder = mkdtempSync(join(tmpdir(), 'afar-enrolment-'));
  const log = testLog();
  const clock = fixedClock(start);
  const keys = await openKeyRing({
    dir: join(folder, 'keys'),
    provider: localKeyProvider(join(folder, 'kek')),
    clock,
  });
  const events = await openEvents({ url: data.url, db: data.db, log });
  const outbox = fileOutbox({ dir: join(folder, 'outbox'), key: () => keys.tenant(1), clock });
  const jobs = createJobs({ url: data.url, log });
  const baseUrl = 'http://localhost:8120';
  const shared = { db: data.db, keys, clock, events, log, jobs, baseUrl, tenantOf: () => 1 };
  const access = await createAccess({
    ...shared,
    auditDb: data.auditDb,
    delivery: outbox,
    mode: 'demo',
    secureCookies: false,
  });
  const records = await createRecords({ ...shared, access });
  const enrolment = createEnrolment({
    ...shared,
    access,
    records,
    mode: 'open',
    majority: 18,
    outbox,
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
  await http.register(records.plugin, { prefix: '/fhir/R4' });
  await http.register(enrolment.plugin, { prefix: '/api' });
  await http.ready();
  await access.start();
  await records.start();

  let visitors = 0;
  function browser(ip = `203.0.113.${++visitors % 250}`): Browser {
    const cookies = new Map<string, string>();
    return {
      cookies,
      async send(method, url, body) {
        const answer = await http.inject({
          method,
          url,
          remoteAddress: ip,
          ...(body && { payload: body }),
          headers: {
            host: 'localhost:8120',
            'user-agent': 'Test Browser',
            'sec-fetch-site': 'same-origin',
            ...(cookies.size > 0 && {
              cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            }),
          },
        });
        for (const { name, value, maxAge } of answer.cookies)
          if (maxAge === 0) cookies.delete(name);
          else cookies.set(name, value);
        return answer;
      },
    };
  }

  async function sent(to: string): Promise<string[]> {
    await access.post.settle();
    return (await outbox.read()).filter((one) => one.to === to).map((one) => JSON.stringify(one));
  }

  const proven: FrontDoor['proven'] = async (
    address,
    { browser: on = browser(), invitation } = {},
  ) => {
    const reached = { channel: address.startsWith('+') ? 'sms' : 'mail', address, locale: 'en' };
    const first = await on.send('POST', '/api/register/code', {
      ...reached,
      ...(invitation && { invitation }),
    });
    if (first.statusCode !== 200) throw new Error(`code: ${first.statusCode} ${first.body}`);
    const { ticket } = first.json<CodeAnswer>();
    const code = /\b\d{6}\b/.exec((await sent(address)).at(-1) ?? '')?.[0] ?? '000000';
    const second = await on.send('POST', '/api/register/verify', { ...reached, ticket, code });
    if (second.statusCode !== 200) throw new Error(`verify: ${second.statusCode} ${second.body}`);
    return { browser: on, proof: second.json<VerifyAnswer>().proof };
  };

  const body: FrontDoor['body'] = (proof, more = {}) => ({
    proof,
    password,
    terms: termsVersion,
    locale: 'en-GB',
    zone: 'Europe/Stockholm',
    person: ada,
    ...more,
  });

  let staffed = 0;
  return {
    access,
    records,
    http,
    data,
    clock,
    outbox,
    log,
    system: systemCaller(1, clock, 'test'),
    browser,
    sent,
    proven,
    body,
    async register(address, more) {
      const { browser: on, proof } = await proven(address);
      const answer = await on.send('POST', '/api/register', body(proof, more));
      if (answer.statusCode !== 201)
        throw new Error(`register: ${answer.statusCode} ${answer.body}`);
      return { browser: on, me: answer.json<RegisterAnswer>().me };
    },
    async staff(role) {
      const email = `${role}${++staffed}@clinic.example`;
      const totpSecret = newTotpSecret();
      await access.accounts.create({
        tenant: 1,
        role,
        email,
        name: 'Greta Lindqvist',
        password,
        totpSecret,
      });
      const on = browser();
      const first = await on.send('POST', '/auth/sign-in', { email, password });
      const code = totpCode(totpSecret, clock.now());
      const second = await on.send('POST', '/auth/second-factor', { code });
      if (second.statusCode !== 200) throw new Error(`${first.body} ${second.body}`);
      return on;
    },
    async close() {
      await within(1, async () => {
        await http.close();
        await records.stop();
        await access.stop();
        await events.close();
        keys.close();
      });
      await data.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
