/** A data key: one 32-byte secret, from which a cipher key and an index key are derived apart. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** The key of one patient, or of one clinic for what belongs to nobody. */
export interface DataKey {
  /** Random UUID; stands in the header of everything sealed with the key. */
  readonly kid: string;
  /** Version of the derivation of the cipher key. */
  readonly version: number;
  /** Version of the derivation of the index key; moves without touching what is sealed. */
  readonly indexVersion: number;
  /** AES-256 key. */
  readonly cipher: KeyObject;
  /** HMAC-SHA-256 key. */
  readonly index: KeyObject;
}

export interface KeyVersions {
  version: number;
  indexVersion: number;
}

export const currentVersions: KeyVersions = { version: 1, indexVersion: 1 };

// One secret, two uses, two labels [RFC 5869 3.2]: rotating the index never re-seals a body.
function derive(secret: Uint8Array, kid: string, label: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, kid, label, 32)));
}

/** Derives the working keys from a secret of 32 bytes. */
export function dataKey(kid: string, secret: Uint8Array, versions: KeyVersions): DataKey {
  return {
    kid,
    version: versions.version,
    indexVersion: versions.indexVersion,
    cipher: derive(secret, kid, `afar data v${versions.version}`),
    index: derive(secret, kid, `afar index v${versions.indexVersion}`),
  };
}
