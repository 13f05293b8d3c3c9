/** Prepares a PostgreSQL server for Afar: its version, the four roles, the extensions, and who may do what by default. */
import pg from 'pg';
import type { DatabasePasswords } from './passwords.ts';
import { scramVerifier } from './scram.ts';
import { databaseUrl } from './url.ts';

/** One connection string for each role. */
export interface DatabaseUrls {
  /** Migrations only. */
  owner: string;
  /** Everything the application does; `houseUrl` makes of it that of the house's own work. */
  app: string;
  /** INSERT into the audit tables, nothing else. */
  audit: string;
}

export interface ProvisionOptions {
  /** Take the roles over from another installation on this server (tests). */
  takeOver?: boolean;
}

const oldest = 150_000;

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'afar-provision' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function accepts(url: string): Promise<boolean> {
  try {
    await connected(url, (client) => client.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

async function ensureRole(
  client: pg.Client,
  role: string,
  password: string,
  url: string,
  installation: string,
  takeOver: boolean,
): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    `select shobj_description(oid, 'pg_authid') as mark from pg_roles where rolname = $1`,
    [role],
  );
  const mark = `afar ${installation}`;
  if (!rows[0]) {
    await client.query(
      `create role ${role} login nosuperuser nocreatedb nocreaterole noreplication password '${scramVerifier(password)}'`,
    );
    await client.query(`comment on role ${role} is '${mark}'`);
    return;
  }
  if (await accepts(url)) return;
  if (rows[0].mark && rows[0].mark !== mark && !takeOver)
    throw new Error(
      `the role ${role} on this PostgreSQL server belongs to another Afar installation: ` +
        `give this one a server of its own, or copy that installation's keys folder here`,
    );
  await client.query(`alter role ${role} login password '${scramVerifier(password)}'`);
  await client.query(`comment on role ${role} is '${mark}'`);
}

/**
 * Makes roles, database and extensions where they are missing; safe to run at every start.
 * @param adminUrl a superuser, or a role with CREATEROLE that owns the database
 * @param database created when missing (embedded cluster); undefined = the one named in adminUrl
 * @throws Error when the server is older than PostgreSQL 15 or the roles are another installation's
 */
export async function provision(
  adminUrl: string,
  passwords: DatabasePasswords,
  database?: string,
  { takeOver = false }: ProvisionOptions = {},
): Promise<DatabaseUrls> {
  const as = (user: string, password: string) =>
    databaseUrl(adminUrl, { user, password, ...(database !== undefined && { database }) });
  const urls: DatabaseUrls = {
    owner: as('afar_owner', passwords.owner),
    app: as('afar_app', passwords.app),
    audit: as('afar_audit', passwords.audit),
  };
  await connected(adminUrl, async (client) => {
    const { rows } = await client.query<{ number: number; text: string }>(
      `select current_setting('server_version_num')::int as number, current_setting('server_version') as text`,
    );
    if (rows[0]!.number < oldest)
      throw new Error(`Afar needs PostgreSQL 15 or newer; this server is ${rows[0]!.text}`);
    // Two processes that start together take turns.
    await client.query(`select pg_advisory_lock(4197001)`);
    // The database must be there before the roles' passwords can be tried on it.
    const { installation } = passwords;
    if (database !== undefined) {
      const found = await client.query('select from pg_database where datname = $1', [database]);
      if (!found.rowCount)
        await client.query(
          `create database ${pg.escapeIdentifier(database)} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
        );
    }
    await ensureRole(client, 'afar_owner', passwords.owner, urls.owner, installation, takeOver);
    await ensureRole(client, 'afar_app', passwords.app, urls.app, installation, takeOver);
    // The application's own work over all tenants: it inherits what afar_app may, and policies let it see every row. One
    // program holds both, so that they share their password.
    const house = as('afar_house', passwords.app);
    await ensureRole(client, 'afar_house', passwords.app, house, installation, takeOver);
    await client.query(`grant afar_app to afar_house`);
    await ensureRole(client, 'afar_audit', passwords.audit, urls.audit, installation, takeOver);
  });
  const inside = database === undefined ? adminUrl : databaseUrl(adminUrl, { database });
  await connected(inside, prepareDatabase);
  return urls;
}

/** Extensions, and rights that nobody gets by default: no temporary tables, no new objects but by the owner. */
async function prepareDatabase(client: pg.Client): Promise<void> {
  await client.query(`select pg_advisory_lock(4197002)`);
  await client.query(`create extension if not exists btree_gist`);
  await client.query(`create extension if not exists pgcrypto`);
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  await restrictDatabase(client, rows[0]!.name);
  await client.query(`revoke create on schema public from public`);
}

/** Who may connect, and who may make objects: rights on a database itself, which a copy of it does not inherit. */
export async function restrictDatabase(client: pg.Client, database: string): Promise<void> {
  const name = pg.escapeIdentifier(database);
  await client.query(`revoke all on database ${name} from public`);
  await client.query(`grant connect, create, temporary on database ${name} to afar_owner`);
  await client.query(`grant connect on database ${name} to afar_app, afar_house, afar_audit`);
}
