/** Starts the real product for a browser test: its own data folder, its own port, the demo clinic. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface DemoAccount {
  role: string;
  email: string;
  password: string;
  totpSecret?: string | null;
  name?: string;
}

export interface DemoAccounts {
  baseUrl: string;
  fhirUrl: string;
  accounts: DemoAccount[];
  client: { clientId: string; clientSecret: string; scope: string; tokenUrl: string };
}

export interface Product {
  baseUrl: string;
  data: string;
  demo: DemoAccounts;
  pid: number;
  output(): string;
  stop(): Promise<number | null>;
}

/** A TCP port nobody holds at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Names the data folder of a demo clinic that was started once and stopped, where there is one. */
export const template = 'AFAR_TEST_DEMO_CLINIC';

/** A data folder of its own: a copy of the clinic that is there already, or an empty one. */
async function newFolder(env: Record<string, string> | undefined): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'afar-e2e-'));
  const clinic = process.env[template];
  // With its owners: the database is not run as root.
  if (clinic && !env?.DATABASE_URL && !env?.AFAR_MODE)
    await promisify(execFile)('cp', ['-a', '--reflink=auto', `${clinic}/.`, data]);
  return data;
}

/**
 * Runs `server/main.ts` until it says that it is ready; fails with what it printed.
 * @param options.prefix put before the command line (a network namespace); `baseUrl`: where it is then reached
 */
export async function startProduct(
  options: {
    data?: string;
    env?: Record<string, string>;
    prefix?: string[];
    baseUrl?: string;
  } = {},
) {
  const data = options.data ?? (await newFolder(options.env));
  const port = Number(options.env?.AFAR_PORT ?? (await freePort()));
  const [program, ...args] = [...(options.prefix ?? []), process.execPath, 'server/main.ts'];
  const child = spawn(program!, args, {
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...process.env,
      AFAR_PORT: String(port),
      AFAR_DATA: data,
      AFAR_MODE: 'demo',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await ready(child, () => printed);
  const demo = JSON.parse(await readFile(join(data, 'demo-accounts.json'), 'utf8')) as DemoAccounts;
  const product: Product = {
    baseUrl: options.baseUrl ?? `http://localhost:${port}`,
    data,
    demo,
    pid: child.pid!,
    output: () => printed,
    stop: async () => {
      const code = await stopChild(child);
      if (!options.data) await rm(data, { recursive: true, force: true });
      return code;
    },
  };
  return product;
}

async function ready(child: ChildProcess, printed: () => string): Promise<void> {
  // 120 s: a first start on two busy cores makes a cluster and seeds a clinic.
  const deadline = Date.now() + 120_000;
  while (!printed().includes('Afar is ready')) {
    if (child.exitCode !== null) throw new Error(`the product ended:\n${printed()}`);
    if (Date.now() > deadline) throw new Error(`the product is not ready:\n${printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function stopChild(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

/** The first demo account of a role. */
export function accountOf(product: Product, role: string, at = 0): DemoAccount {
  const found = product.demo.accounts.filter((account) => account.role === role)[at];
  if (!found) throw new Error(`the demo clinic has no ${role} number ${at + 1}`);
  return found;
}

/** A bearer token of the demo API client. */
export async function clientToken(product: Product): Promise<string> {
  const { clientId, clientSecret, scope, tokenUrl } = product.demo.client;
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
