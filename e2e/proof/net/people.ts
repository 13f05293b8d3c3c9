/** The product and browsers inside the namespaces of a test, with a certificate that both trust. */
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { chromiumPath, openBrowser, type Person } from '../../browser.ts';
import { startProduct, type Product } from '../../product.ts';
import type { Place } from './namespaces.ts';

export interface ProductThere {
  product: Product;
  /** Opens a browser at a place; it trusts the product's certificate and no other. */
  browserAt(place: Place, options?: Parameters<typeof openBrowser>[0]): Promise<Person>;
  stop(): Promise<void>;
}

/** A certificate for the product's address; this process trusts it too. */
async function certificateFor(
  address: string,
): Promise<{ cert: string; key: string; spki: string }> {
  const day = 86_400_000;
  const made = await generate([{ name: 'commonName', value: address }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 30 * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7 as const, ip: address }] },
    ],
  });
  setDefaultCACertificates([...getCACertificates('default'), made.cert]);
  const der = new X509Certificate(made.cert).publicKey.export({ type: 'spki', format: 'der' });
  return {
    cert: made.cert,
    key: made.private,
    spki: createHash('sha256').update(der).digest('base64'),
  };
}

/** Starts the product at a place, by HTTPS on 8443 of its address. @param env further settings */
export async function startThere(
  place: Place,
  env: Record<string, string> = {},
): Promise<ProductThere> {
  const folder = mkdtempSync(join(tmpdir(), 'afar-there-'));
  const { cert, key, spki } = await certificateFor(place.address);
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  const product = await startProduct({
    prefix: place.prefix,
    baseUrl: `https://${place.address}:8443`,
    env: {
      AFAR_PORT: '8443',
      AFAR_HOST: '0.0.0.0',
      AFAR_BASE_URL: `https://${place.address}:8443`,
      AFAR_TLS_CERT: files.cert,
      AFAR_TLS_KEY: files.key,
      ...env,
    },
  });
  return {
    product,
    browserAt(at, options = {}) {
      const executable = join(folder, `chromium-${at.namespace}`);
      writeFileSync(executable, `#!/bin/sh\nexec ${at.prefix.join(' ')} ${chromiumPath} "$@"\n`);
      chmodSync(executable, 0o755);
      const trust = `--ignore-certificate-errors-spki-list=${spki}`;
      return openBrowser({
        fps: 30,
        ...options,
        executable,
        args: [...(options.args ?? []), trust],
      });
    },
    async stop() {
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
