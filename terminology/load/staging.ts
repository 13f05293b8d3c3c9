/** Where a load stands until it is whole: unlogged tables of its own that no one else looks into. */
import type { Coding } from '@afar/fhir';
import pg from 'pg';
import { wordsOf } from '../filters/words.ts';
import { openCopy } from './copy.ts';
import type { Cell, CopyWriter } from './copy.ts';

/** What a loader tells. Await each: a full pipe holds the reader back. */
export interface Sink {
  /** `display` empty: the best of its names is taken. */
  concept(one: {
    code: string;
    display?: string;
    definition?: string;
    inactive?: boolean;
    abstract?: boolean;
  }): Promise<void>;
  link(child: string, parent: string): Promise<void>;
  name(one: {
    code: string;
    value: string;
    language?: string;
    use?: Coding;
    /** Lower is better for the display; absent: never. */
    rank?: number;
    /** Its own id, where a preference may name it. */
    ref?: string;
  }): Promise<void>;
  /** The name of that id is preferred: its rank is this. */
  prefer(ref: string, rank: number): Promise<void>;
  property(code: string, name: string, value: string): Promise<void>;
  /** A code of a value set that comes with the system, in its order. */
  member(set: { url: string; title: string }, code: string, order: number): Promise<void>;
}

const tables = {
  concept:
    'seq bigint generated always as identity, code text, display text, definition text, inactive boolean, abstract boolean, words text',
  link: 'child text, parent text',
  name: 'seq bigint generated always as identity, code text, value text, language text, use jsonb, rank int, ref text, words text',
  preference: 'ref text, rank int',
  property: 'code text, name text, value text',
  member: 'url text, title text, code text, place int',
};
const columns = {
  concept: 'code, display, definition, inactive, abstract, words',
  link: 'child, parent',
  name: 'code, value, language, use, rank, ref, words',
  preference: 'ref, rank',
  property: 'code, name, value',
  member: 'url, title, code, place',
};
type Kind = keyof typeof tables;
const kinds = Object.keys(tables) as Kind[];

export const stageOf = (id: number, kind: string): string => `terminology.load_${id}_${kind}`;

/** Every table a load of that number may have left. */
export const stagesOf = (id: number): string[] =>
  [...kinds, 'node', 'closure', 'pick'].map((kind) => stageOf(id, kind));

export async function makeStages(client: pg.ClientBase, id: number): Promise<void> {
  for (const kind of kinds)
    await client.query(`create unlogged table ${stageOf(id, kind)} (${tables[kind]})`);
}

export interface Staging {
  readonly sink: Sink;
  /** Ends every copy. @returns rows of each kind */
  end(): Promise<Record<Kind, number>>;
  close(): Promise<void>;
}

/** Each table is filled over a connection of its own: a connection copies into one table at a time. */
export function openStaging(ownerUrl: string, id: number): Staging {
  const writers = new Map<Kind, { client: pg.Client; writer: CopyWriter }>();
  let closed = false;

  async function writerOf(kind: Kind): Promise<CopyWriter> {
    const known = writers.get(kind);
    if (known) return known.writer;
    const client = new pg.Client({
      connectionString: ownerUrl,
      application_name: 'afar-terminology',
    });
    client.on('error', () => undefined);
    await client.connect();
    const writer = await openCopy(client, `${stageOf(id, kind)} (${columns[kind]})`);
    writers.set(kind, { client, writer });
    return writer;
  }

  async function add(kind: Kind, row: readonly Cell[]): Promise<void> {
    const writer = writers.get(kind)?.writer ?? (await writerOf(kind));
    await writer.add(row);
  }

  return {
    sink: {
      concept: ({ code, display = '', definition, inactive = false, abstract = false }) =>
        add('concept', [
          code,
          display,
          definition ?? null,
          inactive,
          abstract,
          wordsOf(`${code} ${display}`).join(' '),
        ]),
      link: (child, parent) => add('link', [child, parent]),
      name: ({ code, value, language, use, rank, ref }) =>
        add('name', [
          code,
          value,
          language ?? null,
          use ? JSON.stringify(use) : null,
          rank ?? null,
          ref ?? null,
          wordsOf(value).join(' '),
        ]),
      prefer: (ref, rank) => add('preference', [ref, rank]),
      property: (code, name, value) => add('property', [code, name, value]),
      member: ({ url, title }, code, order) => add('member', [url, title, code, order]),
    },
    async end() {
      const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
      for (const [kind, { writer }] of writers) counts[kind] = await writer.end();
      return counts;
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const { client } of writers.values()) await client.end().catch(() => undefined);
    },
  };
}
