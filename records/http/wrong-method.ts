/** Addresses that exist, asked by a method they do not have: 405, and which they have [RFC 9110 15.5.6]. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireType } from '../checks.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Operations have routes of their own: what has their sign and is none of theirs is not found. */
const addresses = [
  '/',
  '/metadata',
  '/_history',
  '/_search',
  '/:type',
  '/:type/_history',
  '/:type/_search',
  '/:type/:id',
  '/:type/:id/_history',
  '/:type/:id/_history/:version',
  '/:type/:id/:within',
  '/:type/:id/:within/_search',
];

function refusal(req: FastifyRequest, allow: string): Refusal {
  const { type, id, within } = req.params as { type?: string; id?: string; within?: string };
  try {
    if (type !== undefined) requireType(type);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  if (id?.startsWith('$') || within?.startsWith('$'))
    return new Refusal('not-found', { diagnostics: 'no such operation here' });
  return new Refusal('method-not-allowed', { headers: { allow } });
}

/**
 * To be called when all other routes are there. Routes rather than a look at what was not found, so that a body is
 * refused before it is read.
 * @returns true for a route that only refuses
 */
export function refuseWrongMethods(app: FastifyInstance): (method: string, url: string) => boolean {
  const made = new Set<string>();
  for (const url of addresses) {
    const has = methods.filter((method) => app.hasRoute({ method, url: `${app.prefix}${url}` }));
    const allow = has.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : one)).join(', ');
    for (const method of methods) {
      if (has.includes(method)) continue;
      made.add(`${method} ${url}`);
      app.route({
        method,
        url,
        onRequest: (req, _reply, done) => done(refusal(req, allow)),
        handler: (req) => {
          throw refusal(req, allow);
        },
      });
    }
  }
  return (method, url) => made.has(`${method} ${url}`);
}
