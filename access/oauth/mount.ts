/** Mounts the authorization server under /oauth: it answers on the raw response, past Fastify. */
import type { IncomingMessage } from 'node:http';
import type { Log } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { Audit } from '../audit/entry.ts';
import { entryOf } from '../audit/evidence.ts';
import type { Clients } from './clients.ts';
import { createProvider, type ProviderDeps } from './provider.ts';

interface Deps extends ProviderDeps {
  audit: Audit;
  log: Log;
  clients: Clients;
  tenantOf(host: string): number;
}

const actions: Record<string, string> = {
  '/oauth/token': 'token',
  '/oauth/introspection': 'introspect',
  '/oauth/revocation': 'revoke-token',
  '/oauth/jwks': 'keys',
};

/** Only these are reachable; what the server could do besides is not mounted. */
const routes = [
  ['POST', '/oauth/token'],
  ['POST', '/oauth/introspection'],
  ['POST', '/oauth/revocation'],
  ['GET', '/oauth/jwks'],
] as const;

export function mountOauth(http: FastifyInstance, deps: Deps): void {
  const { audit, clock, clients, tenantOf, log } = deps;
  const requests = new WeakMap<IncomingMessage, FastifyRequest>();
  const providers = new Map<number, Promise<Provider>>();

  async function make(tenant: number): Promise<Provider> {
    const provider = await createProvider(deps, tenant);
    // Outermost: Koa writes the answer when this returns, so the event is durable by then.
    provider.use(async (ctx, next) => {
      await next();
      const req = requests.get(ctx.req)!;
      const clientId = ctx.oidc?.client?.clientId;
      const client = clientId ? await clients.find(tenant, clientId) : undefined;
      if (client) Object.assign(req.evidence, { who: client.id, role: 'system' });
      try {
        await audit.append(entryOf(req, ctx.status, tenant, clock.now()));
        req.evidence.recorded = true;
      } catch (error) {
        log.error({ err: error }, 'the trail could not be written');
        ctx.status = 503;
        ctx.set('retry-after', '2');
        ctx.body = { error: 'temporarily_unavailable' };
      }
    });
    return provider;
  }

  function providerOf(tenant: number): Promise<Provider> {
    const found = providers.get(tenant) ?? make(tenant);
    providers.set(tenant, found);
    // A database that was down at the first request must not be remembered as the answer.
    found.catch(() => providers.delete(tenant));
    return found;
  }

  void http.register((scope, _opts, done) => {
    // The server reads the body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_req, _payload, parsed) => parsed(null));
    for (const [method, url] of routes)
      scope.route({
        method,
        url,
        handler: async (req, reply) => {
          req.evidence.action = actions[url]!;
          const provider = await providerOf(tenantOf(req.host));
          requests.set(req.raw, req);
          reply.hijack();
          for (const [name, value] of Object.entries(reply.getHeaders()))
            if (value !== undefined) reply.raw.setHeader(name, value);
          const raw = req.raw as IncomingMessage & { originalUrl?: string };
          raw.originalUrl = raw.url;
          raw.url = raw.url!.replace(/^\/oauth/, '');
          await provider.callback()(raw, reply.raw);
        },
      });
    done();
  });
}
