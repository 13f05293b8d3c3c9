/** Answers on the wire: headers of a version, bodies as they were sealed. */
import type { Caller } from '@afar/access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Stored } from '../types.ts';
import type { OperationOutcome, Shape } from '@afar/fhir';
import { parseExact, shape } from '@afar/fhir';
import { etagOf, mayShow, namesVersion, unchangedSince } from '../bundle/responses.ts';
import { fhirJson, isPretty, preferredReturn } from './negotiate.ts';

/** Nothing a chart says is kept by a browser or a proxy. */
function guard(reply: FastifyReply, contentType: string): FastifyReply {
  return reply.header('cache-control', 'no-store').header('content-type', contentType);
}

/**
 * Sends, and returns nothing: a reply that an async handler returns makes Fastify watch the whole response for its end.
 */
export function sendJson(
  reply: FastifyReply,
  body: Buffer | object,
  status = 200,
  contentType = fhirJson,
): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  guard(reply, contentType)
    .code(status)
    .send(isPretty(reply.request) && contentType === fhirJson ? indented(bytes) : bytes);
}

/** [FHIR R4 http.html#parameters] `_pretty`: for eyes. */
function indented(body: Buffer): Buffer {
  return Buffer.from(`${JSON.stringify(parseExact(body.toString()), null, 2)}\n`);
}

export function sendEmpty(reply: FastifyReply, status: number): void {
  reply.header('cache-control', 'no-store').code(status).send();
}

/** [FHIR R4 http.html#versioning] ETag holds the version, Last-Modified its time. */
function versionHeaders(reply: FastifyReply, stored: Stored): void {
  reply.header('etag', etagOf(stored));
  reply.header('last-modified', new Date(stored.updated).toUTCString());
}

/** What a version holds, in place of the version: its media type and its bytes. */
interface Content {
  type: string;
  bytes: Buffer;
}

/** [FHIR R4 http.html#cread] 304 when the client has this version already. */
export function sendVersion(
  req: FastifyRequest,
  reply: FastifyReply,
  stored: Stored,
  asked?: Shape | Content,
): void {
  versionHeaders(reply, stored);
  if (isKnown(req, stored)) sendEmpty(reply, 304);
  else if (asked && 'bytes' in asked) guard(reply, asked.type).code(200).send(asked.bytes);
  else sendJson(reply, asked ? shape(stored.resource, asked) : stored.json);
}

/** [RFC 9110 13.2.2] The version decides before the time: a time has no more than seconds. */
function isKnown(req: FastifyRequest, stored: Stored): boolean {
  const held = req.headers['if-none-match'];
  if (held !== undefined) return namesVersion(held, stored);
  const since = req.headers['if-modified-since'];
  return since !== undefined && unchangedSince(since, stored);
}

/** [FHIR R4 http.html#create, #update, #ops] Without a body for a caller who may not read what she wrote. */
export function sendWritten(
  req: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  stored: Stored,
  fhirUrl: string,
): void {
  versionHeaders(reply, stored);
  const status = stored.created ? 201 : 200;
  if (stored.created || req.method === 'POST')
    reply.header('location', `${fhirUrl}/${stored.type}/${stored.id}/_history/${stored.version}`);
  const wanted = preferredReturn(req);
  switch (wanted === 'OperationOutcome' || mayShow(caller, stored) ? wanted : 'minimal') {
    case 'minimal':
      return sendEmpty(reply, status);
    case 'OperationOutcome':
      return sendJson(reply, saying('stored'), status);
    default:
      return sendJson(reply, stored.json, status);
  }
}

/**
 * [FHIR R4 http.html#delete] 204, or 200 with a word about it for who asks for one; with the version that the deletion
 * made, where it was one and made one.
 */
export function sendDeleted(
  req: FastifyRequest,
  reply: FastifyReply,
  { length: count, 0: first }: readonly Stored[],
): void {
  if (count === 1 && first?.deleted) reply.header('etag', etagOf(first));
  if (preferredReturn(req) === 'OperationOutcome')
    sendJson(reply, saying(count === 1 ? 'deleted' : `deleted: ${count}`));
  else sendEmpty(reply, 204);
}

function saying(diagnostics: string): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', diagnostics }],
  };
}
