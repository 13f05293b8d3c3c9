/** JSON bodies: read with a limit on nesting, no key twice, and no way to reach an object's prototype. */
import { pathTo, scanJson } from './json-scan.ts';

/** A body that cannot be read: 400, and never a quotation of what was sent. */
export class BadBody extends Error {
  readonly statusCode = 400;
  readonly code = 'AFAR_BAD_BODY';
  /** Where the fault is, where one place has it: `name[0].family`. */
  readonly path: string | undefined;

  constructor(message: string, path?: string) {
    super(message);
    this.name = 'BadBody';
    this.path = path;
  }
}

// FHIR's own deepest structures (nested items, extensions) stay under 30; past this only an attack goes.
const maxDepth = 64;

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new BadBody('the body has a forbidden key');
  return value;
}

/**
 * The text, when it is worth parsing.
 * @throws BadBody when it is empty, nested deeper than 64 levels, says a key twice, or has a `__proto__` key
 */
export function requireSafeJson(text: string): void {
  if (text.length === 0) throw new BadBody('the body is empty');
  const fault = scanJson(text, maxDepth);
  if (fault?.what === 'depth') throw new BadBody(`the body nests deeper than ${maxDepth} levels`);
  if (fault) throw new BadBody('the body has a key twice', pathTo(text, fault.at));
  // Looked for the slow way only where the name may be spelled, plainly or by escapes.
  if (text.includes('__proto__') || text.includes('\\u00')) parsed(text, refuseProto);
}

function parsed(
  text: string,
  reviver?: (key: string, value: unknown) => unknown,
  parse: (text: string) => unknown = JSON.parse,
): unknown {
  try {
    return reviver ? JSON.parse(text, reviver) : parse(text);
  } catch (error) {
    if (error instanceof BadBody) throw error;
    // The parser's message quotes the text.
    throw new BadBody('the body is not JSON');
  }
}

/**
 * The parsed body.
 * @param parse a parser that keeps more than `JSON.parse`
 * @throws BadBody when it is empty, not JSON, nested deeper than 64 levels, says a key twice, or has a `__proto__` key
 */
export function parseJson(text: string, parse?: (text: string) => unknown): unknown {
  requireSafeJson(text);
  return parsed(text, undefined, parse);
}
