/**
 * The floor: the least a Node and PostgreSQL program does to keep and find the same FHIR bytes. No sign-in, no policy, no
 * validation, no audit, no encryption, one version of history. It is measured beside the product, never shipped.
 *
 * usage: DATABASE_URL=postgres://... PORT=8130 node bench/floor.ts
 */
import { createServer, type IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

interface Json {
  resourceType: string;
  id?: string;
  meta?: { versionId: string; lastUpdated: string };
  identifier?: { system?: string; value?: string }[];
  name?: { family?: string }[];
  code?: { coding?: { system?: string; code?: string }[] };
  subject?: { reference?: string };
  effectiveDateTime?: string;
}

const schema = `
  create table if not exists floor_resource(
    type text, id uuid, version int, updated timestamptz, body jsonb, primary key (type, id));
  create table if not exists floor_history(
    type text, id uuid, version int, updated timestamptz, body jsonb, primary key (type, id, version));
  create table if not exists floor_find(
    type text, word bigint, chart text, at timestamptz, id uuid);
  create index if not exists floor_find_by on floor_find(type, word, chart, at desc, id);`;

const insert = `
  with now_ as (insert into floor_resource values ($1, $2, 1, $3, $4)),
       then_ as (insert into floor_history values ($1, $2, 1, $3, $4))
  insert into floor_find select $1, word, $6, $7::timestamptz, $2 from unnest($5::bigint[]) word`;

const newest = `
  select r.body::text as body
  from floor_find f join floor_resource r on r.type = f.type and r.id = f.id
  where f.type = $1 and f.word = $2 and f.chart = $3 order by f.at desc limit 20`;

const anywhere = `
  select r.body::text as body
  from floor_find f join floor_resource r on r.type = f.type and r.id = f.id
  where f.type = $1 and f.word = $2 limit 20`;

/** A word to look for: two 32-bit hashes beside each other. */
function word(param: string, value: string): string {
  const text = `${param} ${value}`;
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    high = Math.imul(high ^ char, 0x01000193);
    low = Math.imul(low ^ char, 0x5bd1e995) ^ (low >>> 15);
  }
  return ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}

function wordsOf(resource: Json): string[] {
  const words: string[] = [];
  for (const one of resource.identifier ?? [])
    words.push(word('identifier', `${one.system}|${one.value}`));
  for (const one of resource.code?.coding ?? [])
    words.push(word('code', `${one.system}|${one.code}`), word('code', `|${one.code}`));
  for (const one of resource.name ?? []) if (one.family) words.push(word('name', one.family));
  if (resource.subject?.reference) words.push(word('patient', resource.subject.reference));
  return words;
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
await pool.query(schema);

async function create(resource: Json): Promise<string> {
  resource.id = randomUUID();
  resource.meta = { versionId: '1', lastUpdated: new Date().toISOString() };
  const body = JSON.stringify(resource);
  const chart = resource.subject?.reference ?? '';
  const values = [
    resource.resourceType,
    resource.id,
    resource.meta.lastUpdated,
    body,
    wordsOf(resource),
    chart,
    resource.effectiveDateTime ?? null,
  ];
  await pool.query({ name: 'insert', text: insert, values });
  return body;
}

async function search(type: string, params: URLSearchParams): Promise<string> {
  const patient = params.get('patient');
  const [param, value] = [...params].find(
    ([name]) => name !== 'patient' && !name.startsWith('_'),
  ) ?? ['patient', patient ?? ''];
  const values = [type, word(param, value)];
  const { rows } = await pool.query<{ body: string }>(
    patient === null
      ? { name: 'anywhere', text: anywhere, values }
      : { name: 'newest', text: newest, values: [...values, patient] },
  );
  const entries = rows.map(({ body }) => `{"resource":${body}}`).join(',');
  return `{"resourceType":"Bundle","type":"searchset","entry":[${entries}]}`;
}

async function read(type: string, id: string): Promise<string> {
  const text = 'select body::text as body from floor_resource where type = $1 and id = $2';
  const { rows } = await pool.query<{ body: string }>({ name: 'read', text, values: [type, id] });
  return rows[0]!.body;
}

async function transaction(bundle: { entry: { resource: Json }[] }): Promise<string> {
  for (const { resource } of bundle.entry) await create(resource);
  return '{"resourceType":"Bundle","type":"transaction-response"}';
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}

async function answer(request: IncomingMessage): Promise<[number, string]> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://floor');
  const [type, id] = pathname.split('/').filter((part) => part !== '' && part !== 'fhir');
  if (request.method === 'POST') {
    const body: unknown = JSON.parse(await bodyOf(request));
    if (type === undefined)
      return [200, await transaction(body as { entry: { resource: Json }[] })];
    return [201, await create(body as Json)];
  }
  return [200, id ? await read(type!, id) : await search(type!, searchParams)];
}

const server = createServer((request, response) => {
  answer(request).then(
    ([status, body]) =>
      response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(body),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(Number(process.env.PORT ?? 8130), '127.0.0.1');
