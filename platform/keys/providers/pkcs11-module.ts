/** A PKCS#11 module as far as a key-encryption key needs it: find, make, encrypt, decrypt, destroy [PKCS #11 v2.40]. */
import { randomBytes } from 'node:crypto';
import koffi from 'koffi';

// Unsigned long is 64 bits on the Linux this runs on [PKCS #11 2.40 base 2.1].
const ULONG = 'unsigned long';
const GcmParams = koffi.struct('CK_GCM_PARAMS', {
  iv: 'uint8_t *',
  ivLength: ULONG,
  ivBits: ULONG,
  aad: 'uint8_t *',
  aadLength: ULONG,
  tagBits: ULONG,
});
koffi.struct('CK_MECHANISM', { type: ULONG, params: koffi.pointer(GcmParams), length: ULONG });
koffi.struct('CK_ATTRIBUTE', { type: ULONG, value: 'uint8_t *', length: ULONG });

const CKM_AES_KEY_GEN = 0x1080;
const CKM_AES_GCM = 0x1087;
const CKA = {
  CLASS: 0x0,
  TOKEN: 0x1,
  PRIVATE: 0x2,
  LABEL: 0x3,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  ENCRYPT: 0x104,
  DECRYPT: 0x105,
  VALUE_LEN: 0x161,
  EXTRACTABLE: 0x162,
} as const;
const CKO_SECRET_KEY = 4;
const CKK_AES = 0x1f;
const CKF_RW_SERIAL = 0x6;
const CKU_USER = 1;
const ALREADY_LOGGED_IN = 0x100;

/** Return values worth a word of advice [PKCS #11 2.40, CKR_]. */
const advice: Record<number, string> = {
  0x30: 'the device failed',
  0x32: 'the device was taken out',
  0x40: 'wrapped by another key, or for another place',
  0xa0: 'the PIN is wrong',
  0xa4: 'the PIN is locked',
  0xe0: 'there is no token in the slot',
};

const IV = 12;
const TAG = 16;

export class Pkcs11Error extends Error {
  readonly code: number;
  constructor(call: string, code: number) {
    const why = advice[code];
    super(`PKCS#11: ${call} gave 0x${code.toString(16)}${why ? `: ${why}` : ''}`);
    this.name = 'Pkcs11Error';
    this.code = code;
  }
}

export interface Token {
  wrap(plain: Buffer, context: string): { version: number; wrapped: Buffer };
  unwrap(version: number, wrapped: Buffer, context: string): Buffer;
  advance(): number;
  retire(version: number): void;
}

interface Attribute {
  type: number;
  value: Buffer;
  length: number;
}

const ulong = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const idOf = (version: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(version);
  return bytes;
};
const attribute = (type: number, value: Buffer): Attribute => ({
  type,
  value,
  length: value.length,
});
const yes = Buffer.from([1]);
const no = Buffer.from([0]);

