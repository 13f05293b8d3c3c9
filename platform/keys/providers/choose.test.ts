/** The setting that names a provider. */
import { describe, expect, it } from 'vitest';
import { provider, trial } from '../testing/provider-trial.ts';

trial();

describe('the setting', () => {
  it.each([
    'kms',
    'aws-kms:afar',
    'google-kms:afar',
    'azure-key-vault:afar',
    'vault-transit:afar',
    'pkcs11:libx.so',
    'pkcs11:/usr/lib/libx.so',
  ])('%s is refused with what it should hold', (spec) => {
    expect(() => provider(spec, {})).toThrow(/wants|must begin/);
  });
});
