/** Any error as the answer the standard has for it; what is unknown tells nothing. */
import { outcomeOf, Refusal } from '@afar/fhir';
import type { RenderedError } from '@afar/platform';
import type { FastifyRequest } from 'fastify';

/** An OperationOutcome for every route: one shape of error for API clients and for the web app [FHIR R4 http.html#2.21.0.4]. */
export function renderError(error: unknown, request: FastifyRequest): RenderedError {
  const { status, outcome, headers } = outcomeOf(error);
  if (error instanceof Refusal)
    request.log.info({ requestId: request.id, refusal: error.code, why: error.detail }, 'refused');
  const type = request.url.startsWith('/fhir/') ? 'application/fhir+json' : 'application/json';
  return { status, headers, contentType: `${type}; charset=utf-8`, body: outcome };
}
