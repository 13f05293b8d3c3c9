/** Some lines of an import into the store: what is there already is left alone, what is refused is said line by line. */
import { createHash } from 'node:crypto';
import type { Caller } from '@afar/access';
import type { Bundle, OperationOutcome, Resource } from '@afar/fhir';
import { isResourceType, outcomeOf, parseReference, references, Refusal } from '@afar/fhir';
import { BadBody, KeyErased, parseJson } from '@afar/platform';
import type { Records } from '@afar/records';
import type { Line } from './lines.ts';

export interface Loaded {
  /** Lines whose resource is in the store, by this run or before. */
  taken: number;
  /** One OperationOutcome a line that is not. */
  faults: Buffer[];
}

interface Wanted {
  line: number;
  resource: Resource & { id: string };
}

/**
 * @param opts.type what every line must be
 * @param opts.seed makes ids for resources that bring none: the same for the same line of the same job
 */
export async function loadLines(
  records: Records,
  caller: Caller,
  lines: readonly Line[],
  opts: { type?: string; seed: string },
): Promise<Loaded> {
  const faults: Buffer[] = [];
  const wanted: Wanted[] = [];
  for (const line of lines) {
    const read = parsed(line, opts);
    if (typeof read === 'string') faults.push(faultLine(line.number, read));
    else wanted.push({ line: line.number, resource: read });
  }
  const same = await Promise.all(wanted.map(({ resource }) => isThere(records, caller, resource)));
  const fresh = wanted.filter((_, at) => !same[at]);
  let taken = wanted.length - fresh.length;
  // One id twice: the later line is a later version.
  const names = new Set<string>();
  const rounds: Wanted[][] = [[], []];
  for (const one of fresh) {
    const name = `${one.resource.resourceType}/${one.resource.id}`;
    rounds[names.has(name) ? 1 : 0]!.push(one);
    names.add(name);
  }
  if (rounds[0]!.length > 1 && (await together(records, caller, rounds[0]!))) {
    taken += rounds[0]!.length;
    rounds[0] = [];
  }
  for (const { line, resource } of rounds.flat()) {
    const refused = await alone(records, caller, resource);
    if (refused) faults.push(faultLine(line, undefined, refused));
    else taken++;
  }
  return { taken, faults };
}

/** The resource, or what is wrong with the line. The text is quoted nowhere. */
function parsed(
  { text, number }: Line,
  { type, seed }: { type?: string; seed: string },
): (Resource & { id: string }) | string {
  if (text === undefined) return 'the line is too long';
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof BadBody || error instanceof SyntaxError)
      return 'not JSON that is read here';
    throw error;
  }
  const resource = value as Resource | null;
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource))
    return 'a resource is expected';
  if (typeof resource.resourceType !== 'string' || !isResourceType(resource.resourceType))
    return 'not a resource type of R4';
  if (type !== undefined && resource.resourceType !== type) return `a ${type} is expected`;
  if (resource.id !== undefined && typeof resource.id !== 'string') return 'id: text is expected';
  return { ...resource, id: resource.id ?? idFor(`${seed} ${number}`) };
}

/** A UUID of version 8 [RFC 9562 5.8] out of the line's place. */
function idFor(place: string): string {
  const hex = createHash('sha256').update(place).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function isThere(
  records: Records,
  caller: Caller,
  resource: Wanted['resource'],
): Promise<boolean> {
  try {
    const stored = await records.read(caller, resource.resourceType, resource.id);
    return said(stored.resource) === said(resource);
  } catch (error) {
    // Not there, deleted, hidden, not to be read: the write says what becomes of it.
    if (error instanceof Refusal || error instanceof KeyErased) return false;
    throw error;
  }
}

/** What a resource says, whichever version of it and in whichever order. */
function said(resource: Resource): string {
  const { versionId: _version, lastUpdated: _updated, ...meta } = resource.meta ?? {};
  const kept = Object.keys(meta).length > 0 ? { meta } : {};
  const { meta: _meta, ...rest } = resource;
  return JSON.stringify(sorted(JSON.parse(JSON.stringify({ ...rest, ...kept }))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

function bundleOf(some: readonly Pick<Wanted, 'resource'>[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: some.map(({ resource }) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  };
}

/** All in one transaction: one commit for the lot. False when any of it was refused: then each is asked alone. */
async function together(
  records: Records,
  caller: Caller,
  some: readonly Wanted[],
): Promise<boolean> {
  try {
    await records.transaction(caller, bundleOf(some));
    return true;
  } catch (error) {
    if (refusalIn(error)) return false;
    throw error;
  }
}

async function alone(
  records: Records,
  caller: Caller,
  resource: Wanted['resource'],
): Promise<OperationOutcome | undefined> {
  try {
    // A transaction resolves conditional references; an update does not.
    if (references(resource).some(({ reference }) => parseReference(reference).conditional))
      await records.transaction(caller, bundleOf([{ resource }]));
    else await records.update(caller, resource);
    return undefined;
  } catch (error) {
    const refused = refusalIn(error);
    if (refused) return refused;
    throw error;
  }
}

/** What is said of a line that cannot be taken; undefined for what is not the line's fault. */
function refusalIn(error: unknown): OperationOutcome | undefined {
  if (error instanceof Refusal) return error.status < 500 ? error.outcome : undefined;
  // The chart of an erased patient takes nothing any more.
  return error instanceof KeyErased ? outcomeOf(error).outcome : undefined;
}

/** A line of the error file: which line it was is told in each issue. */
export function faultLine(
  line: number | undefined,
  what: string | undefined,
  outcome?: OperationOutcome,
): Buffer {
  const place = line === undefined ? '' : `line ${line}: `;
  const issues = outcome?.issue ?? [{ severity: 'error' as const, code: 'invalid' as const }];
  const told: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: issues.map((issue) => ({
      ...issue,
      diagnostics: place + (what ?? issue.diagnostics ?? issue.details?.text ?? 'refused'),
    })),
  };
  return Buffer.from(`${JSON.stringify(told)}\n`);
}
