/** The entries of a batch or transaction, taken apart and checked [FHIR R4 http.html#transaction]. */
import { isResourceType, Refusal, validate } from '@afar/fhir';
import type {
  Binary,
  Bundle,
  BundleEntry,
  OperationOutcomeIssue,
  Parameters,
  Resource,
} from '@afar/fhir';
import { parseFhirJson } from '../http/body.ts';
import type { Patch } from '../types.ts';

export type Method = 'DELETE' | 'POST' | 'PUT' | 'PATCH' | 'GET' | 'HEAD';

export interface Entry {
  at: number;
  method: Method;
  type: string;
  id?: string;
  /** vread */
  version?: number;
  /** Search parameters of a GET; the condition of a PUT, PATCH or DELETE [FHIR R4 http.html#cond-update]. */
  params?: [string, string][];
  fullUrl?: string;
  resource?: Resource;
  ifMatch?: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  ifNoneExist?: string;
  /** A conditional update that matched nothing: it creates, and takes no id that is taken. */
  creates?: boolean;
  /** Set for what is neither a read nor a search of a type; `type` is empty where the whole server is asked. */
  asks?: Asks;
}

/** A history, an operation, a search of a compartment (`name`: the type in it, or `*`) or of the whole server. */
export type Asks =
  | { kind: 'history' }
  | { kind: 'system' }
  | { kind: 'operation' | 'compartment'; name: string };

/** True for a PUT, PATCH or DELETE of what a search finds. */
export function isConditional({ method, params }: Entry): boolean {
  return params !== undefined && method !== 'GET' && method !== 'HEAD';
}

/** An operation asked by POST is answered like a read: those that change something are refused. */
export function reads({ method, asks }: Entry): boolean {
  return method === 'GET' || method === 'HEAD' || asks !== undefined;
}

/** [FHIR R4 http.html#trules] The order entries are processed in, wherever they stand. */
export const order: readonly Method[][] = [['DELETE'], ['POST'], ['PUT', 'PATCH'], ['GET', 'HEAD']];

/** The longest chart we have seen has 800 entries; one request does not hold the database for minutes. */
const mostEntries = 5_000;
const mostSearches = 100;

const urlPattern =
  /^\/?([A-Z][A-Za-z]+)(?:\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/(\d{1,9}))?)?(?:\?(.*))?$/s;

const otherPattern =
  /^\/?(?:([A-Z][A-Za-z]+)\/(?:([A-Za-z0-9\-.]{1,64})\/)?)?(_history|\$[a-z][a-z0-9-]*|[A-Z][A-Za-z]+|\*)?(?:\?(.*))?$/s;

/** The parts of an address, as far as it is one that an entry may ask; `type` is empty for the whole server. */
function addressIn(
  url: string,
  method: Method,
): Pick<Entry, 'type' | 'id' | 'version' | 'asks'> & { query?: string } {
  const [plain, type = '', id, version, query] = urlPattern.exec(url) ?? [];
  if (plain !== undefined)
    return { type, ...(id && { id }), ...(version && { version: Number(version) }), query };
  const [, of = '', what, name, asked] = otherPattern.exec(url) ?? [];
  const asks = otherPattern.test(url) ? asksOf(of, what, name) : undefined;
  const known = method === 'GET' || (method === 'POST' && asks?.kind === 'operation');
  if (!asks || !known) return { type: '' };
  return { type: of, ...(what && { id: what }), asks, query: asked };
}

function asksOf(type: string, id: string | undefined, name: string | undefined): Asks | undefined {
  if (name === '_history') return { kind: 'history' };
  if (name?.startsWith('$')) return { kind: 'operation', name: name.slice(1) };
  if (name !== undefined) return id === undefined ? undefined : { kind: 'compartment', name };
  return type === '' ? { kind: 'system' } : undefined;
}

function fault(at: number, diagnostics: string, path = ''): OperationOutcomeIssue {
  return {
    severity: 'error',
    code: 'invalid',
    diagnostics,
    expression: [`Bundle.entry[${at}]${path}`],
  };
}

/**
 * One entry, or what is wrong with it.
 * @param base where this server's addresses begin; entries may name it
 */
