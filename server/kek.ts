/** The key providers that the settings name. */
import { keyProviderOf, type KeyProvider } from '@afar/platform';
import type { Config } from './config.ts';

export interface KekProviders {
  provider: KeyProvider;
  /** Only unwrap: what the keys are being moved away from. */
  formerly: KeyProvider[];
}

/** @throws Error that names the setting and what it should hold */
export function kekProviders(
  config: Pick<Config, 'kekProvider' | 'kekProviderOld' | 'kekDir'>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): KekProviders {
  const make = (setting: string, spec: string) => {
    try {
      return keyProviderOf(spec, { kekDir: config.kekDir, env });
    } catch (error) {
      throw new Error(`${setting} ${error instanceof Error ? error.message : ''}`, {
        cause: error,
      });
    }
  };
  const { kekProviderOld: old } = config;
  return {
    provider: make('AFAR_KEK_PROVIDER', config.kekProvider),
    formerly: old === undefined ? [] : [make('AFAR_KEK_PROVIDER_OLD', old)],
  };
}
