/** The guest's cookie: beside the session's, never instead of it. */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface GuestCookie {
  read(req: FastifyRequest): string | undefined;
  set(reply: FastifyReply, value: string, seconds: number): void;
  clear(reply: FastifyReply): void;
}

/** Said by the guest's page: a person who is signed in, too, is here for the link and not as herself. */
export const guestHeader = 'x-afar-guest';

/** @param secure under TLS: `__Host-` binds the cookie to this host, path and TLS [RFC 6265bis 4.1.3.2] */
export function guestCookie(secure: boolean): GuestCookie {
  const name = `${secure ? '__Host-' : ''}afar_guest`;
  // Only what `newSecret` makes: nothing else is looked up.
  const found = new RegExp(`(?:^|; ?)${name}=([\\w-]{43})(?:;|$)`);
  const flags = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return {
    read: (req) => found.exec(req.headers.cookie ?? '')?.[1],
    set(reply, value, seconds) {
      reply.header('set-cookie', `${name}=${value}; ${flags}; Max-Age=${seconds}`);
    },
    clear(reply) {
      reply.header('set-cookie', `${name}=; ${flags}; Max-Age=0`);
    },
  };
}
