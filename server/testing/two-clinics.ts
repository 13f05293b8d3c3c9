/** A server with two clinics behind two host names, whose records, accounts and clients have equal ids. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { within } from '@afar/platform';
import { testDatabase, testLog, type TestDatabase } from '@afar/platform/testing';
import { Secret, TOTP } from 'otpauth';
import { compose, type App } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { dataFolder } from './spawn-server.ts';

export interface Said {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json<T = Record<string, unknown>>(): T;
}

export interface Asked {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Clinic {
  tenant: number;
  host: string;
  /** What only this clinic's records say. */
  family: string;
  token: string;
  ask(path: string, asked?: Asked): Promise<Said>;
  /** As the API client: every row of the clinic. */
  fhir(path: string, asked?: Asked): Promise<Said>;
  /** A cookie of a browser that signed in with both factors; the same one each time: a code is good once. */
  signIn(email: string): Promise<string>;
}

export interface TwoClinics {
  app: App;
  data: TestDatabase;
  /** Everything the server logged so far. */
  logged(): string;
  first: Clinic;
  second: Clinic;
  /** By any `Host`. */
  ask(host: string, path: string, asked?: Asked): Promise<Said>;
  close(): Promise<void>;
}

export const passwordOf = (tenant: number): string => `tidal-harbour-quilt-${tenant}`;
export const clientId = 'same-client';
export const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const secretOf = (tenant: number): string => `${tenant}`.repeat(48);
const scope = 'system/*.cruds';

export async function twoClinics(): Promise<TwoClinics> {
  const folder = dataFolder();
  const data = await testDatabase();
  mkdirSync(join(folder.path, 'keys'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder.path, 'keys', 'database.json'), JSON.stringify(data.passwords));
  const env = { AFAR_DATA: folder.path, AFAR_PORT: '0', DATABASE_URL: data.urls.admin };
  // Empty of the demo clinic; what production asks of a network is not this test's matter.
  const log = testLog();
  const app = await compose({ ...loadConfig(env), mode: 'production' }, log);
  await app.listen();
  const port = Number(new URL(app.baseUrl).port);
  const { tenants, access } = app.house;
  await tenants.create({ name: 'Second', hosts: ['second.test'] });

  const ask = (host: string, path: string, { method = 'GET', body, headers }: Asked = {}) =>
    new Promise<Said>((resolve, reject) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const sent = request(
        {
          port,
          host: '127.0.0.1',
          path,
          method,
          agent: false,
          headers: {
            host: `${host}:${port}`,
            ...(text !== undefined && { 'content-type': 'application/fhir+json' }),
            ...headers,
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const said = Buffer.concat(chunks).toString();
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: said,
              json: <T>() => JSON.parse(said) as T,
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });

  async function clinic(tenant: number, host: string, family: string): Promise<Clinic> {
    await within(tenant, async () => {
      for (const role of ['administrator', 'auditor'] as const)
        await access.accounts.create({
          tenant,
          role,
          email: `${role}@same.example`,
          name: `${family} ${role}`,
          password: passwordOf(tenant),
          totpSecret,
        });
      await access.clients.create({
        tenant,
        id: clientId,
        secret: secretOf(tenant),
        scope,
        name: family,
      });
    });
    const granted = await ask(host, '/oauth/token', tokenAsked(tenant));
    const token = granted.json<{ access_token: string }>().access_token;
    const signedIn = new Map<string, string>();
    return {
      tenant,
      host,
      family,
      token,
      ask: (path, asked) => ask(host, path, asked),
      fhir: (path, asked = {}) =>
        ask(host, `/fhir/R4${path}`, {
          ...asked,
          headers: { authorization: `Bearer ${token}`, ...asked.headers },
        }),
      async signIn(email) {
        const known = signedIn.get(email);
        if (known) return known;
        const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
        const first = await ask(host, '/auth/sign-in', {
          method: 'POST',
          headers: json,
          body: { email, password: passwordOf(tenant) },
        });
        const half = cookieOf(first);
        const code = new TOTP({ secret: Secret.fromBase32(totpSecret) }).generate();
        const second = await ask(host, '/auth/second-factor', {
          method: 'POST',
          headers: { ...json, cookie: half },
          body: { code },
        });
        if (second.status !== 200)
          throw new Error(`second factor: ${second.status} ${second.text}`);
        const cookie = cookieOf(second) || half;
        signedIn.set(email, cookie);
        return cookie;
      },
    };
  }

  return {
    app,
    data,
    logged: () => log.text(),
    first: await clinic(1, 'localhost', 'Firstperson'),
    second: await clinic(2, 'second.test', 'Secondperson'),
    ask,
    async close() {
      await app.close();
      await data.drop();
      folder.remove();
    },
  };
}

/** Client credentials with a tenant's secret. */
export const tokenAsked = (tenant: number): Asked => ({
  method: 'POST',
  headers: {
    authorization: `Basic ${btoa(`${clientId}:${secretOf(tenant)}`)}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
  body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
});

export const cookieOf = ({ headers }: Said): string =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((one) => one.split(';')[0]!)
    .join('; ');