export function entryOf(
  { request, resource, fullUrl }: BundleEntry,
  at: number,
  base: string,
): Entry | OperationOutcomeIssue[] {
  const method = request?.method as Method | undefined;
  if (!request || !method || !order.flat().includes(method))
    return [fault(at, 'a request with a method is expected', '.request')];
  const url = request.url?.startsWith(`${base}/`)
    ? request.url.slice(base.length + 1)
    : request.url;
  const { type, id, version, query, asks } = addressIn(url ?? '', method);
  if (type === '' ? !asks : !isResourceType(type))
    return [
      fault(at, 'an address such as Type, Type/id or Type?query is expected', '.request.url'),
    ];
  const { ifMatch, ifNoneMatch, ifModifiedSince } = request;
  const entry: Entry = { at, method, type, fullUrl, ifMatch, ifNoneMatch, ifModifiedSince };
  if (id) entry.id = id;
  if (version) entry.version = version;
  if (asks) entry.asks = asks;
  if (query !== undefined) entry.params = [...new URLSearchParams(query)];
  if (request.ifNoneExist) entry.ifNoneExist = request.ifNoneExist;
  const issues = shapeFaults(entry, resource);
  if (issues.length > 0) return issues;
  // The inputs of an operation come as a resource too.
  if (resource && (!reads(entry) || asks?.kind === 'operation')) entry.resource = resource;
  return entry;
}

function shapeFaults(entry: Entry, resource: Resource | undefined): OperationOutcomeIssue[] {
  const { at, method, type, id, params, version } = entry;
  if (reads(entry)) return [];
  if (version !== undefined) return [fault(at, 'a version can only be read', '.request.url')];
  if (params && (id !== undefined || method === 'POST'))
    return [fault(at, 'either an id or a condition is expected', '.request.url')];
  if (method === 'POST' && id !== undefined)
    return [fault(at, 'no id is expected', '.request.url')];
  if (method !== 'POST' && id === undefined && !params)
    return [fault(at, 'an id or a condition is expected', '.request.url')];
  if (method === 'DELETE') return [];
  if (!resource) return [fault(at, 'a resource is expected', '.resource')];
  if (method === 'PATCH')
    return resource.resourceType === 'Binary' || resource.resourceType === 'Parameters'
      ? []
      : [fault(at, 'a patch is a Parameters resource, or a Binary of JSON Patch', '.resource')];
  if (resource.resourceType !== type)
    return [fault(at, 'another type than its address', '.resource')];
  if (method === 'PUT' && !params && resource.id !== id)
    return [fault(at, 'another id than its address', '.resource.id')];
  return validate(resource)
    .filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')
    .map((issue) => ({
      ...issue,
      expression: (issue.expression ?? [type]).map(
        (path) => `Bundle.entry[${at}].resource${path.slice(type.length)}`,
      ),
    }));
}

function tooMany(what: string): Refusal {
  return new Refusal('too-costly', {
    diagnostics: `at most ${what}`,
    expression: ['Bundle.entry'],
  });
}

/** @throws Refusal `too-costly` for more searches than one request may ask for */
export function requireFewSearches(entries: readonly Entry[]): void {
  const searches = entries.filter(
    (entry) => isConditional(entry) || (reads(entry) && (entry.asks ?? entry.id === undefined)),
  );
  if (searches.length > mostSearches) throw tooMany(`${mostSearches} searches`);
}

/** @throws Refusal `invalid` unless it is a batch or a transaction, `too-costly` for too long a one */
export function requireBundle(bundle: Bundle): BundleEntry[] {
  if (bundle?.resourceType !== 'Bundle' || !['batch', 'transaction'].includes(bundle.type ?? ''))
    throw new Refusal('invalid', {
      diagnostics: 'a Bundle of type batch or transaction is expected',
      expression: ['Bundle.type'],
    });
  const entries = bundle.entry ?? [];
  if (entries.length > mostEntries) throw tooMany(`${mostEntries} entries`);
  return entries;
}

/** The patch of a PATCH entry [FHIR R4 http.html#jsonpatch]. @throws Refusal `invalid`, `unreadable-body` */
export function patchIn(entry: Entry): Patch {
  if (entry.resource!.resourceType === 'Parameters') return entry.resource as Parameters;
  const { data, contentType } = entry.resource as Binary;
  if (contentType !== 'application/json-patch+json' || typeof data !== 'string')
    throw new Refusal('invalid', {
      diagnostics: 'a Binary of type application/json-patch+json is expected',
      expression: [`Bundle.entry[${entry.at}].resource`],
    });
  return parseFhirJson(Buffer.from(data, 'base64').toString()) as Patch;
}
