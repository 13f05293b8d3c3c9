/** An app as its makers would write it, for tests: asks, is answered by a person in her browser, fetches and renews tokens. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { FastifyRequest, LightMyRequestResponse } from 'fastify';
import type { Caller } from '../caller.ts';
import { baseUrl, stage, type Browser, type Person, type Stage } from '../testing.ts';
import type { Client } from './clients.ts';
import type { AskedAccess } from './contract.ts';
import type { ClientDetails } from './details.ts';

export const fhir = `${baseUrl}/fhir/R4`;
export const callback = 'https://app.example/callback';
/** All that an app may ask for. */
export const everything =
  'openid fhirUser profile launch launch/patient offline_access online_access patient/*.cruds user/*.cruds';

export interface Tokens {
  access_token: string;
  refresh_token?: string;
  id_token?: string;
  scope: string;
  patient?: string;
  encounter?: string;
  need_patient_banner?: boolean;
  expires_in: number;
  error?: string;
}

export interface TestApp {
  client: Client;
  secret?: string;
  verifier: string;
  /** The address an app sends the browser to. */
  address(scope: string, over?: Record<string, string | undefined>): string;
  /** As far as the question: its uid, or what came instead. */
  ask(
    on: Browser,
    scope: string,
    over?: Record<string, string | undefined>,
  ): Promise<{ uid: string; answer: LightMyRequestResponse }>;
  question(on: Browser, uid: string): Promise<LightMyRequestResponse>;
  /** She says yes; the parameters that come back to the app. */
  allow(on: Browser, uid: string, body: object): Promise<URLSearchParams>;
  /** All of it: a code for what was asked, whole. */
  code(
    on: Browser,
    scope: string,
    over?: { patient?: string; granted?: string; launch?: string },
  ): Promise<string>;
  token(body: Record<string, string>): Promise<LightMyRequestResponse>;
  exchange(code: string, over?: Record<string, string>): Promise<LightMyRequestResponse>;
  tokens(
    on: Browser,
    scope: string,
    over?: { patient?: string; granted?: string; launch?: string },
  ): Promise<Tokens>;
  refresh(token: string, over?: Record<string, string>): Promise<LightMyRequestResponse>;
}

/** Tells the room what a record store would: every chart is everybody's, unless said otherwise. */
export function anyRecord(at: Stage, hidden: string[] = []): void {
  at.access.askRecords((_caller, _type, id) =>
    Promise.resolve(hidden.includes(id) ? undefined : id),
  );
}

export async function testApp(
  at: Stage,
  scope: string,
  details: Partial<ClientDetails> = {},
): Promise<TestApp> {
  const made = await at.access.clients.register(
    1,
    {
      name: 'Growth chart',
      kind: 'public',
      auth: 'none',
      redirectUris: [callback],
      ...details,
    },
    { scope, status: 'active' },
  );
  const { client, secret } = made;
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');

  const app: TestApp = {
    client,
    ...(secret !== undefined && { secret }),
    verifier,
    address(asked, over = {}) {
      const params = {
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: client.details.redirectUris[0],
        scope: asked,
        state: randomUUID(),
        aud: fhir,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...over,
      };
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(params))
        if (value !== undefined) query.set(name, value);
      return `/oauth/authorize?${query.toString()}`;
    },
    async ask(on, asked, over) {
      const answer = await on.send({ method: 'GET', url: app.address(asked, over) });
      return {
        uid: /^\/authorize\/([\w-]+)$/.exec(answer.headers.location ?? '')?.[1] ?? '',
        answer,
      };
    },
    question: (on, uid) => on.get(`/api/authorize/${uid}`),
    async allow(on, uid, body) {
      const said = await on.post(`/api/authorize/${uid}`, body);
      if (said.statusCode !== 200) throw new Error(`not allowed: ${said.statusCode} ${said.body}`);
      const { redirect } = said.json<{ redirect: string }>();
      const back = await on.get(redirect);
      if (!back.headers.location) throw new Error(`no way back: ${back.statusCode} ${back.body}`);
      return new URL(back.headers.location).searchParams;
    },
    async code(on, asked, { patient, granted, launch } = {}) {
      const { uid, answer } = await app.ask(on, asked, { ...(launch && { launch }) });
      if (!uid)
        throw new Error(
          `no question: ${answer.statusCode} ${answer.headers.location} ${answer.body}`,
        );
      const question = (await app.question(on, uid)).json<AskedAccess>();
      const back = await app.allow(on, uid, {
        scopes: granted?.split(' ') ?? question.scopes,
        ...(patient !== undefined && { patient }),
      });
      const code = back.get('code');
      if (!code) throw new Error(`no code: ${back.toString()}`);
      return code;
    },
    token: (body) =>
      at.http.inject({
        method: 'POST',
        url: '/oauth/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(secret !== undefined && {
            authorization: `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}`,
          }),
        },
        payload: new URLSearchParams({
          ...(secret === undefined && { client_id: client.client_id }),
          ...body,
        }).toString(),
      }),
    exchange: (code, over = {}) =>
      app.token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: client.details.redirectUris[0]!,
        code_verifier: verifier,
        ...over,
      }),
    async tokens(on, asked, over) {
      const answer = await app.exchange(await app.code(on, asked, over));
      if (answer.statusCode !== 200) throw new Error(`no token: ${answer.body}`);
      return answer.json<Tokens>();
    },
    refresh: (token, over = {}) =>
      app.token({ grant_type: 'refresh_token', refresh_token: token, ...over }),
  };
  return app;
}

/** A clinic with an app that may ask for everything, and a patient signed in at home. */
export interface AppStage {
  at: Stage;
  app: TestApp;
  ada: Person;
  home: Browser;
  /** Her chart. */
  patient: string;
  /** The one chart that nobody may see. */
  hidden: string;
  callerOf(bearer: string): Promise<Caller | undefined>;
  /** What the app holds once she has said yes to this. */
  give(scope: string, over?: { granted?: string }): Promise<Tokens>;
}

export async function appStage(): Promise<AppStage> {
  const at = await stage({
    clientRegistration: true,
    prepare: (http) => {
      http.get('/fhir/R4/probe', (req) => ({ role: req.caller?.role ?? 'nobody' }));
    },
  });
  const hidden = randomUUID();
  anyRecord(at, [hidden]);
  const app = await testApp(at, everything);
  const ada = await at.person('patient');
  const home = await at.signIn(ada);
  const patient = (await at.access.accounts.get(1, ada.id))!.fhirUser!.id;
  return {
    at,
    app,
    ada,
    home,
    patient,
    hidden,
    callerOf: (bearer) =>
      at.access.authenticate({
        headers: { authorization: `Bearer ${bearer}` },
        host: 'localhost:8160',
        id: 'test',
        ip: '203.0.113.9',
      } as FastifyRequest),
    give: (scope, over) => app.tokens(home, scope, { patient, ...over }),
  };
}
