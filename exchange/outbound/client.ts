/** Requests to servers that somebody outside named: to public addresses alone, pinned, in a bounded time, with a bounded answer. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { rangesOf } from './addresses.ts';
import { OutboundError, type OutboundReason } from './errors.ts';
import { addressesOf, parseTarget, systemResolver, type Resolver } from './resolve.ts';

export interface OutboundSettings {
  /** Plain http as well; for development and demonstrations. Default: https alone. */
  allowHttp?: boolean;
  /** Addresses and ranges off the public network that may be called all the same: `10.20.0.0/16`, `127.0.0.1`. */
  allow?: readonly string[];
  /** PEM certificates trusted besides the common ones. */
  ca?: readonly string[];
  resolver?: Resolver;
}

export interface OutboundRequest {
  url: string;
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** As they are sent: what a stranger asked for goes through `parseHeaders` first. */
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
  /** From the look-up of the name to the last byte of the answer. Default 10 s. */
  deadlineMs?: number;
  /** Bytes of the answer's body. Default 64 KiB. */
  mostBytes?: number;
  signal?: AbortSignal;
}

export interface OutboundAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface OutboundStream {
  status: number;
  headers: IncomingMessage['headers'];
  /** Ends with an OutboundError at the deadline and beyond `mostBytes`. Read it to the end, or break off. */
  body: AsyncIterable<Buffer>;
}

export interface Outbound {
  /** Asks without calling: what `open` would refuse. @throws OutboundError `url`, `address`, `dns`, `timeout` */
  check(url: string): Promise<void>;
  /** The answer as it comes. Redirects are not followed: a 3xx is an answer like any other. @throws OutboundError */
  open(request: OutboundRequest): Promise<OutboundStream>;
  /** The whole answer. @throws OutboundError */
  request(request: OutboundRequest): Promise<OutboundAnswer>;
}

const defaults = { deadlineMs: 10_000, mostBytes: 64 * 1024, checkMs: 900 } as const;

/** Codes of Node's TLS errors: `ERR_TLS_...`, and OpenSSL's verdicts on a certificate. */
const tlsFault = /^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|UNABLE_TO|EPROTO/;

function reasonOf(error: unknown): OutboundReason {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return tlsFault.test(code) ? 'tls' : 'connect';
}

export function createOutbound(settings: OutboundSettings = {}): Outbound {
  const { allowHttp = false, resolver = systemResolver } = settings;
  const allowed = rangesOf(settings.allow ?? []);
  // Own agents: the global ones obey proxy variables of the environment. No connection is kept: the next request looks up anew.
  const plain = new HttpAgent({ keepAlive: false });
  const secure = new HttpsAgent({
    keepAlive: false,
    minVersion: 'TLSv1.2',
    // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED cannot say otherwise.
    rejectUnauthorized: true,
    ...(settings.ca?.length && { ca: [...getCACertificates('default'), ...settings.ca] }),
  });

  /** The work, or the reason the signal gives, whichever comes first: a look-up cannot be stopped. */
  function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((done, fail) => {
      const give = () => fail(whyAborted(signal));
      if (signal.aborted) return give();
      signal.addEventListener('abort', give, { once: true });
      work.then(done, fail).finally(() => signal.removeEventListener('abort', give));
    });
  }

  const targetOf = async (text: string, signal: AbortSignal) => {
    const url = parseTarget(text, { allowHttp });
    return { url, addresses: await within(addressesOf(url, resolver, allowed), signal) };
  };

  async function open(asked: OutboundRequest): Promise<OutboundStream> {
    const { deadlineMs = defaults.deadlineMs, mostBytes = defaults.mostBytes } = asked;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = asked.signal ? AbortSignal.any([deadline, asked.signal]) : deadline;
    const { url, addresses } = await targetOf(asked.url, signal);
    const body = asked.body === undefined ? undefined : Buffer.from(asked.body);
    const response = await new Promise<IncomingMessage>((done, fail) => {
      const req = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        agent: url.protocol === 'https:' ? secure : plain,
        method: asked.method ?? 'GET',
        // The name stays the one of Host, SNI and certificate; the connection goes where the check looked.
        lookup: pinned(addresses),
        signal,
        maxHeaderSize: 16_384,
        headers: {
          'user-agent': 'Afar',
          'accept-encoding': 'identity',
          ...asked.headers,
          ...(body && { 'content-length': String(body.length) }),
        },
      });
      req.once('response', done);
      req.on('error', (error) =>
        fail(signal.aborted ? whyAborted(signal) : new OutboundError(reasonOf(error))),
      );
      // 1xx and protocol switches are no answers: the deadline ends who waits for more.
      req.end(body);
    });
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: bounded(response, mostBytes, signal),
    };
  }

  return {
    async check(url) {
      await targetOf(url, AbortSignal.timeout(defaults.checkMs));
    },
    open,
    async request(asked) {
      const { status, headers, body } = await open(asked);
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return { status, headers, body: Buffer.concat(chunks) };
    },
  };
}

function whyAborted(signal: AbortSignal): OutboundError {
  const timeout = (signal.reason as { name?: string } | undefined)?.name === 'TimeoutError';
  return new OutboundError(timeout ? 'timeout' : 'aborted');
}

/** Answers every look-up of a connection with the addresses that were checked, so that a name cannot change its mind between. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, done) => {
    if (options.all) done(null, all);
    else done(null, all[0]!.address, all[0]!.family);
  };
}

async function* bounded(
  response: IncomingMessage,
  mostBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new OutboundError('too-large');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    throw signal.aborted ? whyAborted(signal) : new OutboundError(reasonOf(error));
  } finally {
    response.destroy();
  }
}
