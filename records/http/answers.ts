/** Answers on the wire: headers of a version, bodies as they were sealed. */
import type { Caller } from '@afar/access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Stored } from '../types.ts';
import { etagOf, mayShow } from '../bundle/responses.ts';
import { fhirJson, preferredReturn } from './negotiate.ts';

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
  guard(reply, contentType)
    .code(status)
    .send(Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
}

export function sendEmpty(reply: FastifyReply, status: number): void {
  reply.header('cache-control', 'no-store').code(status).send();
}

/** [FHIR R4 http.html#versioning] ETag holds the version, Last-Modified its time. */
function versionHeaders(reply: FastifyReply, stored: Stored): void {
  reply.header('etag', etagOf(stored));
  reply.header('last-modified', new Date(stored.updated).toUTCString());
}

/** [FHIR R4 http.html#cread] 304 when the client has this version already. */
export function sendVersion(req: FastifyRequest, reply: FastifyReply, stored: Stored): void {
  versionHeaders(reply, stored);
  const held = req.headers['if-none-match'];
  if (held?.split(',').some((one) => one.trim() === etagOf(stored) || one.trim() === '*'))
    sendEmpty(reply, 304);
  else sendJson(reply, stored.json);
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
      return sendJson(
        reply,
        {
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'information', code: 'informational', diagnostics: 'stored' }],
        },
        status,
      );
    default:
      return sendJson(reply, stored.json, status);
  }
}
