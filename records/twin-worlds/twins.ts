/** Opens the two clinics, asks both the same, and says where the answers part. */
import type { Caller } from '@afar/access';
import { fixedClock } from '@afar/platform';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import type { Ask } from './corpus.ts';
import * as people from './people.ts';
import * as roles from './roles.ts';

export interface Clinic {
  world: World;
  http: Awaited<ReturnType<World['http']>>;
}

export interface Twins {
  left: Clinic;
  right: Clinic;
  /** Where the clinics answer differently, in words; empty when nobody can tell them apart. */
  differences(as: Caller, asks: readonly Ask[], most?: number): Promise<string[]>;
  /** What of the hidden was written to, in words; empty when nothing was. */
  touched(): Promise<string[]>;
  close(): Promise<void>;
}

async function openClinic(side: people.Side): Promise<Clinic> {
  const clock = fixedClock(people.noon);
  const world = await openWorld({ clock });
  const put = async (resource: { id?: string; resourceType: string }) => {
    await world.records.update(world.system, resource as never);
  };
  // What is seen is written first, in the same order at the same instants; what is hidden, later, at other instants.
  for (const resource of people.shared) await put(resource);
  clock.advance(1_000);
  for (const resource of people.hiddenOf(side)) {
    if (side === 'left') clock.advance(7);
    await put(resource);
  }
  clock.set(people.noon + 60_000);
  for (const resource of people.bridges) await put(resource);
  await put(people.labelledOf(side));
  for (const resource of people.movedOf(side)) await put(resource);
  await put(people.goneOf(side));
  await world.records.remove(world.system, 'Observation', people.known.gone);
  for (const resource of roles.heldByRoles) await put(resource);
  for (const resource of roles.heldOf(side)) await put(resource);
  for (const resource of roles.heldLast) await put(resource);
  await world.records.write(world.system, (tx) => tx.grants.give(roles.givenByHouse));
  await shutOut(world);
  clock.set(people.noon + 120_000);
  return { world, http: await world.http() };
}

async function openAgain({ world: over }: Clinic): Promise<Clinic> {
  const world = await openWorld({ clock: fixedClock(over.clock.now()), over });
  return { world, http: await world.http() };
}

/** All who ask are denied what carries the label. */
async function shutOut(world: World): Promise<void> {
  const { rows } = await world.data.ownerDb.query<{ kid: string }>(
    'select kid from records.owner_key where owner = $1',
    [people.known.anna],
  );
  const key = await world.keys.byId(1, rows[0]!.kid);
  await world.data.ownerDb.query(
    `insert into records.deny (tenant, principal, patient, label, source)
     select 1, principal, $2, $3, 'Consent/1' from unnest($1::uuid[]) principal`,
    [
      [people.known.nurse, people.known.doctor, people.known.anna, roles.held.trainee],
      people.known.anna,
      String(people.restrictedLabel(key.index)),
    ],
  );
}

/** @param over twins that are open: the same clinics, by a program started anew */
export async function openTwins(over?: Twins): Promise<Twins> {
  const [left, right] = await Promise.all(
    over
      ? [openAgain(over.left), openAgain(over.right)]
      : [openClinic('left'), openClinic('right')],
  );
  return {
    left: left!,
    right: right!,
    async differences(as, asks, most = Infinity) {
      const found: string[] = [];
      for (const ask of asks) {
        if (found.length >= most) break;
        const [a, b] = await Promise.all([answers(left!, as, ask), answers(right!, as, ask)]);
        if (a !== b) found.push(`${ask.name}: ${ask.method} ${ask.url}\n${parting(a, b)}`);
      }
      return found;
    },
    async touched() {
      const { rows } = await left!.world.data.ownerDb.query<{ row: string }>(touchedRows, [
        hiddenRids,
      ]);
      const { rows: more } = await right!.world.data.ownerDb.query<{ row: string }>(touchedRows, [
        hiddenRids,
      ]);
      return [...rows, ...more].map(({ row }) => row);
    },
    async close() {
      await left!.world.close();
      await right!.world.close();
    },
  };
}

const { hidden, only, hiddenVisit, hiddenWeight } = people.known;
const hiddenRids = [hidden, only, hiddenVisit, hiddenWeight];

const touchedRows = `select type || ' version ' || version as row from records.resource
  where rid = any($1::uuid[]) and version > 1`;

/** Enough for every page of the corpus. */
const mostPages = 12;

/** Status, headers that matter and body, of the answer and of every page after it. */
async function answers({ http, world }: Clinic, as: Caller, ask: Ask): Promise<string> {
  const at = world.clock.now();
  const pages: string[] = [];
  let url: string | undefined = ask.url;
  for (let page = 0; url !== undefined && page < mostPages; page++) {
    const answer = await http.inject({
      as: { ...as, at },
      method: ask.method,
      url: `/fhir/R4${url.startsWith('/') ? url : `/${url}`}`,
      ...(ask.body !== undefined && { body: ask.body }),
      headers: ask.headers,
    });
    pages.push(plain(`${answer.status} ${JSON.stringify(kept(answer.headers))}\n${answer.text}`));
    url = nextOf(answer.text);
  }
  return pages.join('\n');
}

const keptHeaders = [
  'content-type',
  'etag',
  'last-modified',
  'location',
  'content-length',
  'retry-after',
  'allow',
];

function kept(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(keptHeaders.map((name) => [name, headers[name]]));
}

function nextOf(text: string): string | undefined {
  const found = /"relation":"next","url":"[^"]*?\/fhir\/R4([^"]*)"/.exec(text);
  return found?.[1];
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What is random by design is taken out: sealed page addresses and the ids the store makes up. */
function plain(text: string): string {
  const made = new Map<string, string>();
  const own = new Set<string>([...Object.values(people.known), ...Object.values(roles.held)]);
  return text.replace(/_cursor=[A-Za-z0-9_-]+/g, '_cursor=*').replace(uuid, (found) => {
    if (own.has(found) || /^[23]0000000-0000-4000/.test(found)) return found;
    const name = made.get(found) ?? `<id ${made.size}>`;
    made.set(found, name);
    return name;
  });
}

function parting(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 120));
  return `  left  ${around(a)}\n  right ${around(b)}`;
}
