/** An endpoint: a list of named checks, and a handler that sends its answer itself. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '@afar/access';
import { requireCaller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { requireType } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import type { Operations } from '../operations/registry.ts';
import type { Search } from '../search/index.ts';
import type { Records, Stored } from '../types.ts';

export interface RoutesDeps {
  ctx: StoreContext;
  records: Records;
  search: Search;
  operations: Operations;
  /** Tells the change feed of a commit. */
  poke(): void;
}

/** The same, with what the routes of one kind need besides. */
export interface Routes extends RoutesDeps {
  /** `https://.../fhir/R4` of a tenant. */
  fhirUrl(this: void, tenant: number): string;
  endpoint: AddEndpoint;
}

interface Params {
  type: string;
  id: string;
  version: string;
}

export type Check = (req: FastifyRequest) => void;
/** Sends its answer itself (answers.ts). */
export type Handler = (req: FastifyRequest, reply: FastifyReply, caller: Caller) => Promise<void>;
export type AddEndpoint = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  checks: readonly Check[],
  handler: Handler,
  bodyLimit?: number,
) => void;

export function endpointsOf(app: FastifyInstance): AddEndpoint {
  const add: AddEndpoint = (method, url, checks, handler, bodyLimit) => {
    // Some clients end the address of a type with a slash.
    if (url === '/:type' || url === '/Binary') add(method, `${url}/`, checks, handler, bodyLimit);
    app.route({
      method,
      url,
      ...(bodyLimit !== undefined && { bodyLimit }),
      // No promise for the framework to wait for: the answer is sent by the handler.
      handler: (req, reply) => {
        for (const check of checks) check(req);
        // Asked for last, so that it is the one that gives the handler its caller.
        handler(req, reply, requireCaller(req)).catch((error: unknown) => reply.send(error));
      },
    });
  };
  return add;
}

export const paramsOf = (req: FastifyRequest): Params => req.params as Params;
export const knownType: Check = (req) => requireType(paramsOf(req).type);

/** Fills the request's audit evidence as far as the address tells. */
export function notes(action: string): Check {
  return (req) => {
    const { type, id } = paramsOf(req);
    Object.assign(req.evidence, { action, ...(type && { type }), ...(id && { rid: id }) });
  };
}

/** A version that leaves the house: whose it is. */
export function disclose(req: FastifyRequest, ...all: Stored[]): void {
  for (const { owner } of all) if (owner) req.evidence.patients.push(owner);
  const [first] = all;
  if (first && all.length === 1) req.evidence.rid = first.rid;
}

/** A write's event was written in its own transaction; a condition that matched, or a repeated answer, only read. */
export function recorded(req: FastifyRequest, stored: Stored): void {
  disclose(req, stored);
  req.evidence.recorded = stored.written === true;
}

/** The query part of the address, decoded. */
export function paramsIn(req: FastifyRequest): [string, string][] {
  const mark = req.raw.url?.indexOf('?') ?? -1;
  return mark < 0 ? [] : [...new URLSearchParams(req.raw.url!.slice(mark + 1))];
}

/** @throws Refusal `invalid` */
export function bodyOf(req: FastifyRequest): Resource {
  if (typeof req.body !== 'object' || req.body === null || Array.isArray(req.body))
    throw new Refusal('invalid', { diagnostics: 'a resource is expected' });
  return req.body as Resource;
}

/** @throws Refusal `invalid`: the address says what is stored */
export function requireSameType(resource: Resource, type: string): void {
  if (resource.resourceType !== type)
    throw new Refusal('invalid', {
      diagnostics: `${type} is expected at this address`,
      expression: ['resourceType'],
    });
}
