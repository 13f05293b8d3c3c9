/** /.well-known/security.txt [RFC 9116]: whom to tell of a hole. */
import type { FastifyInstance } from 'fastify';

const dayMs = 86_400_000;
/** [RFC 9116 2.5.5] less than a year ahead; made anew with each answer, so that a server that runs is never out of date. */
const aheadDays = 180;

/** @param contact `mailto:` or `https:` of whoever runs this installation; without one the page is not there */
export function addSecurityTxt(
  http: FastifyInstance,
  clock: { now(): number },
  contact: string | undefined,
): void {
  if (contact === undefined) return;
  http.get('/.well-known/security.txt', (_request, reply) => {
    const expires = new Date(Math.floor(clock.now() / dayMs) * dayMs + aheadDays * dayMs);
    return reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'max-age=86400')
      .send(
        [
          `Contact: ${contact}`,
          `Expires: ${expires.toISOString()}`,
          'Preferred-Languages: en, es',
          '',
        ].join('\n'),
      );
  });
}
