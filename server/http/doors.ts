/** The doors of the server: how often one source, one person, one client may knock. */
import { Refusal } from '@afar/fhir';
import { createRateLimit, sourceOf, type Log, type RateLimit } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Requests a minute; 0: no limit. */
export interface Rates {
  /** Of one address, or /64 of IPv6, signed in or not: a whole clinic may sit behind it. */
  source: number;
  /** Of one person. */
  user: number;
  /** Of one API client. */
  client: number;
}

const probes = new Set(['/healthz', '/readyz']);

export interface Doors {
  /** Before anything else looks at a request. @throws Refusal `throttled` */
  bySource(request: FastifyRequest): void;
  /** After her caller is known. Call it behind the plugin that knows callers. */
  hook(http: FastifyInstance): void;
}

export function createDoors(rates: Rates, log: Log): Doors {
  const sources = createRateLimit(rates.source);
  const users = createRateLimit(rates.user);
  const clients = createRateLimit(rates.client);

  function take(limit: RateLimit, asker: string, request: FastifyRequest, by: string): void {
    const wait = limit.take(asker);
    if (wait === 0) return;
    // A flood must not become a flood of events and lines: the first refusal in a minute stands for the others.
    if (limit.isNews(asker)) log.warn({ requestId: request.id, by }, 'requests are throttled');
    else request.turnedAway = true;
    throw new Refusal('throttled', { headers: { 'retry-after': String(Math.ceil(wait / 1000)) } });
  }

  return {
    bySource(request) {
      if (probes.has(request.routeOptions.url ?? '')) return;
      take(sources, sourceOf(request.ip), request, 'source');
    },
    hook(http) {
      http.addHook('onRequest', (request, _reply, done) => {
        const { caller } = request;
        if (caller?.kind === 'user' || caller?.kind === 'guest')
          take(users, `${caller.tenant} ${caller.id}`, request, 'user');
        else if (caller) take(clients, `${caller.tenant} ${caller.id}`, request, 'client');
        done();
      });
    },
  };
}
