/** The server's life as its operator sees it: the first start, the end, a crash at any moment, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DemoSecrets } from './demo-secrets.ts';
import {
  dataFolder,
  killTree,
  postmasterOf,
  processesOn,
  spawnServer,
  type ServerProcess,
} from './testing/spawn-server.ts';

// A machine that is busy with other tests may take ten times as long as an idle one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let folder: ReturnType<typeof dataFolder>;
/** A data folder that was filled and left in order: most tests start from a copy of it. */
let filled: ReturnType<typeof dataFolder>;
const started: ServerProcess[] = [];
beforeAll(async () => {
  filled = dataFolder();
  const server = spawnServer(filled.path);
  await server.ready();
  server.child.kill('SIGTERM');
  await server.ended;
});
afterAll(() => filled.remove());
beforeEach(() => {
  folder = dataFolder();
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.child.kill('SIGTERM');
    await one.ended;
  }
  for (const { pid } of processesOn(folder.path)) process.kill(pid, 'SIGKILL');
  folder.remove();
});

function start(env: Record<string, string> = {}): ServerProcess {
  const server = spawnServer(folder.path, env);
  started.push(server);
  return server;
}

/** The folder of the test as a copy of the filled one, with owners and rights. */
function filledFolder(): void {
  const copied = spawnSync('cp', ['-a', filled.path, folder.path]);
  expect(copied.status).toBe(0);
}

const secrets = (): DemoSecrets =>
  JSON.parse(readFileSync(join(folder.path, 'demo-accounts.json'), 'utf8')) as DemoSecrets;

