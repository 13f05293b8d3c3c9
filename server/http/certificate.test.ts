/** The self-signed certificate: for this machine's addresses, kept, renewed in time, and never below TLS 1.2. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { createHttp } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { certificateOf, networkAddresses } from './certificate.ts';
import { renderError } from './render-error.ts';

let keys: string;
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'afar-tls-'));
});
afterEach(() => rmSync(keys, { recursive: true }));

const now = Date.now();
const make = (at = now) => certificateOf({ tls: { kind: 'self-signed' } }, keys, at);

it('covers localhost and every address of the machine', async () => {
  const x509 = new X509Certificate((await make())!.cert);
  expect(x509.checkHost('localhost')).toBe('localhost');
  for (const address of ['127.0.0.1', ...networkAddresses()])
    expect(x509.checkIP(address)).toBe(address);
  expect(x509.ca).toBe(false);
  expect(statSync(join(keys, 'tls-key.pem')).mode & 0o777).toBe(0o600);
});

it('is kept, until a week before its end', async () => {
  const first = (await make())!;
  expect((await make())!.cert).toBe(first.cert);
  const end = Date.parse(new X509Certificate(first.cert).validTo);
  expect((await make(end - 8 * 86_400_000))!.cert).toBe(first.cert);
  expect((await make(end - 6 * 86_400_000))!.cert).not.toBe(first.cert);
  expect(readFileSync(join(keys, 'tls-cert.pem'), 'utf8')).not.toBe(first.cert);
});

it('serves TLS 1.3, takes 1.2, refuses 1.1, and tells browsers to stay with https', async () => {
  const certificate = (await make())!;
  const http = createHttp({ log: testLog(), renderError, tls: certificate });
  http.get('/', () => 'hello');
  await http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.server.address() as AddressInfo;
  const shake = (maxVersion: 'TLSv1.3' | 'TLSv1.2' | 'TLSv1.1'): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        { port, host: 'localhost', ca: certificate.cert, maxVersion, minVersion: 'TLSv1' },
        () => resolve(socket),
      );
      socket.once('error', reject);
    });
  try {
    const newest = await shake('TLSv1.3');
    expect(newest.getProtocol()).toBe('TLSv1.3');
    newest.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    let said = '';
    for await (const chunk of newest) said += String(chunk);
    expect(said).toContain('strict-transport-security: max-age=');
    const older = await shake('TLSv1.2');
    expect(older.getProtocol()).toBe('TLSv1.2');
    older.destroy();
    await expect(shake('TLSv1.1')).rejects.toThrow(/version|alert|protocol/i);
  } finally {
    await http.close();
  }
});
