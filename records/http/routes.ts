/** The FHIR interface put together, a file for each kind of endpoint. Mounted at /fhir/R4. */
import type { FastifyInstance } from 'fastify';
import { sendJson } from './answers.ts';
import { readBodies } from './body.ts';
import { capabilities, requireMode } from './capabilities.ts';
import type { Served } from './capabilities.ts';
import { endpointsOf } from './endpoint.ts';
import type { RoutesDeps } from './endpoint.ts';
import { historyRoutes } from './history.ts';
import { speaksJson } from './negotiate.ts';
import { operationRoutes } from './operation-routes.ts';
import { readingRoutes } from './reading.ts';
import { searchRoutes } from './search-routes.ts';
import { searchingRoutes } from './searching.ts';
import { writingRoutes } from './writing.ts';
import { refuseWrongMethods } from './wrong-method.ts';
import { fhirUrlOf } from '../fhir-url.ts';

export type { RoutesDeps } from './endpoint.ts';

export function fhirPlugin(app: FastifyInstance, deps: RoutesDeps): void {
  const fhirUrl = (tenant: number): string => fhirUrlOf(deps.ctx, tenant);
  readBodies(app);
  const served: Served = (method, url) =>
    app.hasRoute({ method, url: `${app.prefix}${url}` }) && !onlyRefuses(method, url);
  app.get('/metadata', (req, reply) => {
    speaksJson(req);
    requireMode((req.query as { mode?: string }).mode);
    req.evidence.action = 'capabilities';
    sendJson(reply, capabilities(deps.ctx, deps.operations, served, req.tenant));
  });
  const routes = { ...deps, fhirUrl, endpoint: endpointsOf(app) };
  operationRoutes(app, { operations: deps.operations, fhirUrl });
  readingRoutes(routes);
  historyRoutes(routes);
  searchingRoutes(routes);
  searchRoutes(routes);
  writingRoutes(app, routes);
  const onlyRefuses = refuseWrongMethods(app);
}
