/** The provider that a setting names: one line of text, secrets from the environment or from files it names. */
import { readFileSync } from 'node:fs';
import { KeyUnavailable } from '../errors.ts';
import { localKeyProvider, type KeyProvider } from '../provider.ts';
import { awsKms } from './aws-kms.ts';
import { azureKeyVault } from './azure-key-vault.ts';
import { googleKms } from './google-kms.ts';
import { pkcs11 } from './pkcs11.ts';
import { vaultTransit } from './vault-transit.ts';

export interface ProviderSource {
  /** Folder of the local keyring. */
  kekDir: string;
  env: Readonly<Record<string, string | undefined>>;
}

export const providerKinds = [
  'local',
  'pkcs11',
  'aws-kms',
  'google-kms',
  'azure-key-vault',
  'vault-transit',
] as const;

/**
 * `local`, `pkcs11:<library>?token=…&key=…`, `aws-kms:<ARN>`, `google-kms:<name>`, `azure-key-vault:<address>`,
 * `vault-transit:<address>`. Nothing is connected to yet.
 * @throws Error that says what the setting should hold
 */
export function keyProviderOf(spec: string, { kekDir, env }: ProviderSource): KeyProvider {
  const [, kind = spec, key = ''] = /^([a-z0-9-]+):(.*)$/.exec(spec) ?? [];
  switch (kind) {
    case 'local':
      return localKeyProvider(kekDir);
    case 'pkcs11': {
      const [module = '', query = ''] = key.split('?');
      const { token, key: label = 'afar-kek' } = Object.fromEntries(new URLSearchParams(query));
      if (!module.startsWith('/') || !token)
        throw new Error('pkcs11: wants /path/to/library.so?token=<label>&key=<label>');
      return pkcs11({ module, token, key: label, pin: () => pinIn(env) });
    }
    case 'aws-kms':
      return awsKms({ key, env });
    case 'google-kms':
      return googleKms({ key, env });
    case 'azure-key-vault':
      return azureKeyVault({ key, env });
    case 'vault-transit':
      return vaultTransit({ key, env });
    default:
      throw new Error(`must begin with ${providerKinds.join(', ')}`);
  }
}

function pinIn(env: ProviderSource['env']): string {
  const { AFAR_KEK_PIN_FILE: file, AFAR_KEK_PIN: pin } = env;
  if (!file && !pin)
    throw new KeyUnavailable('pkcs11: set AFAR_KEK_PIN_FILE to a file that holds the PIN');
  return file ? readFileSync(file, 'utf8').trim() : pin!;
}
