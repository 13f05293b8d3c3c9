/** A data key: a 32-byte secret's cipher key, and the index keys of the family it belongs to, versioned apart. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** The key of one patient, or of one clinic for what belongs to nobody. */
export interface DataKey {
  /** Random UUID; stands in the header of everything sealed with the key. */
  readonly kid: string;
  /** The kid of the first key of this patient or clinic: stays when the data key is changed for a new one. */
  readonly family: string;
  /** Version of the derivation of the cipher key. */
  readonly version: number;
  /** Version of the index key that new rows are written under. */
  readonly indexVersion: number;
  /** AES-256 key. */
  readonly cipher: KeyObject;
  /** HMAC-SHA-256 key that new index rows are written under. */
  readonly index: KeyObject;
  /** Every index key that rows may stand under just now, `index` first: a search asks with each. One but in a rotation. */
  readonly indexes: readonly KeyObject[];
  /** Their versions. */
  readonly indexVersions: readonly number[];
  /** Index keys that were, or are about to be, the one: for looking up what is kept for a day and not written anew. */
  readonly others: readonly KeyObject[];
  /** The first index key there was: what was named after it (ids of imports) keeps its name. */
  readonly first: KeyObject;
  /** Earlier and coming data keys of the family by kid, a clinic's own only: what they sealed opens with this key too. */
  readonly older?: ReadonlyMap<string, DataKey>;
}

export interface KeyVersions {
  version: number;
  indexVersion: number;
}

export const currentVersions: KeyVersions = { version: 1, indexVersion: 1 };

// One secret, two uses, two labels [RFC 5869 3.2].
function derive(secret: Uint8Array, kid: string, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, kid, label, 32));
}

/** The index key of a family that never changed it: derived from its first secret. 32 bytes. */
export function firstIndex(kid: string, secret: Uint8Array): Buffer {
  return derive(secret, kid, 'afar index v1');
}

/** An index key of a family. */
export interface IndexKey {
  version: number;
  key: KeyObject;
}

/** Where the rotation of a clinic's index stands: which of two versions is written, and whether both are searched. */
export interface IndexPhase {
  /** The version that is coming, or has come. */
  target: number;
  phase: 'reading' | 'writing' | 'settled';
}

type IndexKeys = Pick<
  DataKey,
  'indexVersion' | 'index' | 'indexes' | 'indexVersions' | 'others' | 'first'
>;

/**
 * Which of a family's index keys does what.
 * @param known in order of version, one at least
 */
export function indexKeys(known: readonly IndexKey[], state: IndexPhase | undefined): IndexKeys {
  const newest = known.at(-1)!;
  const before = known.at(-2);
  // A family born after the rotation began has one key and no part in it.
  const turning = before && state?.target === newest.version && state.phase !== 'settled';
  const written = turning && state.phase === 'reading' ? before : newest;
  const searched = turning ? [written, written === newest ? before : newest] : [written];
  return {
    indexVersion: written.version,
    index: written.key,
    indexes: searched.map((one) => one.key),
    indexVersions: searched.map((one) => one.version),
    others: known.filter((one) => one !== written).map((one) => one.key),
    first: known[0]!.key,
  };
}

/** The working keys of a secret of 32 bytes. */
export function dataKey(
  kid: string,
  family: string,
  secret: Uint8Array,
  version: number,
  indexes: IndexKeys,
): DataKey {
  const cipher = createSecretKey(derive(secret, kid, `afar data v${version}`));
  return { kid, family, version, cipher, ...indexes };
}

/** The same for a key that is the first of its family and never changed its index. */
export function freshKey(kid: string, secret: Uint8Array): DataKey {
  const { version, indexVersion } = currentVersions;
  const key = createSecretKey(firstIndex(kid, secret));
  return dataKey(kid, kid, secret, version, indexKeys([{ version: indexVersion, key }], undefined));
}
