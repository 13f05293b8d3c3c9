/** Binary in its own form: its bytes in and out as they are, past nothing that any other resource passes [FHIR R4 binary.html#rest]. */
import { Refusal } from '@afar/fhir';
import type { Binary } from '@afar/fhir';
import { bodyLimits } from '@afar/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Stored } from '../types.ts';
import { sendVersion } from './answers.ts';
import { parseFhirJson } from './body.ts';
import { keptOf, mayWantContent, preferredForm, sentAs } from './content-type.ts';
import { endpointsOf, paramsOf } from './endpoint.ts';
import type { Check, Handler } from './endpoint.ts';
import { headerOf, speaksJson } from './negotiate.ts';

const fhirTypes = ['application/fhir+json', 'application/json'];

/** Bytes of content; and of the same as a resource, in base64, a third longer. */
const limits = { content: bodyLimits.resource, json: 1.5 * bodyLimits.resource };

/** A relative literal reference: what guards content is in this house. */
const reference = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/;

/** @throws Refusal `not-acceptable` as `speaksJson`; of a Binary not before its type is known */
export const speaksJsonOrContent: Check = (req) => {
  if (paramsOf(req).type !== 'Binary' || !mayWantContent(req)) speaksJson(req);
};

/**
 * What keeps content from running as a page of this house: never shown but saved, in an origin of its own, without
 * scripts, styles or connections, its type not guessed.
 */
const harmless = {
  'content-disposition': 'attachment',
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  vary: 'accept',
} as const;

/**
 * Sends a Binary as the content it holds when that is what the request prefers.
 * @returns false when it is to be sent as any other resource
 * @throws Refusal `not-acceptable` when neither is accepted
 */
export function sendContent(req: FastifyRequest, reply: FastifyReply, stored: Stored): boolean {
  if (stored.type !== 'Binary' || !mayWantContent(req)) return false;
  const { contentType, data = '' } = stored.resource as Binary;
  const type = sentAs(contentType);
  const form = preferredForm(req.headers.accept!, type);
  if (form === undefined)
    throw new Refusal('not-acceptable', {
      diagnostics: 'application/fhir+json of FHIR 4.0, or the type of the content',
    });
  if (form === 'json') return false;
  reply.headers(harmless);
  sendVersion(req, reply, stored, { bytes: Buffer.from(data, 'base64'), type });
  return true;
}

/** @throws Refusal `unsupported-media`, `invalid` */
function binaryOf(req: FastifyRequest, bytes: Buffer): Binary {
  const encoding = headerOf(req, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity')
    throw new Refusal('unsupported-media', { diagnostics: 'content is sent as it is, not coded' });
  const contentType = keptOf(headerOf(req, 'content-type'));
  if (contentType === undefined)
    throw new Refusal('unsupported-media', {
      diagnostics: `expected: ${fhirTypes.join(', ')}, or content that has a type and is not XML`,
    });
  const context = headerOf(req, 'x-security-context');
  if (context !== undefined && !reference.test(context))
    throw new Refusal('invalid', { diagnostics: 'X-Security-Context: expected [type]/[id]' });
  const { id } = paramsOf(req);
  return {
    resourceType: 'Binary',
    ...(id && { id }),
    contentType,
    ...(context && { securityContext: { reference: context } }),
    ...(bytes.length > 0 && { data: bytes.toString('base64') }),
  };
}

/** The address has no type in it to be named by. */
const isBinary: Check = (req) => {
  req.params = { ...paramsOf(req), type: 'Binary' };
};

/** @throws Refusal `invalid`: a resource says itself what guards it, and a header that is not heeded would seem to */
const saidOnce: Check = (req) => {
  const type = (headerOf(req, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (headerOf(req, 'x-security-context') !== undefined && fhirTypes.includes(type))
    throw new Refusal('invalid', {
      diagnostics: 'X-Security-Context: a resource has securityContext',
      expression: ['Binary.securityContext'],
    });
};

/**
 * Create and update of a Binary, by the same handlers as of any other type. In a scope of their own, for bodies of any
 * type are read here and nowhere else.
 */
export function binaryRoutes(
  app: FastifyInstance,
  on: { create: Handler; update: Handler },
  checksOf: (action: 'create' | 'update') => Check[],
): void {
  void app.register((scope, _opts, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      fhirTypes,
      { parseAs: 'string', bodyLimit: limits.json },
      (_req, text, parsed) => {
        try {
          parsed(null, parseFhirJson(text as string));
        } catch (error) {
          parsed(error as Error);
        }
      },
    );
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: limits.content },
      (req, bytes, parsed) => {
        try {
          parsed(null, binaryOf(req, bytes as Buffer));
        } catch (error) {
          parsed(error as Error);
        }
      },
    );
    const endpoint = endpointsOf(scope);
    endpoint('POST', '/Binary', [isBinary, saidOnce, ...checksOf('create')], on.create);
    endpoint('PUT', '/Binary/:id', [isBinary, saidOnce, ...checksOf('update')], on.update);
    done();
  });
}
