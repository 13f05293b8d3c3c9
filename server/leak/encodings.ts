/** Every shape in which a text can lie in bytes. */
import { isOrdinary, type Needle } from './needles.ts';

export interface Pattern {
  bytes: Buffer;
  needle: Needle;
  encoding: Encoding;
}

export type Encoding = 'clear' | 'utf-16le' | 'utf-16be' | 'hex' | 'base64' | 'json escape';

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/**
 * The part of a base64 text that the needle alone decides, when it begins `offset` bytes into a group of three.
 */
function base64At(bytes: Buffer, offset: 0 | 1 | 2, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(encoding);
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}

/** As JSON writers put it that keep to ASCII. */
const escaped = (text: string) =>
  text.replaceAll(
    // UTF-16 unit by unit: that is how JSON escapes.
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** As written, as a search would fold it, and in the case a program may have changed it to. */
function forms(text: string): string[] {
  const folded = text.normalize('NFD').replaceAll(/\p{M}/gu, '');
  const all = [
    text,
    text.normalize('NFD'),
    text.toLowerCase(),
    text.toUpperCase(),
    folded,
    folded.toLowerCase(),
  ];
  return [...new Set(all)].filter((one) => one.length >= 5 && !isOrdinary(one));
}

/** All patterns of a needle, each byte string once. */
export function patternsOf(needle: Needle): Pattern[] {
  const found = new Map<string, Pattern>();
  const add = (bytes: Buffer, encoding: Encoding) => {
    const key = bytes.toString('latin1');
    if (!found.has(key)) found.set(key, { bytes, needle, encoding });
  };
  for (const form of forms(needle.text)) {
    const bytes = Buffer.from(form);
    add(bytes, 'clear');
    // eslint-disable-next-line no-control-regex
    if (/^[\x00-\xff]*$/.test(form)) add(Buffer.from(form, 'latin1'), 'clear');
    add(Buffer.from(form, 'utf16le'), 'utf-16le');
    add(utf16be(form), 'utf-16be');
    add(Buffer.from(bytes.toString('hex')), 'hex');
    add(Buffer.from(bytes.toString('hex').toUpperCase()), 'hex');
    for (const offset of [0, 1, 2] as const) {
      add(Buffer.from(base64At(bytes, offset, 'base64')), 'base64');
      add(Buffer.from(base64At(bytes, offset, 'base64url')), 'base64');
    }
    if (escaped(form) !== form) add(Buffer.from(escaped(form)), 'json escape');
  }
  return [...found.values()];
}

const isBase64 = (byte: number | undefined) =>
  byte !== undefined &&
  ((byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 48 && byte <= 57) ||
    byte === 43 ||
    byte === 47 ||
    byte === 45 ||
    byte === 95);
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;
const isWord = (byte: number | undefined) =>
  isBase64(byte) && byte !== 43 && byte !== 47 && byte !== 45;

/**
 * Whether a match is one, or chance: six letters of base64 turn up in random bytes, and a code of digits in a longer
 * number. A base64 text goes on around the needle; a number that was meant stands alone.
 */
export function isMeant(pattern: Pattern, bytes: Buffer, at: number): boolean {
  const end = at + pattern.bytes.length;
  if (pattern.encoding === 'base64' && pattern.bytes.length < 12) {
    let from = at;
    let to = end;
    while (isBase64(bytes[from - 1]) && to - from < 16) from--;
    while (isBase64(bytes[to]) && to - from < 16) to++;
    // Eight bytes of text make eleven letters; random bytes go on that far once in 4^5.
    return to - from >= 11 || (to - from >= 8 && bytes[to] === 61);
  }
  if (pattern.encoding !== 'clear') return true;
  const { text } = pattern.needle;
  if (!/^[\d-]+$/.test(text)) return true;
  // A short number or code is part of some id or other everywhere (4548-4 is in one UUID of ten thousand): one that was
  // meant stands between other signs. A date may go on with a time.
  const joins = /^\d{8,}$|^\d{4}-\d\d-\d\d$/.test(text) ? isDigit : isWord;
  // 10:15:02.310429 holds no code 310429: the digits on both sides of a point are one number.
  const point = (at: number, beyond: number): boolean => bytes[at] === 46 && isDigit(bytes[beyond]);
  if (point(at - 1, at - 2) || point(end, end + 1)) return false;
  return !joins(bytes[at - 1]) && !joins(bytes[end]);
}
