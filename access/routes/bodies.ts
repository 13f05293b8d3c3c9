/** Shapes of what /auth takes: every text has a length, and nothing unknown is let through. */

// 64 KiB: the largest thing anybody sends here is what an authenticator made.
const bodyLimit = 64 * 1024;

export const text = (maxLength: number, minLength = 1) =>
  ({ type: 'string', minLength, maxLength }) as const;

export const body = (
  properties: Record<string, object>,
  required: string[] = Object.keys(properties),
) => ({
  bodyLimit,
  schema: { body: { type: 'object', properties, required, additionalProperties: false } },
});

// An authenticator's answer is a few hundred bytes; with a certificate some thousand.
const bytes = text(16_384);

const credential = (response: Record<string, object>, required: string[]) => ({
  type: 'object',
  properties: {
    id: text(1_400),
    rawId: text(1_400),
    type: { const: 'public-key' },
    authenticatorAttachment: { type: 'string', maxLength: 32, nullable: true },
    clientExtensionResults: { type: 'object' },
    response: { type: 'object', properties: response, required },
  },
  required: ['id', 'rawId', 'type', 'response'],
});

/** What an authenticator signs [WebAuthn 3, 5.1.8]. */
export const assertion = credential(
  { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: text(200) },
  ['clientDataJSON', 'authenticatorData', 'signature'],
);

/** What an authenticator makes. */
export const attestation = credential(
  {
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: { type: 'array', maxItems: 16, items: text(32) },
  },
  ['clientDataJSON', 'attestationObject'],
);

/** One of several: exactly one property is there. */
const oneOf = (properties: Record<string, object>) => ({
  bodyLimit,
  schema: {
    body: {
      type: 'object',
      properties,
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
    },
  },
});

const factors = { code: text(16), recovery: text(40), passkey: assertion };

export const factorProof = oneOf(factors);
export const stepUpProof = oneOf({ ...factors, password: text(256) });
