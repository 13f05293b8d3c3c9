/** Bodies of the FHIR interface: JSON whose decimals keep their precision and whose faults have a path. */
import type { FastifyInstance } from 'fastify';
import { parseExact, Refusal } from '@afar/fhir';
import { BadBody, parseJson } from '@afar/platform';

const jsonTypes = ['application/json', 'application/fhir+json', 'application/json-patch+json'];

/**
 * JSON as FHIR means it [FHIR R4 json.html, datatypes.html#decimal].
 * @throws Refusal `unreadable-body`, with the place where one has the fault; nothing that was sent is repeated
 */
export function parseFhirJson(text: string): unknown {
  try {
    return parseJson(text, parseExact);
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    throw new Refusal('unreadable-body', {
      diagnostics: error.message,
      ...(error.path && { expression: [error.path] }),
      cause: error,
    });
  }
}

/** Takes the place of the server's own parsers, inside this plugin. */
export function readBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(jsonTypes);
  app.addContentTypeParser(jsonTypes, { parseAs: 'string' }, (req, text, done) => {
    // An operation may have no inputs, and clients that name a type all the same [FHIR R4 operations.html#executing].
    if (text === '' && req.url.includes('/$')) return done(null, undefined);
    try {
      done(null, parseFhirJson(text as string));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_req, text, done) => done(null, [...new URLSearchParams(text as string)]),
  );
}
