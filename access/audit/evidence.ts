/** One durable event for every request to the interfaces, refused ones too, before the answer leaves. */
import { outcomeOf } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nobody } from '../caller.ts';
import type { Audit, AuditEntry, Evidence } from './entry.ts';

const audited = /^\/(?:fhir|api|auth|oauth|\.well-known)(?:[/?]|$)/;

/** Where a request leads: the pattern of the route that takes it, else the address as it was sent. */
export const placeOf = (req: FastifyRequest): string => req.routeOptions?.url ?? req.url;

/**
 * True for requests that leave an event. The route decides, not the spelling: the router takes `/%61pi/...` and
 * `http://any.host/api/...` for `/api/...`.
 */
export const isAudited = (req: FastifyRequest): boolean => audited.test(placeOf(req));

/** Where clients show a secret instead of a cookie or token. */
export const isOauth = (req: FastifyRequest): boolean => placeOf(req).startsWith('/oauth/');

export const newEvidence = (): Evidence => ({ patients: [], params: [], recorded: false });

const verbOf: Record<string, AuditEntry['verb']> = {
  GET: 'R',
  HEAD: 'R',
  OPTIONS: 'R',
  PUT: 'U',
  PATCH: 'U',
  DELETE: 'D',
};

export function outcomeFor(status: number): AuditEntry['outcome'] {
  if (status < 400) return 0;
  return status < 500 ? 4 : 8;
}

/** The browser's name, cut: enough to recognise a device by. */
export const deviceOf = (req: FastifyRequest): string | undefined =>
  req.headers['user-agent']?.slice(0, 200);

/** The entry of a request as it stands when `status` is about to leave. */
export function entryOf(
  req: FastifyRequest,
  status: number,
  tenant: number,
  now: number,
): AuditEntry {
  const { caller, evidence } = req;
  // Of an app that acts for a person the caller's says so.
  const device = caller?.device ?? deviceOf(req);
  // The route's pattern, never the address: what stands in an address may be anything.
  const route = `${req.method} ${req.routeOptions.url ?? '(none)'}`;
  return {
    tenant: caller?.tenant ?? tenant,
    at: caller?.at ?? now,
    requestId: req.id,
    who: evidence.who ?? caller?.id ?? nobody,
    role: evidence.role ?? caller?.role ?? 'anonymous',
    ip: req.ip,
    ...(device && { device }),
    verb: evidence.verb ?? verbOf[req.method] ?? 'E',
    action: evidence.action ?? route,
    type: evidence.type,
    rid: evidence.rid,
    patients: evidence.patients,
    purpose: caller?.purpose ?? '',
    outcome: outcomeFor(status),
    params: evidence.params,
  };
}

interface Deps {
  audit: Audit;
  clock: { now(): number };
  tenantOf(host: string): number;
  warn(error: unknown, req: FastifyRequest): void;
}

/** The answer when the trail cannot be written: nothing of the real one leaves. */
function unavailable(reply: FastifyReply, payload: unknown): string {
  const { outcome, headers } = outcomeOf({ statusCode: 503 });
  if (payload && typeof (payload as { destroy?: unknown }).destroy === 'function')
    (payload as { destroy(): void }).destroy();
  for (const name of ['content-length', 'content-encoding', 'etag', 'last-modified', 'location'])
    reply.removeHeader(name);
  // A session that could not be recorded is not handed out either.
  reply.removeHeader('set-cookie');
  reply.code(503).headers(headers).type('application/fhir+json; charset=utf-8');
  return JSON.stringify(outcome);
}

/** Registers the hooks on the root instance. `/oauth` writes its own event: it answers past Fastify. */
export function hookEvidence(http: FastifyInstance, deps: Deps): void {
  const { audit, clock, tenantOf, warn } = deps;
  http.decorateRequest('evidence', null as unknown as Evidence);
  http.addHook('onRequest', (req, _reply, done) => {
    req.evidence = newEvidence();
    done();
  });

  const append = (req: FastifyRequest, status: number): Promise<void> =>
    audit.append(entryOf(req, status, tenantOf(req.host), clock.now()));

  // A websocket leaves by its own door after this: no `onSend` comes. Where one does come, it was no websocket, whatever
  // the header said, and what was done leaves its own event.
  http.addHook('preHandler', (req, _reply, done) => {
    if (req.headers.upgrade?.toLowerCase() !== 'websocket' || !isAudited(req)) done();
    else append(req, 101).then(() => done(), done);
  });

  // Hooks with a callback: each async one costs two promises at every request.
  http.addHook('onSend', (req, reply, payload, done) => {
    // A request that no router took (a broken address) has met no hook before this one.
    req.evidence ??= newEvidence();
    // No tenant's, or one of a flood whose first was recorded.
    if (req.evidence.recorded || req.turnedAway || !isAudited(req)) return done(null, payload);
    append(req, reply.statusCode)
      .then(
        () => {
          req.evidence.recorded = true;
          done(null, payload);
        },
        (error: unknown) => {
          warn(error, req);
          done(null, unavailable(reply, payload));
        },
      )
      .catch(done);
  });
}
