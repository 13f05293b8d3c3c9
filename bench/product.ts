/** The product under measurement: started on a fresh folder, and its two callers. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { inParallel, send, type Target } from './load.ts';
import { cpuOfTree, startProgram, untilAnswers } from './processes.ts';

export interface Accounts {
  baseUrl: string;
  fhirUrl: string;
  accounts: { role: string; email: string; password: string; totpSecret: string | null }[];
  client: { clientId: string; clientSecret: string; scope: string; tokenUrl: string };
}

export interface Product {
  pid: number;
  postmaster: number;
  /** The demo clinic's API client: a wildcard grant, system scopes. */
  system(): Promise<Target>;
  /** A practitioner who has signed in with both factors, and her Practitioner's id. */
  practitioner(): Promise<{ target: Target; id: string }>;
  stop(): Promise<void>;
}

/**
 * @param nodeArgs for Node itself, such as --cpu-prof
 * @param program what is started, from the root of the checkout
 * @param database one that runs already, with the pid of its first process; default: the embedded one
 */
export async function startProduct(
  folder: string,
  port: number,
  nodeArgs: string[] = [],
  database?: { url: string; postmaster: number },
  program = 'server/main.ts',
): Promise<Product> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const data = join(folder, 'data');
  const env = {
    AFAR_DATA: data,
    AFAR_PORT: String(port),
    AFAR_MODE: 'demo',
    // What is measured is the cost of what is let through.
    AFAR_MOST_AT_ONCE: '0',
    AFAR_RATE_SOURCE: '0',
    AFAR_RATE_USER: '0',
    AFAR_RATE_CLIENT: '0',
    ...(database && { DATABASE_URL: database.url }),
  };
  const main = resolve(import.meta.dirname, '..', program);
  const running = startProgram([...nodeArgs, main], env, join(folder, 'server.log'));
  const origin = `http://localhost:${port}`;
  await untilAnswers(`${origin}/fhir/R4/metadata`, running);
  const file = readFileSync(join(data, 'demo-accounts.json'), 'utf8');
  const accounts = JSON.parse(file) as Accounts;
  const postmaster = database?.postmaster ?? embeddedPostmaster(data);
  const target = (name: string, headers: Record<string, string>): Target => ({
    name,
    base: accounts.fhirUrl,
    headers,
    cpu: () => ({
      server: cpuOfTree(running.pid, [postmaster]),
      postgres: cpuOfTree(postmaster),
    }),
  });
  return {
    pid: running.pid,
    postmaster,
    stop: () => running.stop(),
    async system() {
      const token = await clientToken(accounts);
      return target('system client', { authorization: `Bearer ${token}` });
    },
    async practitioner() {
      const { cookie, id } = await signIn(accounts, origin);
      return { target: target('practitioner', { cookie, origin }), id };
    },
  };
}

function embeddedPostmaster(data: string): number {
  const file = readFileSync(join(data, 'database/cluster/postmaster.pid'), 'latin1');
  return Number(file.split('\n')[0]);
}

/** Client credentials [RFC 6749 4.4]. */
export async function clientToken({ client }: Accounts): Promise<string> {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  const response = await fetch(client.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: client.scope }),
  });
  if (!response.ok) throw new Error(`token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

export async function signIn(
  accounts: Accounts,
  origin: string,
): Promise<{ cookie: string; id: string }> {
  const account = accounts.accounts.find((one) => one.role === 'practitioner');
  if (!account?.totpSecret)
    throw new Error('no practitioner with a second factor among the demo accounts');
  let cookie = '';
  const ask = async (path: string, content: object): Promise<unknown> => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, cookie },
      body: JSON.stringify(content),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const set = response.headers.getSetCookie().map((one) => one.split(';')[0]!);
    if (set.length) cookie = set.join('; ');
    return response.json();
  };
  await ask('/auth/sign-in', { email: account.email, password: account.password });
  const code = new TOTP({ secret: Secret.fromBase32(account.totpSecret) }).generate();
  const { me } = (await ask('/auth/second-factor', { code })) as {
    me: { fhirUser?: { id: string } };
  };
  if (!me.fhirUser) throw new Error('the practitioner account has no Practitioner');
  return { cookie, id: me.fhirUser.id };
}

/** Puts every patient under the practitioner's care: a CareTeam each, made by the system client. */
export async function giveCare(
  system: Target,
  practitioner: string,
  patients: string[],
): Promise<void> {
  await inParallel(patients.length, async (n) => {
    const reply = await send(system, 'POST', '/CareTeam', {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: `Patient/${patients[n]}` },
      participant: [{ member: { reference: `Practitioner/${practitioner}` } }],
    });
    if (reply.status !== 201)
      throw new Error(`CareTeam: ${reply.status} ${reply.body.slice(0, 500)}`);
  });
}
