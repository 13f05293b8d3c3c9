/** The built web app in memory: exact names only, compressed once, cached by its hashes; the page itself with a nonce each time. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest']);

interface File {
  body: Buffer;
  type: string;
  etag: string;
  cache: string;
  squeeze: boolean;
  squeezed: Map<string, Promise<Buffer>>;
}

export interface WebFiles {
  /** True when the web app has been built. */
  readonly built: boolean;
  /** Answers a GET or HEAD that no route took; false when it is not the web app's. */
  serve(request: FastifyRequest, reply: FastifyReply): Promise<boolean>;
}

/** Scripts, workers and pictures fetch nothing from elsewhere, whatever gets into them. */
const assetPolicy = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** What the page may do: its own scripts by name, styles by nonce, media of its own making, sockets to its own host. */
function pagePolicy(nonce: string, host: string, elsewhere: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // 'self' includes ws: of the same host in current browsers; older Safari wants it by name.
    ['connect-src', "'self'", `ws://${host}`, `wss://${host}`, ...elsewhere].join(' '),
    "media-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

function load(folder: string): Map<string, File> {
  const files = new Map<string, File>();
  if (!existsSync(join(folder, 'index.html'))) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length);
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const body = readFileSync(path);
    const ending = extname(name);
    files.set(name, {
      body,
      type: types[ending] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      // Names under assets/ carry a hash of the content: they never change.
      cache: name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      squeeze: compressible.has(ending) && body.length > 1_000,
      squeezed: new Map(),
    });
  }
  return files;
}

function encodingOf(file: File, accepts: string): 'br' | 'gzip' | undefined {
  if (!file.squeeze) return undefined;
  if (/\bbr\b/.test(accepts)) return 'br';
  return /\bgzip\b/.test(accepts) ? 'gzip' : undefined;
}

function squeezed(file: File, encoding: 'br' | 'gzip'): Promise<Buffer> {
  let body = file.squeezed.get(encoding);
  if (!body) {
    // Quality 7: 1 % larger than the best in a tenth of the time, once per file and start.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 7 };
    body = encoding === 'br' ? brotli(file.body, { params }) : zip(file.body);
    file.squeezed.set(encoding, body);
  }
  return body;
}

async function sendFile(file: File, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply
    .type(file.type)
    .header('cache-control', file.cache)
    .header('content-security-policy', assetPolicy)
    .header('vary', 'accept-encoding')
    .header('etag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return void reply.code(304).send();
  const encoding = encodingOf(file, request.headers['accept-encoding'] ?? '');
  const body = encoding ? await squeezed(file, encoding) : file.body;
  if (encoding) reply.header('content-encoding', encoding);
  reply.code(200).send(body);
}

// The host goes into a policy: letters, digits, dots, colons, brackets and hyphens only.
const plainHost = /^[a-z0-9.:[\]-]+$/i;

function sendPage(
  page: string,
  elsewhere: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const nonce = randomBytes(16).toString('base64');
  const host = plainHost.test(request.host) ? request.host : 'localhost';
  reply
    .code(200)
    .type(types['.html']!)
    .header('cache-control', 'no-store')
    .header('content-security-policy', pagePolicy(nonce, host, elsewhere))
    .send(page.replaceAll('__CSP_NONCE__', nonce));
}

/** First parts of addresses that are the API's: what is not found there is not a page. */
const api = new Set(['fhir', 'api', 'auth', 'oauth', 'healthz', 'readyz', '.well-known', 'assets']);

/**
 * Reads the built app from `folder`.
 * @param elsewhere origins that pages may talk to beside ours: media servers that browsers sign in to themselves
 */
export function openWebFiles(folder: string, elsewhere: readonly string[] = []): WebFiles {
  const files = load(folder);
  const page = files.get('/index.html')?.body.toString();
  return {
    built: page !== undefined,
    async serve(request, reply) {
      if (page === undefined || !['GET', 'HEAD'].includes(request.method)) return false;
      const path = request.url.split('?')[0]!;
      const file = path === '/index.html' ? undefined : files.get(path);
      if (file) {
        await sendFile(file, request, reply);
        return true;
      }
      // Any other address is a screen of the app, which finds its own way.
      // The front door itself opens to every client, also to one that takes anything.
      const wantsPage = path === '/' || (request.headers.accept ?? '').includes('text/html');
      if (api.has(path.split('/')[1] ?? '') || !wantsPage) return false;
      sendPage(page, elsewhere, request, reply);
      return true;
    },
  };
}
