/** Load shedding at the door of the HTTP server: before the router, before every hook, before anything is recorded. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FullLog } from '../log.ts';
import type { Shedding } from './shedding.ts';

/** One line in the log for all that is turned away in so long. */
const sayMs = 10_000;
/** Bytes of a body that is read and thrown away to keep the connection; a longer one ends it. */
const smallBody = 64 * 1024;

/** What a client is told: nothing was done, and when to come again [RFC 9110 15.6.4]. */
const body = JSON.stringify({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code: 'throttled',
      details: { text: 'Too busy at the moment. Nothing was done: send it again in a moment.' },
    },
  ],
});
const length = String(Buffer.byteLength(body));

function turnAway(request: IncomingMessage, response: ServerResponse): void {
  const long = Number(request.headers['content-length'] ?? 0) > smallBody;
  response.writeHead(503, {
    'content-type': 'application/fhir+json',
    'content-length': length,
    'cache-control': 'no-store',
    // Spread out, so that they do not all come back at once.
    'retry-after': String(1 + Math.floor(Math.random() * 4)),
    ...(long && { connection: 'close' }),
  });
  response.end(body);
}

interface InService {
  /** ms of the clock when it last began to count; undefined: it waits for its sender. */
  since: number | undefined;
  ms: number;
}

export interface SheddingDoor {
  /** False: it was answered, and goes no further. */
  enter(request: IncomingMessage, response: ServerResponse): boolean;
  /** Lets the time a body takes to arrive not count. */
  hook(http: FastifyInstance): void;
}

/**
 * @param vital addresses (path and query) whose requests are let in when others are not: probes, and what a visit under way needs
 */
export function sheddingDoor(
  shedding: Shedding,
  vital: (url: string) => boolean,
  log: FullLog,
): SheddingDoor {
  const served = new WeakMap<IncomingMessage, InService>();
  const now = () => performance.now();
  let saidAt = -Infinity;
  let saidShed = 0;

  function say(): void {
    const at = now();
    if (at - saidAt < sayMs) return;
    saidAt = at;
    const { shed, limit } = shedding;
    log.warn(
      { turnedAway: shed - saidShed, limit: Math.round(limit) },
      'overload: requests are turned away',
    );
    saidShed = shed;
  }

  function end(request: IncomingMessage, told: boolean): void {
    const one = served.get(request);
    if (!one) return;
    served.delete(request);
    if (one.since === undefined) shedding.resume();
    else one.ms += now() - one.since;
    shedding.leave(told ? one.ms : undefined);
  }

  const hasBody = ({ raw }: FastifyRequest): boolean =>
    raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;

  return {
    enter(request, response) {
      if (!shedding.enter(vital(request.url ?? '/'))) {
        say();
        turnAway(request, response);
        return false;
      }
      served.set(request, { since: now(), ms: 0 });
      // Whatever ends it without an answer of the router's: a cut, a hijack.
      response.once('close', () => end(request, false));
      return true;
    },
    hook(http) {
      http.addHook('preParsing', (request, _reply, _payload, done) => {
        const one = served.get(request.raw);
        if (one?.since !== undefined && hasBody(request)) {
          one.ms += now() - one.since;
          one.since = undefined;
          shedding.pause();
        }
        done();
      });
      http.addHook('preValidation', (request, _reply, done) => {
        const one = served.get(request.raw);
        if (one && one.since === undefined) {
          one.since = now();
          shedding.resume();
        }
        done();
      });
      http.addHook('onSend', (request, _reply, _payload, done) => {
        end(request.raw, true);
        done();
      });
    },
  };
}
