/** Which other sites' pages may read what is answered here: those of registered browser apps, with a token, never with a cookie. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clients } from './clients.ts';

interface Deps {
  clients: Clients;
  clock: { now(): number };
  tenantOf(host: string): number;
}

/** Where a browser app calls: the record store, the token endpoint and what belongs to it. */
const open = /^\/(?:fhir\/|oauth\/(?:token|revocation|userinfo|jwks)(?:[?]|$))/;
/** Documents that anybody may read: they say so themselves. */
const publicDocument = /\/\.well-known\//;

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const headers =
  'Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since';
const exposed = 'ETag, Location, Content-Location, Last-Modified, Retry-After, WWW-Authenticate';

/** A browser remembers for ten minutes; a new client's first page waits no longer than this for us, ms. */
const rememberMs = 10_000;

export interface Origins {
  has(tenant: number, origin: string): Promise<boolean>;
  /** After a client was changed here: it counts at once. */
  forget(): void;
}

/** The origins of active public clients' redirect addresses. */
export function browserOrigins({ clients, clock }: Pick<Deps, 'clients' | 'clock'>): Origins {
  const known = new Map<number, { origins: Promise<Set<string>>; until: number }>();

  async function load(tenant: number): Promise<Set<string>> {
    const all = await clients.list(tenant);
    const uris = all
      .filter((one) => one.status === 'active' && one.scope && one.details.kind === 'public')
      .flatMap((one) => one.details.redirectUris)
      .filter((uri) => /^https?:/.test(uri));
    return new Set(uris.map((uri) => new URL(uri).origin));
  }

  return {
    async has(tenant, origin) {
      const now = clock.now();
      let found = known.get(tenant);
      if (!found || found.until <= now) {
        found = { origins: load(tenant), until: now + rememberMs };
        known.set(tenant, found);
        found.origins.catch(() => known.delete(tenant));
      }
      return (await found.origins).has(origin);
    },
    forget: () => known.clear(),
  };
}

/** Registers the hook on the root instance, before authentication: a preflight carries no token. */
export function hookCors(http: FastifyInstance, deps: Deps, origins: Origins): void {
  const { tenantOf } = deps;

  async function answer(req: FastifyRequest, reply: FastifyReply, origin: string): Promise<void> {
    const known = await origins.has(tenantOf(req.host), origin);
    void reply.header('vary', 'Origin');
    if (known) {
      void reply.header('access-control-allow-origin', origin);
      void reply.header('access-control-expose-headers', exposed);
    }
    if (req.method !== 'OPTIONS' || !req.headers['access-control-request-method']) return;
    if (known) {
      void reply.header('access-control-allow-methods', methods);
      void reply.header('access-control-allow-headers', headers);
      void reply.header('access-control-max-age', '600');
    }
    req.evidence.action = 'preflight';
    await reply.code(204).send();
  }

  http.addHook('onRequest', (req, reply, done) => {
    const { origin } = req.headers;
    if (origin === undefined || !open.test(req.url) || publicDocument.test(req.url)) return done();
    answer(req, reply, origin).then(() => {
      if (!reply.sent) done();
    }, done);
  });

  // A preflight meets the hook above wherever it goes; the router wants a place for it.
  for (const url of ['/oauth/token', '/oauth/revocation', '/oauth/userinfo', '/oauth/jwks'])
    http.options(url, (_req, reply) => reply.code(204).send());
}
