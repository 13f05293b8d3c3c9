/** The FHIR interface put together, a file for each kind of endpoint. Mounted at /fhir/R4. */
import type { FastifyInstance } from 'fastify';
import { sendJson } from './answers.ts';
import { readBodies } from './body.ts';
import { capabilities } from './capabilities.ts';
import { endpointsOf } from './endpoint.ts';
import type { RoutesDeps } from './endpoint.ts';
import { historyRoutes } from './history.ts';
import { speaksJson } from './negotiate.ts';
import { operationRoutes } from './operation-routes.ts';
import { readingRoutes } from './reading.ts';
import { searchingRoutes } from './searching.ts';
import { writingRoutes } from './writing.ts';

export type { RoutesDeps } from './endpoint.ts';

export function fhirPlugin(app: FastifyInstance, deps: RoutesDeps): void {
  const fhirUrl = `${deps.ctx.baseUrl}/fhir/R4`;
  readBodies(app);
  app.get('/metadata', (req, reply) => {
    speaksJson(req);
    req.evidence.action = 'capabilities';
    sendJson(reply, capabilities(deps.ctx, deps.operations));
  });
  const routes = { ...deps, fhirUrl, endpoint: endpointsOf(app) };
  operationRoutes(app, { operations: deps.operations, fhirUrl });
  readingRoutes(routes);
  historyRoutes(routes);
  searchingRoutes(routes);
  writingRoutes(routes);
}
