/** Media types in and out: nothing that is stored gets into a header unless it is one, and whose wish comes first. */
import { describe, expect, it } from 'vitest';
import { keptOf, preferredForm, sentAs } from './content-type.ts';

describe('a stored type as a header', () => {
  it.each(['text/html', 'image/svg+xml', 'text/plain; charset=utf-8', 'a/b;c="d e;f"'])(
    '%s is sent as it is',
    (type) => expect(sentAs(type)).toBe(type),
  );

  it.each([
    'text/html\r\nSet-Cookie: a=b',
    'text/html\nX-A: b',
    'text/html\n',
    'text/html; charset=utf-8\r',
    'text/html, text/plain',
    'text',
    'text/',
    '/html',
    'text/html;',
    'text/html; charset',
    'text/html; a="b',
    'text/html; a="\u0000"',
    'text/hτml',
    `text/${'x'.repeat(300)}`,
    '',
    undefined,
    7,
  ])('%j is not: bytes nobody knows', (type) =>
    expect(sentAs(type)).toBe('application/octet-stream'),
  );
});

describe('a header as the type that is kept', () => {
  it.each([
    ['Text/HTML', 'text/html'],
    ['text/plain; q=1; Charset=latin1;name="x y"', 'text/plain; Charset=latin1'],
    ['multipart/mixed; boundary="a b"', 'multipart/mixed; boundary="a b"'],
    ['application/json-patch+json', 'application/json-patch+json'],
  ])('%s as %s', (header, type) => expect(keptOf(header)).toBe(type));

  it.each([
    'application/fhir+xml',
    'APPLICATION/XML; charset=utf-8',
    'text/xml',
    'application/xml+fhir',
    'application/json+fhir',
    'text',
    'text/a b',
    '',
    undefined,
  ])('%s is not taken', (header) => expect(keptOf(header)).toBeUndefined());
});

// [RFC 9110 12.5.1]
it.each([
  ['application/pdf', 'content'],
  ['APPLICATION/PDF;q=0.1', 'content'],
  ['application/pdf;q=0', undefined],
  ['application/pdf;q=nonsense', undefined],
  ['image/png', undefined],
  ['image/png, */*', 'json'],
  ['application/pdf, */*;q=0.8', 'content'],
  ['application/pdf, application/fhir+json', 'json'],
  ['application/pdf;q=0.5, application/fhir+json', 'json'],
  ['application/pdf, application/fhir+json;q=0.5', 'content'],
  ['application/fhir+json; fhirVersion=3.0, text/plain', undefined],
  ['application/fhir+xml', undefined],
] as const)('Accept: %s of a PDF is answered by %s', (accept, form) => {
  expect(preferredForm(accept, 'application/pdf')).toBe(form);
});

it('a range takes each type in it, and the most specific one decides', () => {
  expect(preferredForm('text/*', 'text/plain; charset=utf-8')).toBe('content');
  expect(preferredForm('text/*, text/plain;q=0', 'text/plain')).toBeUndefined();
  expect(preferredForm('application/fhir+xml', 'application/fhir+xml')).toBeUndefined();
  expect(preferredForm('text/xml', 'text/xml')).toBe('content');
});
