/** Bytes as the safety protocol writes them: joined fields and base64url. */

const text = new TextEncoder();

export type Bytes = Uint8Array<ArrayBuffer>;
export type Field = string | number | Bytes;

/** Fields, each with its length as 4 bytes big-endian before it [signalling.md "Safety code"]. */
export function joined(...fields: Field[]): Bytes {
  const parts = fields.map((field) =>
    field instanceof Uint8Array ? field : text.encode(String(field)),
  );
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    whole.set(part, at + 4);
    at += 4 + part.length;
  }
  return whole;
}

export function toBase64url(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Throws on anything that is not base64url. */
export function fromBase64url(value: string): Bytes {
  if (!/^[\w-]*$/.test(value)) throw new Error('not base64url');
  return Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0),
  );
}

/** Whether two byte strings are the same. */
export const same = (one: Bytes, other: Bytes): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index]);
