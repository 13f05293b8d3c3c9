/** What a file is, by its first bytes: what its sender says of it counts for nothing. */
import type { AttachmentType } from './contract.ts';

const starts = (bytes: Buffer, ...wanted: number[]): boolean =>
  wanted.every((byte, at) => bytes[at] === byte);

/** [RFC 2083 3.1, ISO 10918-1 B.1.1.2, RFC 9649 2.4, ISO 32000-1 7.5.2] @returns undefined for what is not taken */
export function typeOf(bytes: Buffer): AttachmentType | undefined {
  if (starts(bytes, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (
    bytes.length > 16 &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WEBP'
  )
    return 'image/webp';
  return bytes.toString('latin1', 0, 5) === '%PDF-' ? 'application/pdf' : undefined;
}
