/** The web app as a browser gets it: a fresh nonce a page, hashed files for ever, exact names only. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttp } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderError } from './render-error.ts';
import { openWebFiles } from './web-files.ts';

let folder: string;
let http: FastifyInstance;
const script = `console.log(${JSON.stringify('x'.repeat(5_000))})`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'afar-web-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, '..', 'afar-web-secret.txt'), 'secret');
  writeFileSync(join(folder, '.afar-built'), 'hash');
  writeFileSync(
    join(folder, 'index.html'),
    '<meta name="csp-nonce" content="__CSP_NONCE__"><p>Afar</p>',
  );
  writeFileSync(join(folder, 'assets', 'main-abc.js'), script);
  writeFileSync(join(folder, 'sw.js'), 'self.x = 1');
  const web = openWebFiles(folder);
  http = createHttp({
    log: testLog(),
    renderError,
    async notFound(request, reply) {
      if (await web.serve(request, reply)) return reply;
      throw Object.assign(new Error('nothing'), { statusCode: 404 });
    },
  });
  await http.ready();
});
afterAll(async () => {
  await http.close();
  rmSync(folder, { recursive: true });
  rmSync(join(folder, '..', 'afar-web-secret.txt'));
});

const get = (url: string, headers: Record<string, string> = {}) =>
  http.inject({ url, headers: { accept: 'text/html', host: 'localhost:8080', ...headers } });

describe('the page', () => {
  it('comes at every address of the app, with a nonce that its policy names and no other page has', async () => {
    const pages = await Promise.all(
      ['/', '/clinician/queue?x=1', '/index.html'].map((url) => get(url)),
    );
    const nonces = pages.map((page) => {
      expect(page.statusCode).toBe(200);
      expect(page.headers['cache-control']).toBe('no-store');
      const nonce = /content="([^"]+)"/.exec(page.body)![1]!;
      const policy = String(page.headers['content-security-policy']);
      expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`);
      expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
      expect(policy).not.toMatch(/unsafe|\*/);
      return nonce;
    });
    expect(new Set(nonces).size).toBe(3);
  });

  it('keeps a forged host out of its policy', async () => {
    const page = await get('/', { host: "evil; script-src 'unsafe-inline'" });
    expect(String(page.headers['content-security-policy'])).not.toContain('unsafe-inline');
  });

  it('opens the front door to a client that takes anything', async () => {
    const answer = await get('/', { accept: '*/*' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
  });

  it('is not the answer to what is no page', async () => {
    for (const [url, accept] of [
      ['/api/none', 'text/html'],
      ['/fhir/R4/None/1', 'text/html'],
      ['/auth/none', 'text/html'],
      ['/assets/gone-123.js', 'text/html'],
      ['/picture.png', 'image/png'],
    ])
      expect((await get(url!, { accept: accept! })).statusCode).toBe(404);
    const posted = await http.inject({
      method: 'POST',
      url: '/',
      headers: { accept: 'text/html' },
    });
    expect(posted.statusCode).toBe(404);
  });
});

describe('files', () => {
  it('with a hash in their name are kept for ever, others asked for each time', async () => {
    const asset = await get('/assets/main-abc.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toContain('text/javascript');
    const worker = await get('/sw.js');
    expect(worker.headers['cache-control']).toBe('no-cache');
    // A worker lives under the policy of its own answer: it must be able to fetch from here.
    expect(String(worker.headers['content-security-policy'])).toContain("default-src 'self'");
  });

  it('come compressed when the browser can, and not again when it has them', async () => {
    const plain = await get('/assets/main-abc.js');
    expect(plain.body).toBe(script);
    for (const encoding of ['br', 'gzip']) {
      const squeezed = await get('/assets/main-abc.js', { 'accept-encoding': encoding });
      expect(squeezed.headers['content-encoding']).toBe(encoding);
      expect(squeezed.rawPayload.length).toBeLessThan(500);
    }
    const again = await get('/assets/main-abc.js', { 'if-none-match': String(plain.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it.each([
    '/../afar-web-secret.txt',
    '/..%2fafar-web-secret.txt',
    '/%2e%2e/afar-web-secret.txt',
    '/assets/../../afar-web-secret.txt',
    '/.afar-built',
    '//etc/passwd',
  ])('%s is no file of the app', async (url) => {
    const answer = await get(url, { accept: '*/*' });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('secret');
  });
});

it('without a build nothing is served', async () => {
  const none = openWebFiles('');
  expect(none.built).toBe(false);
});
