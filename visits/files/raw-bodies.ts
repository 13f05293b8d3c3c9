/** Bodies that are bytes: a scope of its own, so that no other endpoint takes them. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { endpoints, type Endpoints } from '../endpoint.ts';
import type { House } from '../house.ts';
import { guestAt } from '../invites/guest-session.ts';

/** Adds endpoints whose bodies are read as bytes, at most so many. Whatever type is declared, it is looked at later. */
export async function rawBodies(
  app: FastifyInstance,
  house: House,
  most: number,
  add: (on: Endpoints, scope: FastifyInstance) => void,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: most }, (_req, body, done) => {
      done(null, body);
    });
    // Before a byte of the body is read: nobody fills our memory without having been let in somewhere.
    scope.addHook('onRequest', async (req) => {
      if (!req.caller && !(await guestAt(house, req))) throw new Refusal('unauthenticated');
    });
    add(endpoints(scope, house, most), scope);
  });
}

/** @throws Refusal 'invalid' when nothing was sent */
export function bytesOf(body: unknown): Buffer {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new Refusal('invalid');
  return body;
}

/** Bytes of a patient's that a browser saves or shows in a page, and never runs. */
export function sendBytes(
  reply: FastifyReply,
  bytes: Buffer,
  type: string,
  disposition: 'attachment' | 'inline' = 'attachment',
): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('content-disposition', disposition)
    .type(type)
    .send(bytes);
}
