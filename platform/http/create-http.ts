/** The HTTP server: limits, request ids, security headers, one log line a request, errors drawn by whoever starts it. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import Fastify, {
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { FullLog } from '../log.ts';
import { within } from '../tenancy.ts';
import { parseJson } from './json-body.ts';
import type { SheddingDoor } from './shed-requests.ts';

/** Bytes of a request body: a resource, and a transaction Bundle (set on its own route). */
export const bodyLimits = { resource: 2 * 1024 * 1024, bundle: 10 * 1024 * 1024 } as const;

export interface RenderedError {
  status: number;
  headers?: Record<string, string>;
  contentType: string;
  body: string | object;
}

export interface HttpOptions {
  log: FullLog;
  /** PEM texts. TLS 1.2 at least, 1.3 preferred, HTTP/1.1. */
  tls?: { cert: string; key: string };
  /** Draws an error; must tell nothing of an error it does not know. */
  renderError(error: unknown, request: FastifyRequest): RenderedError;
  /** Answers what no route takes; default: `renderError` of an error with statusCode 404. */
  notFound?(request: FastifyRequest, reply: FastifyReply): unknown;
  /** Proxies whose X-Forwarded-* headers count (addresses or CIDR); none by default. */
  trustProxy?: string[];
  /**
   * Whose a `Host` is: every hook and handler of the request then works for that tenant. Undefined: nobody's, and the answer is
   * 421 that tells nothing. Without it requests declare no tenant.
   */
  tenantOf?(host: string): number | undefined;
  /** Looks at each request before every other room does; throws to turn it away. */
  admit?(request: FastifyRequest): void;
  /** Turns requests away when there are too many to serve well; default: none are. */
  shed?: SheddingDoor;
  /** Called once for each answered request, after it left. */
  onAnswered?(request: FastifyRequest, reply: FastifyReply, egressBytes: number): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What ended the request, for hooks that watch; its answer says no more than the outcome. */
    thrown?: unknown;
    /** The tenant its host names; undefined for probes and for hosts that are nobody's. */
    tenant?: number | undefined;
    /**
     * Nothing was reached, and no event is due: its host is nobody's, so that it belongs to no tenant's trail, or it is one of
     * a flood whose first was recorded.
     */
    turnedAway?: boolean;
  }
}

/** [RFC 9110 15.5.20] */
class Misdirected extends Error {
  readonly statusCode = 421;
}

class NotFound extends Error {
  readonly statusCode = 404;
}

const jsonTypes = ['application/json', 'application/fhir+json', 'application/json-patch+json'];

const probes = new Set(['/healthz', '/readyz']);

/** What our own pages may use of a browser, and what nobody may. */
function permissions(): string {
  const ours = 'camera microphone display-capture fullscreen screen-wake-lock clipboard-write'
    .concat(' publickey-credentials-get publickey-credentials-create')
    .split(' ');
  const nobodys = 'geolocation payment usb serial hid midi accelerometer gyroscope'.split(' ');
  return [...ours.map((name) => `${name}=(self)`), ...nobodys.map((name) => `${name}=()`)].join(
    ', ',
  );
}

/** For every answer; pages that load scripts replace the content security policy by one with a nonce. */
const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': permissions(),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
} as const;

/** Longer parts of a path are no ids of anything, and patterns are not asked about them. */
const mostPart = 200;
const tooLong = new RegExp(`[^/]{${mostPart + 1},}`, 'g');

/**
 * The address without parts that are too long: the router would answer them past every hook, unlimited and unrecorded, and write
 * them into the log. What stands in for one is no id, so that nothing is found by it.
 */
function bounded(url: string): string {
  if (url.length <= mostPart) return url;
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  return path.replaceAll(tooLong, '!') + url.slice(path.length);
}

/**
 * The address with a path that can be decoded. The router answers one that cannot past every hook, so
 * that nothing would record the request: with its percent signs escaped it leads to no route instead.
 */
function decodable(url: string): string {
  if (!url.includes('%')) return url;
  const end = url.search(/[?;#]/);
  const path = end < 0 ? url : url.slice(0, end);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length);
  }
}

/**
 * Node takes the first of several, a proxy in front of it perhaps the last; and the host says whose clinic it is
 * [RFC 9112 3.2: answer 400].
 */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}