/** Opens a token by its label and signs in. @throws Pkcs11Error, Error when the module or the token is not there */
export function openToken(path: string, tokenLabel: string, pin: string, keyLabel: string): Token {
  const library = koffi.load(path);
  const bind = (name: string, ...types: string[]) => {
    const call = library.func(name, ULONG, types) as (...args: unknown[]) => number;
    return (...args: unknown[]): void => {
      const code = Number(call(...args));
      if (code !== 0) throw new Pkcs11Error(name, code);
    };
  };
  const bytes = 'uint8_t *';
  const C = {
    initialize: bind('C_Initialize', 'void *'),
    slots: bind('C_GetSlotList', 'uint8_t', bytes, bytes),
    tokenInfo: bind('C_GetTokenInfo', ULONG, bytes),
    open: bind('C_OpenSession', ULONG, ULONG, 'void *', 'void *', bytes),
    login: bind('C_Login', ULONG, ULONG, bytes, ULONG),
    findInit: bind('C_FindObjectsInit', ULONG, 'CK_ATTRIBUTE *', ULONG),
    find: bind('C_FindObjects', ULONG, bytes, ULONG, bytes),
    findFinal: bind('C_FindObjectsFinal', ULONG),
    attributes: bind('C_GetAttributeValue', ULONG, ULONG, 'CK_ATTRIBUTE *', ULONG),
    generate: bind('C_GenerateKey', ULONG, 'CK_MECHANISM *', 'CK_ATTRIBUTE *', ULONG, bytes),
    destroy: bind('C_DestroyObject', ULONG, ULONG),
    encryptInit: bind('C_EncryptInit', ULONG, 'CK_MECHANISM *', ULONG),
    encrypt: bind('C_Encrypt', ULONG, bytes, ULONG, bytes, bytes),
    decryptInit: bind('C_DecryptInit', ULONG, 'CK_MECHANISM *', ULONG),
    decrypt: bind('C_Decrypt', ULONG, bytes, ULONG, bytes, bytes),
  };
  const read = (buffer: Buffer, at = 0) => Number(buffer.readBigUInt64LE(at * 8));

  function slotOf(label: string): number {
    const count = ulong(0);
    C.slots(1, null, count);
    const list = Buffer.alloc(8 * Math.max(1, read(count)));
    C.slots(1, list, count);
    for (let at = 0; at < read(count); at++) {
      // CK_TOKEN_INFO begins with the label, 32 bytes padded with blanks.
      const info = Buffer.alloc(256);
      C.tokenInfo(read(list, at), info);
      if (info.toString('utf8', 0, 32).trimEnd() === label) return read(list, at);
    }
    throw new Error(`PKCS#11: there is no token labelled ${label}`);
  }

  C.initialize(null);
  const handle = ulong(0);
  C.open(slotOf(tokenLabel), CKF_RW_SERIAL, null, null, handle);
  const session = read(handle);
  const secret = Buffer.from(pin);
  try {
    C.login(session, CKU_USER, secret, secret.length);
  } catch (error) {
    if (!(error instanceof Pkcs11Error && error.code === ALREADY_LOGGED_IN)) throw error;
  }

  /** Handles of our keys by version. */
  function keys(): Map<number, number> {
    const template = [
      attribute(CKA.CLASS, ulong(CKO_SECRET_KEY)),
      attribute(CKA.LABEL, Buffer.from(keyLabel)),
    ];
    C.findInit(session, template, template.length);
    const list = Buffer.alloc(8 * 256);
    const count = ulong(0);
    C.find(session, list, 256, count);
    C.findFinal(session);
    const found = new Map<number, number>();
    for (let at = 0; at < read(count); at++) {
      const id = Buffer.alloc(4);
      C.attributes(session, read(list, at), [attribute(CKA.ID, id)], 1);
      found.set(id.readUInt32BE(), read(list, at));
    }
    return found;
  }

  function make(version: number): number {
    const template = [
      attribute(CKA.CLASS, ulong(CKO_SECRET_KEY)),
      attribute(CKA.KEY_TYPE, ulong(CKK_AES)),
      attribute(CKA.VALUE_LEN, ulong(32)),
      attribute(CKA.LABEL, Buffer.from(keyLabel)),
      attribute(CKA.ID, idOf(version)),
      attribute(CKA.TOKEN, yes),
      attribute(CKA.PRIVATE, yes),
      attribute(CKA.SENSITIVE, yes),
      attribute(CKA.EXTRACTABLE, no),
      attribute(CKA.ENCRYPT, yes),
      attribute(CKA.DECRYPT, yes),
    ];
    const mechanism = { type: CKM_AES_KEY_GEN, params: null, length: 0 };
    C.generate(session, mechanism, template, template.length, ulong(0));
    return version;
  }

  const gcm = (iv: Buffer, context: string) => {
    const aad = Buffer.from(context);
    const params = {
      iv,
      ivLength: iv.length,
      ivBits: iv.length * 8,
      aad,
      aadLength: aad.length,
      tagBits: TAG * 8,
    };
    return { type: CKM_AES_GCM, params, length: koffi.sizeof(GcmParams) };
  };

  function handleOf(version: number): number {
    const found = keys().get(version);
    if (found === undefined)
      throw new Error(`PKCS#11: version ${version} of ${keyLabel} is not on the token`);
    return found;
  }

  return {
    wrap(plain, context) {
      const version = Math.max(0, ...keys().keys()) || make(1);
      const iv = randomBytes(IV);
      C.encryptInit(session, gcm(iv, context), handleOf(version));
      const out = Buffer.alloc(plain.length + TAG + 64);
      const length = ulong(out.length);
      C.encrypt(session, plain, plain.length, out, length);
      return { version, wrapped: Buffer.concat([iv, out.subarray(0, read(length))]) };
    },
    unwrap(version, wrapped, context) {
      C.decryptInit(session, gcm(wrapped.subarray(0, IV), context), handleOf(version));
      const sealed = wrapped.subarray(IV);
      const out = Buffer.alloc(sealed.length);
      const length = ulong(out.length);
      C.decrypt(session, sealed, sealed.length, out, length);
      return out.subarray(0, read(length));
    },
    advance: () => make(Math.max(0, ...keys().keys()) + 1),
    retire(version) {
      const known = keys();
      if (version === Math.max(...known.keys()))
        throw new Error(`PKCS#11: version ${version} is the current key`);
      const found = known.get(version);
      if (found !== undefined) C.destroy(session, found);
    },
  };
}
