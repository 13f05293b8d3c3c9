/** Mounts the authorization server under /oauth: it answers on the raw response, past Fastify. */
import type { IncomingMessage } from 'node:http';
import type { Log } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { KoaContext, Provider } from 'oidc-provider';
import type { Audit } from '../audit/entry.ts';
import { entryOf } from '../audit/evidence.ts';
import { createProvider, type ProviderDeps } from './provider.ts';
import { lookAgainMs } from './signing-keys.ts';
import { tellContext } from './token-context.ts';

interface Deps extends Omit<ProviderDeps, 'baseUrl'> {
  baseUrlOf(tenant: number): string;
  audit: Audit;
  log: Log;
  tenantOf(host: string): number;
}

/** Only these are reachable; what the server could do besides is not mounted. */
const routes = [
  ['GET', '/oauth/authorize', 'authorize'],
  ['GET', '/oauth/authorize/:uid', 'authorize'],
  ['POST', '/oauth/token', 'token'],
  ['POST', '/oauth/introspection', 'introspect'],
  ['POST', '/oauth/revocation', 'revoke-token'],
  ['GET', '/oauth/jwks', 'keys'],
] as const;

const formPolicy = "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'";

export type Providers = (tenant: number) => Promise<Provider>;

/**
 * The address as the server takes it: without our prefix, and with a consent asked for, because it forgets `offline_access`
 * where no consent is asked [OpenID Connect Core 11]; here one always is.
 */
function inner(url: string): string {
  const at = url.indexOf('?');
  const path = (at < 0 ? url : url.slice(0, at)).replace(/^\/oauth/, '');
  if (at < 0 || path !== '/authorize') return path + (at < 0 ? '' : url.slice(at));
  const query = new URLSearchParams(url.slice(at + 1));
  const prompts = new Set((query.get('prompt') ?? '').split(' ').filter(Boolean));
  if (!prompts.has('none') && query.getAll('prompt').length < 2)
    query.set('prompt', [...prompts.add('consent')].join(' '));
  return `${path}?${query.toString()}`;
}

/** Whose browser this is, our own session says: what the server remembers of an earlier sign-in is not shown to it. */
function withoutSession(cookie: string | undefined): string | undefined {
  return cookie
    ?.split(';')
    .filter((one) => !/^\s*_afar_oauth(\.sig)?=/.test(one))
    .join(';');
}

export function mountOauth(http: FastifyInstance, deps: Deps): { providers: Providers } {
  const { audit, clock, clients, tenantOf, log } = deps;
  const requests = new WeakMap<IncomingMessage, FastifyRequest>();
  const made = new Map<number, { provider: Promise<Provider>; until: number }>();

  async function record(ctx: KoaContext, tenant: number): Promise<void> {
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
  }

  async function make(tenant: number): Promise<Provider> {
    const provider = await createProvider({ ...deps, baseUrl: deps.baseUrlOf(tenant) }, tenant);
    // Outermost: Koa writes the answer when this returns, so the event is durable by then.
    provider.use(async (ctx, next) => {
      await next();
      const told = await tellContext(ctx, deps, tenant);
      if (told) Object.assign(requests.get(ctx.req)!.evidence, { rid: told });
      await record(ctx, tenant);
    });
    return provider;
  }

  // Made anew each hour: keys change, and a new one is published before it signs.
  function providers(tenant: number): Promise<Provider> {
    const now = clock.now();
    const found = made.get(tenant);
    if (found && found.until > now) return found.provider;
    const provider = make(tenant);
    made.set(tenant, { provider, until: now + lookAgainMs });
    // A database that was down at the first request must not be remembered as the answer.
    provider.catch(() => made.delete(tenant));
    return provider;
  }

  void http.register((scope, _opts, done) => {
    // The server reads the body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_req, _payload, parsed) => parsed(null));
    for (const [method, url, action] of routes)
      scope.route({
        method,
        url,
        handler: async (req, reply) => {
          req.evidence.action = action;
          const provider = await providers(tenantOf(req.host));
          requests.set(req.raw, req);
          reply.hijack();
          for (const [name, value] of Object.entries(reply.getHeaders()))
            if (value !== undefined) reply.raw.setHeader(name, value);
          const raw = req.raw as IncomingMessage & { originalUrl?: string };
          // The server makes its own addresses from the difference of the two.
          raw.url = inner(raw.url!);
          raw.originalUrl = `/oauth${raw.url}`;
          const cookie = withoutSession(raw.headers.cookie);
          if (cookie === undefined) delete raw.headers.cookie;
          else raw.headers.cookie = cookie;
          // Its addresses are those of the installation, whatever a request or a proxy calls it: assertions name them as audience.
          const { host, protocol } = new URL(deps.baseUrlOf(tenantOf(req.host)));
          raw.headers.host = host;
          raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
          delete raw.headers['x-forwarded-host'];
          // The page that posts an answer back has one script of its own; the server adds that one's hash.
          if (action === 'authorize') reply.raw.setHeader('content-security-policy', formPolicy);
          // Which origins may read the answer was settled before: see cors.ts.
          delete raw.headers.origin;
          await provider.callback()(raw, reply.raw);
        },
      });
    done();
  });
  return { providers };
}