/** Makes the server; routes come by `register`. `listen` and `drainHttp` are the caller's. */
export function createHttp(opts: HttpOptions): FastifyInstance {
  const { log, tls, renderError, shed } = opts;
  const send = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { status, headers: extra = {}, contentType, body } = renderError(error, request);
    if (status >= 500 && status !== 503)
      request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    else if (status === 503) request.log.warn({ err: error }, 'a request could not be served');
    return reply
      .code(status)
      .headers(extra)
      .type(contentType)
      .send(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const limits = {
    // 60 s: a 10 MiB bundle over a 2 Mbit/s line takes 42 s.
    requestTimeout: 60_000,
    headersTimeout: 15_000,
    // Those that drip are looked for this often: Node's own 30 s would let each hold its connection three times as long.
    connectionsCheckingInterval: 5_000,
    // Longer than the 60 s at which common load balancers drop an idle connection, so that they close first.
    keepAliveTimeout: 65_000,
  };
  const unspoken = new Set<Socket>();
  const http = Fastify({
    serverFactory: (routed) => {
      const handler: typeof routed = (request, response) => {
        if (hostsIn(request.rawHeaders) > 1) {
          response.writeHead(400, { connection: 'close' }).end();
          return;
        }
        unspoken.delete(request.socket);
        request.url = bounded(decodable(request.url ?? '/'));
        if (shed && !shed.enter(request, response)) return;
        routed(request, response);
      };
      return tls
        ? (createSecureServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, handler) as never)
        : createServer(limits, handler);
    },
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: bodyLimits.resource,
    trustProxy: opts.trustProxy?.length ? opts.trustProxy : false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: mostPart, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      send(error, request as FastifyRequest, reply as FastifyReply);
    },
    clientErrorHandler(_error, socket) {
      // Not HTTP, or too slow, or too long a header: nothing of it is kept.
      if (socket.writable) socket.write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      socket.destroy();
    },
  }) as unknown as FastifyInstance;

  const { server } = http;
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    unspoken.add(socket);
    socket.once('close', () => unspoken.delete(socket));
  });
  server.on('upgrade', ({ socket }) => unspoken.delete(socket));
  silent.set(server, unspoken);

  http.removeContentTypeParser(['application/json', 'text/plain']);
  for (const type of jsonTypes)
    http.addContentTypeParser(type, { parseAs: 'string' }, (_request, text, done) => {
      try {
        done(null, parseJson(text as string));
      } catch (error) {
        done(error as Error);
      }
    });

  http.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    // Behind a proxy that ends TLS the word is the proxy's, and counts only if it is trusted.
    if (tls || request.protocol === 'https')
      reply.header('strict-transport-security', 'max-age=31536000');
    if (draining.has(http)) reply.header('connection', 'close');
    done();
  });
  shed?.hook(http);
  http.decorateRequest('turnedAway', false);
  if (opts.tenantOf) declareTenant(http, opts.tenantOf);
  const { admit } = opts;
  if (admit)
    http.addHook('onRequest', (request, _reply, done) => {
      admit(request);
      done();
    });
  http.addHook('onResponse', (request, reply, done) => {
    const egress = Number(reply.getHeader('content-length') ?? 0);
    // Probes ask every second and tell nothing.
    const write = probes.has(request.routeOptions.url ?? '') ? log.debug : log.info;
    // The route's pattern, not the address: ids and query strings that others make may hold anything.
    write(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? '(none)',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        bytes: egress,
      },
      'request',
    );
    opts.onAnswered?.(request, reply, egress);
    done();
  });
  http.decorateRequest('thrown', undefined);
  http.setErrorHandler((error, request, reply) => {
    request.thrown = error;
    return send(error, request, reply);
  });
  http.setNotFoundHandler((request, reply) =>
    opts.notFound
      ? opts.notFound(request, reply)
      : send(new NotFound('no such address'), request, reply),
  );
  return http;
}

/** Before every other room's hooks. A load balancer asks its probes by an address, and they tell nothing. */
function declareTenant(
  http: FastifyInstance,
  tenantOf: (host: string) => number | undefined,
): void {
  http.decorateRequest('tenant', undefined);
  http.addHook('onRequest', (request, _reply, done) => {
    if (probes.has(request.routeOptions.url ?? '')) return done();
    request.tenant = tenantOf(request.host);
    if (request.tenant !== undefined) return within(request.tenant, done);
    request.turnedAway = true;
    done(new Misdirected('no such host'));
  });
  // A body arrives by events of the connection, which is nobody's: what follows is the request's again.
  http.addHook('preValidation', (request, _reply, done) => {
    if (request.tenant === undefined) done();
    else within(request.tenant, done);
  });
}

const draining = new WeakSet<FastifyInstance>();

/** Connections that nothing was said in yet: browsers open some ahead. Node counts them neither as idle nor as busy. */
const silent = new WeakMap<object, ReadonlySet<Socket>>();

/** True once `announceDrain` was called: a readiness probe should answer 503. */
export const isDraining = (http: FastifyInstance): boolean => draining.has(http);

/** From now on readiness says no, and every answer that it is its connection's last; connections are still taken. */
export function announceDrain(http: FastifyInstance): void {
  draining.add(http);
}

/** ms in which a connection that lies idle may still be used, and is told that it was its last time. */
const lastCallMs = 1_000;

/**
 * Stops taking connections and lets requests in flight finish; every answer says `connection: close`. A connection that lies idle is left
 * open for a last call: `http.Server.close()` would cut it at once, with the request that is on its way in it (measured: 36 to 176 of
 * 2,000 requests lost). After `graceMs` what is left is cut. Call it before `close()`, which would end what requests in flight still need.
 */
export async function drainHttp(http: FastifyInstance, graceMs: number): Promise<void> {
  announceDrain(http);
  const { server } = http;
  if (!server.listening) return;
  const began = performance.now();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection whose answer has just left counts as idle only now: sweep until none is left.
  const sweep = setInterval(() => {
    if (performance.now() - began < lastCallMs) return;
    server.closeIdleConnections();
    for (const socket of silent.get(server) ?? []) socket.destroy();
  }, 50);
  await new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => resolve());
  });
  clearTimeout(cut);
  clearInterval(sweep);
}
