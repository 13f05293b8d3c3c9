/** Certificates: from files, or a self-signed one for this machine's names and addresses, kept until they change. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { durableWrite } from '@afar/platform';
import { generate } from 'selfsigned';
import type { Config } from '../config.ts';

export interface Certificate {
  cert: string;
  key: string;
}

const dayMs = 86_400_000;
// Apple's devices refuse certificates that live longer than 825 days.
const lifeMs = 800 * dayMs;

/** This machine's IPv4 addresses on its networks, loopback left out. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => one.family === 'IPv4' && !one.internal)
    .map((one) => one.address);
}

function covers(cert: string, names: string[], now: number): boolean {
  const x509 = new X509Certificate(cert);
  if (Date.parse(x509.validTo) - now < 7 * dayMs) return false;
  return names.every((name) =>
    isIP(name) ? x509.checkIP(name) !== undefined : x509.checkHost(name) !== undefined,
  );
}

async function selfSigned(keys: string, now: number): Promise<Certificate> {
  const names = ['localhost', hostname(), '127.0.0.1', ...networkAddresses()];
  const paths = { cert: join(keys, 'tls-cert.pem'), key: join(keys, 'tls-key.pem') };
  if (existsSync(paths.cert) && existsSync(paths.key)) {
    const cert = readFileSync(paths.cert, 'utf8');
    if (covers(cert, names, now)) return { cert, key: readFileSync(paths.key, 'utf8') };
  }
  const made = await generate([{ name: 'commonName', value: 'Afar on this network' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + lifeMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
        ),
      },
    ],
  });
  durableWrite(paths.key, made.private, 0o600);
  durableWrite(paths.cert, made.cert, 0o644);
  return { cert: made.cert, key: made.private };
}

/**
 * The certificate to serve with; undefined for plain HTTP.
 * @throws Error naming the file that cannot be read
 */
export async function certificateOf(
  config: Pick<Config, 'tls'>,
  keys: string,
  now: number,
): Promise<Certificate | undefined> {
  switch (config.tls.kind) {
    case 'none':
      return undefined;
    case 'files':
      return {
        cert: readFileSync(config.tls.cert, 'utf8'),
        key: readFileSync(config.tls.key, 'utf8'),
      };
    case 'self-signed':
      return selfSigned(keys, now);
  }
}