async function token({ client }: DemoSecrets): Promise<string> {
  const answer = await fetch(client.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: client.scope }),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function signIn(base: string, { email, password }: { email: string; password: string }) {
  const answer = await fetch(`${base}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify({ email, password }),
  });
  return { status: answer.status, body: (await answer.json()) as { status?: string } };
}

describe('the first start in demo mode', () => {
  it('says where it is, and leaves accounts that work in a file for its owner alone', async () => {
    const server = start();
    const url = await server.ready();
    expect(server.said()).toContain(`Demo accounts: ${join(folder.path, 'demo-accounts.json')}\n`);
    const file = secrets();
    expect(statSync(join(folder.path, 'demo-accounts.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(file)).toEqual(['baseUrl', 'fhirUrl', 'accounts', 'client']);
    expect(file).toMatchObject({ baseUrl: url, fhirUrl: `${url}/fhir/R4` });
    const roles = new Set(file.accounts.map((one) => one.role));
    expect(roles).toEqual(
      new Set([
        'administrator',
        'practitioner',
        'trainee',
        'nurse',
        'resident',
        'pharmacist',
        'paramedic',
        'patient',
        'auditor',
      ]),
    );
    expect(new Set(file.accounts.map((one) => one.password)).size).toBe(file.accounts.length);
    for (const account of file.accounts)
      expect(Object.keys(account)).toEqual(['role', 'email', 'password', 'totpSecret']);

    const doctor = file.accounts.find((one) => one.role === 'practitioner')!;
    expect(await signIn(url, doctor)).toMatchObject({ body: { status: 'second-factor' } });
    const patient = file.accounts.find((one) => one.role === 'patient')!;
    expect(await signIn(url, patient)).toMatchObject({ body: { status: 'signed-in' } });
    expect((await signIn(url, { ...patient, password: 'wrong' })).status).toBe(401);

    const bearer = { authorization: `Bearer ${await token(file)}` };
    const patients = await fetch(`${file.fhirUrl}/Patient?_count=50`, { headers: bearer });
    const bundle = (await patients.json()) as { entry: unknown[] };
    expect(bundle.entry.length).toBeGreaterThanOrEqual(12);
  });

  it('closes the folders: database and keys to everybody else, the data folder to looking', async () => {
    filledFolder();
    await start().ready();
    const mode = (...path: string[]) => statSync(join(folder.path, ...path)).mode & 0o777;
    expect([mode(), mode('database'), mode('keys'), mode('keys', 'database.json')]).toEqual([
      0o711, 0o700, 0o700, 0o600,
    ]);
  });
});

describe('the end', () => {
  it('SIGTERM ends it with 0 and leaves no process; the next start has the same clinic', async () => {
    filledFolder();
    const first = start();
    await first.ready();
    const before = secrets();
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(processesOn(folder.path)).toEqual([]);

    const second = start();
    const url = await second.ready();
    const after = secrets();
    expect(after.accounts).toEqual(before.accounts);
    expect(after.client.clientSecret).toBe(before.client.clientSecret);
    expect(after.baseUrl).toBe(url);
    const bearer = { authorization: `Bearer ${await token(after)}` };
    const history = await fetch(`${after.fhirUrl}/Patient?_count=1`, { headers: bearer });
    const { entry } = (await history.json()) as {
      entry: { resource: { meta: { versionId: string } } }[];
    };
    expect(entry[0]!.resource.meta.versionId).toBe('1');
  });

  it('SIGTERM in the middle of the first start leaves no process', async () => {
    const server = start();
    while (!server.said().includes('Starting the database')) await sleep(5);
    await sleep(400);
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(processesOn(folder.path)).toEqual([]);
  });

  it('the end of its starter ends it too', async () => {
    filledFolder();
    const server = start({ AFAR_STARTER_PID: '1' });
    await server.ended;
    expect(processesOn(folder.path)).toEqual([]);
  });
});

describe('kill -9', () => {
  it('of the server: the next start adopts its PostgreSQL and loses nothing', async () => {
    filledFolder();
    const first = start();
    await first.ready();
    const orphan = postmasterOf(folder.path);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start();
    await second.ready();
    expect(postmasterOf(folder.path)).toBe(orphan);
  });

  it('of the whole tree while writing: every answered write is there and readable', async () => {
    filledFolder();
    const first = start();
    await first.ready();
    const { fhirUrl } = secrets();
    const headers = {
      authorization: `Bearer ${await token(secrets())}`,
      'content-type': 'application/fhir+json',
    };
    const answered: string[] = [];
    let going = true;
    const writer = async (lane: number) => {
      for (let n = 0; going; n++) {
        const body = { resourceType: 'Patient', name: [{ family: `Crash${lane}x${n}` }] };
        const answer = await fetch(`${fhirUrl}/Patient`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        }).catch(() => undefined);
        if (answer?.status !== 201) return;
        const { id } = (await answer.json().catch(() => ({}))) as { id?: string };
        if (id) answered.push(id);
      }
    };
    const writers = [0, 1, 2, 3].map(writer);
    await sleep(1_500);
    killTree(first, folder.path);
    going = false;
    await Promise.all(writers);
    expect(answered.length).toBeGreaterThan(10);

    await start().ready();
    const again = { authorization: `Bearer ${await token(secrets())}` };
    const missing: string[] = [];
    for (const id of answered) {
      const read = await fetch(`${secrets().fhirUrl}/Patient/${id}`, { headers: again });
      if (read.status !== 200) missing.push(`${id} ${read.status}`);
    }
    expect(missing).toEqual([]);
  });

  it('in the middle of making the clinic: the next start completes it', async () => {
    const first = start();
    while (!first.said().includes('Making the demo clinic')) await sleep(5);
    await sleep(150);
    killTree(first, folder.path);
    await first.ended;
    const second = start();
    const url = await second.ready();
    const patient = secrets().accounts.find((one) => one.role === 'patient')!;
    expect(await signIn(url, patient)).toMatchObject({ body: { status: 'signed-in' } });
    const bearer = { authorization: `Bearer ${await token(secrets())}` };
    const patients = await fetch(`${url}/fhir/R4/Patient?_count=50`, { headers: bearer });
    expect(((await patients.json()) as { entry: unknown[] }).entry.length).toBeGreaterThanOrEqual(
      12,
    );
  });
});

describe('it refuses', () => {
  it('a folder that another server works on, and leaves that one alone', async () => {
    filledFolder();
    const first = start();
    const url = await first.ready();
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.said()).toMatch(/already works on/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('production on a folder of the demo clinic', async () => {
    filledFolder();
    const kek = join(folder.path, '..', 'kek');
    mkdirSync(kek, { mode: 0o700 });
    const production = start({
      AFAR_MODE: 'production',
      AFAR_BASE_URL: 'https://afar.example.org',
      AFAR_KEK_DIR: kek,
    });
    expect(await production.ended).toBe(2);
    expect(production.said()).toMatch(/demo clinic/);
  });
});

it('production starts empty, with no demo accounts and its log on standard output', async () => {
  const kek = join(folder.path, '..', 'kek');
  mkdirSync(kek, { mode: 0o700 });
  // The ready line tells the public address; the port has to be known beforehand.
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  const server = start({
    AFAR_MODE: 'production',
    AFAR_BASE_URL: 'https://afar.example.org',
    AFAR_KEK_DIR: kek,
    AFAR_PORT: String(port),
  });
  expect(await server.ready()).toBe('https://afar.example.org');
  expect(existsSync(join(folder.path, 'demo-accounts.json'))).toBe(false);
  // The line for people comes first, the one for the log right behind it.
  await vi.waitFor(() => expect(server.said()).toContain('"msg":"ready"'));
  expect((await fetch(`http://127.0.0.1:${port}/auth/demo`)).status).toBe(404);
});
