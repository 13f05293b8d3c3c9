/** JSON bodies: read with a limit on nesting and no way to reach an object's prototype. */

/** A body that cannot be read: 400, and never a quotation of what was sent. */
export class BadBody extends Error {
  readonly statusCode = 400;
  readonly code = 'AFAR_BAD_BODY';
}

// FHIR's own deepest structures (nested items, extensions) stay under 30; past this only an attack goes.
const maxDepth = 64;

/** True when brackets outside strings nest deeper than `limit`. One pass, no recursion: it runs before the parser. */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      // A string: to its closing quote, past escaped characters.
      for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++)
        if (text.charCodeAt(at) === 0x5c) at++;
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > limit) return true;
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
  return false;
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new BadBody('the body has a forbidden key');
  return value;
}

/**
 * The parsed body.
 * @throws BadBody when it is empty, not JSON, nested deeper than 64 levels, or has a `__proto__` key
 */
export function parseJson(text: string): unknown {
  if (text.length === 0) throw new BadBody('the body is empty');
  if (nestsDeeper(text, maxDepth))
    throw new BadBody(`the body nests deeper than ${maxDepth} levels`);
  try {
    // The slow way only where the name may be spelled, plainly or by escapes.
    const odd = text.includes('__proto__') || text.includes('\\u00');
    return odd ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (error) {
    if (error instanceof BadBody) throw error;
    // The parser's message quotes the text.
    throw new BadBody('the body is not JSON');
  }
}
