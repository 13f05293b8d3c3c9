/** The primitive types' rules [FHIR R4 datatypes.html#primitive]: JSON type and format of each. */
import { daysIn } from './dates.ts';

/** Undefined when the value is right, else what it should have been. */
export type PrimitiveRule = (value: unknown) => string | undefined;

/** 1 MB: "strings SHALL NOT exceed 1MB in size" [FHIR R4 datatypes.html#string]. */
const longest = 1_048_576;

const id = /^[A-Za-z0-9\-.]{1,64}$/;
const code = /^\S+(?:\s\S+)*$/;
const blank = /\s/;
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/;
const uuid = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?$/;
const date = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const clock =
  /^T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))$/;
// Control characters other than tab, line feed, carriage return [FHIR R4 datatypes.html#string].
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

function text(test: (value: string) => boolean, expected: string): PrimitiveRule {
  return (value) => {
    if (typeof value !== 'string') return 'a JSON string';
    if (value.length > longest) return 'at most 1,048,576 characters';
    return value !== '' && test(value) ? undefined : expected;
  };
}

function whole(least: number, most: number): PrimitiveRule {
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `a JSON integer from ${least} to ${most}`;
}

function isDate(value: string): boolean {
  const found = date.exec(value);
  if (!found) return false;
  const year = Number(found[1]);
  const month = found[2] === undefined ? 1 : Number(found[2]);
  const day = found[3] === undefined ? 1 : Number(found[3]);
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const isInstant = (value: string): boolean =>
  value.length > 10 && isDate(value.slice(0, 10)) && clock.test(value.slice(10));

const isDateTime = (value: string): boolean =>
  value.length > 10 ? isInstant(value) : isDate(value);

const printable = (value: string): boolean => !control.test(value);

/** Linear in its input, unlike the specification's own expression. White space is allowed between characters. */
function isBase64(value: string): boolean {
  const dense = blank.test(value) ? value.replace(/\s+/g, '') : value;
  return dense !== '' && dense.length % 4 === 0 && /^[0-9a-zA-Z+/]*={0,2}$/.test(dense);
}

// What could run in a browser has no place in a narrative [FHIR R4 narrative.html#xhtml, txt-1].
const active =
  /<\s*(?:script|iframe|object|embed|form|input|link|meta|base|style)\b|<[^<>]*\son\w+\s*=|javascript:/i;
const isNarrative = (value: string): boolean =>
  /^\s*<div[\s>/]/.test(value) && /<\/div>\s*$|\/>\s*$/.test(value) && !active.test(value);

const uri = text((value) => !blank.test(value) && printable(value), 'a URI without white space');
const base64 = (value: unknown): string | undefined =>
  typeof value === 'string' && isBase64(value) ? undefined : 'base64';

/** By FHIR type name. */
export const primitives: Readonly<Record<string, PrimitiveRule>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  integer: whole(-2_147_483_648, 2_147_483_647),
  unsignedInt: whole(0, 2_147_483_647),
  positiveInt: whole(1, 2_147_483_647),
  decimal: (value) => (Number.isFinite(value) ? undefined : 'a JSON number'),
  string: text(printable, 'text that is not empty, without control characters'),
  markdown: text(printable, 'text that is not empty, without control characters'),
  xhtml: text(isNarrative, 'an XHTML div without active content'),
  code: text((value) => code.test(value), 'a code: no spaces at its ends, single ones inside'),
  id: text((value) => id.test(value), 'an id: 1 to 64 letters, digits, - and .'),
  uri,
  url: uri,
  canonical: uri,
  oid: text((value) => oid.test(value), 'urn:oid:...'),
  uuid: text((value) => uuid.test(value), 'urn:uuid:... in lower case'),
  base64Binary: base64,
  date: text(isDate, 'a date: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: text(isDateTime, 'a date, or date and time with seconds and zone'),
  instant: text(isInstant, 'an instant: date and time with seconds and zone'),
  time: text((value) => time.test(value), 'a time: hh:mm:ss'),
};
