/** An authenticator in software, for tests: makes passkeys and signs with them, honestly or as told [WebAuthn 3, 6]. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

interface Credential {
  id: Buffer;
  key: KeyObject;
  handle: string;
  counter: number;
}

/** What it does otherwise than an honest one would. */
export interface Lies {
  origin?: string;
  rpId?: string;
  /** The user was there, and nobody looked who. */
  unverified?: boolean;
  counter?: number;
  challenge?: string;
  /** base64url. */
  handle?: string;
  credential?: Buffer;
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

// CBOR, as much as an attestation needs [RFC 8949 3].
const head = (major: number, n: number): Buffer =>
  n < 24
    ? Buffer.from([(major << 5) | n])
    : n < 256
      ? Buffer.from([(major << 5) | 24, n])
      : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
const int = (n: number): Buffer => (n < 0 ? head(1, -1 - n) : head(0, n));
const bytes = (data: Buffer): Buffer => Buffer.concat([head(2, data.length), data]);
const words = (said: string): Buffer => Buffer.concat([head(3, said.length), Buffer.from(said)]);
const map = (...pairs: [Buffer, Buffer][]): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  return map(
    [int(1), int(2)],
    [int(3), int(-7)],
    [int(-1), int(1)],
    [int(-2), bytes(Buffer.from(x!, 'base64url'))],
    [int(-3), bytes(Buffer.from(y!, 'base64url'))],
  );
}

export interface Authenticator {
  make(options: PublicKeyCredentialCreationOptionsJSON, lies?: Lies): RegistrationResponseJSON;
  sign(options: PublicKeyCredentialRequestOptionsJSON, lies?: Lies): AuthenticationResponseJSON;
}

/** @param origin the page it is used on */
export function authenticator(origin: string): Authenticator {
  const rpId = new URL(origin).hostname;
  let made: Credential | undefined;

  const data = (flags: number, counter: number, lies: Lies, attested = Buffer.alloc(0)): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    // UP, UV, AT [WebAuthn 3, 6.1].
    const said = 1 | (lies.unverified ? 0 : 4) | flags;
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.from([said]), count, attested]);
  };
  const client = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    );

  return {
    make(options, lies = {}) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id = lies.credential ?? randomBytes(32);
      made = { id, key: privateKey, handle: options.user.id, counter: 0 };
      const attested = Buffer.concat([
        Buffer.alloc(16),
        Buffer.from([id.length >> 8, id.length & 255]),
        id,
        coseKey(publicKey),
      ]);
      const attestation = map(
        [words('fmt'), words('none')],
        [words('attStmt'), map()],
        [words('authData'), bytes(data(64, 0, lies, attested))],
      );
      const name = id.toString('base64url');
      return {
        id: name,
        rawId: name,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client('webauthn.create', options.challenge, lies).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    sign(options, lies = {}) {
      if (!made) throw new Error('nothing was made yet');
      made.counter = lies.counter ?? made.counter + 1;
      const authData = data(0, made.counter, lies);
      const said = client('webauthn.get', options.challenge, lies);
      const signature = sign('sha256', Buffer.concat([authData, sha256(said)]), made.key);
      const name = made.id.toString('base64url');
      return {
        id: name,
        rawId: name,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: said.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: lies.handle ?? made.handle,
        },
      };
    },
  };
}
