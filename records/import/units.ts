/** Files as units of work: a bundle is one, an ndjson file is one for every thousand lines. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Bundle, Resource } from '@afar/fhir';
import { isResourceType } from '@afar/fhir';

/** One resource to import. */
export interface Entry {
  /** Full URL, or `Type/id`; absent when the entry has neither: its content names it then. */
  url?: string;
  resource: Resource;
  /** Create only if this query finds nothing [FHIR R4 http.html#ccreate]. */
  ifNoneExist?: string;
  /** The id a PUT asks for: kept as it is. */
  put?: string;
}

export interface Unit {
  file: string;
  entries(): Promise<Entry[]>;
}

/** 1,000 lines of ndjson: about 2 MB at a time, however large the file. */
const linesAtATime = 1_000;

export class NotImportable extends Error {}

/** The units of a file, and a digest of its content. */
export async function unitsOf(path: string): Promise<{ units: Unit[]; digest: Buffer }> {
  return path.toLowerCase().endsWith('.ndjson') ? ndjsonUnits(path) : bundleUnit(path);
}

async function bundleUnit(path: string) {
  const bytes = await readFile(path);
  const digest = createHash('sha256').update(bytes).digest();
  const file = basename(path);
  // Read again when its turn comes: waiting bundles must not stay in memory.
  const entries = async () => entriesOf(parse(await readFile(path, 'utf8')));
  return { units: [{ file, entries }], digest };
}

async function ndjsonUnits(path: string) {
  const hash = createHash('sha256');
  const ranges: { start: number; end: number }[] = [];
  let start = 0;
  let at = 0;
  let lines = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let line = chunk.indexOf(10); line >= 0; line = chunk.indexOf(10, line + 1)) {
      if (++lines % linesAtATime === 0) {
        ranges.push({ start, end: at + line + 1 });
        start = at + line + 1;
      }
    }
    at += chunk.length;
  }
  if (start < at) ranges.push({ start, end: at });
  const file = basename(path);
  const units = ranges.map(({ start: from, end }) => ({
    file,
    entries: async () => {
      const text = await readRange(path, from, end);
      const resources = text.split('\n').filter((line) => line.trim() !== '');
      return resources.map((line) => {
        const resource = parse(line);
        return { ...named(resource), resource };
      });
    },
  }));
  return { units, digest: hash.digest() };
}

async function readRange(path: string, start: number, end: number): Promise<string> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes.toString();
  } finally {
    await handle.close();
  }
}

/** @throws NotImportable, without the text in its message: it may be a patient's */
function parse(text: string): Resource {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotImportable('not JSON');
  }
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  if (typeof type !== 'string' || !isResourceType(type)) throw new NotImportable('not FHIR R4');
  return value as Resource;
}

function named(resource: Resource): { url?: string } {
  return resource.id ? { url: `${resource.resourceType}/${resource.id}` } : {};
}

/** The entries of a bundle, or the one resource that a file holds. */
export function entriesOf(value: Resource): Entry[] {
  if (value.resourceType !== 'Bundle') return [{ ...named(value), resource: value }];
  const { type, entry = [] } = value as Bundle;
  if (!['transaction', 'batch', 'collection', 'searchset', 'document'].includes(type ?? '')) {
    throw new NotImportable(`a bundle of type ${type} is not imported`);
  }
  return entry.flatMap(({ fullUrl, resource, request }): Entry[] => {
    if (!resource) return [];
    const url = fullUrl ? { url: fullUrl } : named(resource);
    if (!request || request.method === 'POST') {
      const { ifNoneExist } = request ?? {};
      return [{ ...url, resource, ...(ifNoneExist && { ifNoneExist }) }];
    }
    if (request.method !== 'PUT') throw new NotImportable(`${request.method} is not imported`);
    const [, condition] = request.url.split('?');
    // [FHIR R4 http.html#cond-update] without a match it creates; with one the import leaves it as it is.
    if (condition !== undefined) return [{ ...url, resource, ifNoneExist: condition }];
    return [{ ...url, resource, put: request.url.split('/')[1] ?? '' }];
  });
}
