/** The cookies: the session, the browser a person has signed in from before, and the browser a passkey was asked of. */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Cookies {
  session(req: FastifyRequest): string | undefined;
  device(req: FastifyRequest): string | undefined;
  /** The browser that was given a challenge. */
  ceremony(req: FastifyRequest): string | undefined;
  /** A session cookie of the browser's own lifetime: the server decides when it ends. */
  setSession(reply: FastifyReply, value: string): void;
  setDevice(reply: FastifyReply, value: string): void;
  setCeremony(reply: FastifyReply, value: string): void;
  clearSession(reply: FastifyReply): void;
}

// A little over a year: a known browser that stays away longer is a stranger again.
const deviceSeconds = 400 * 86_400;

// Somewhat longer than a challenge is good for.
const ceremonySeconds = 900;

function read(req: FastifyRequest, name: string): string | undefined {
  for (const part of req.headers.cookie?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) {
      const value = part.slice(at + 1).trim();
      // Only what `newSecret` makes: nothing else is looked up.
      return /^[\w-]{43}$/.test(value) ? value : undefined;
    }
  }
  return undefined;
}

/** @param secure under TLS: `__Host-` binds the cookie to this host, path and TLS [RFC 6265bis 4.1.3.2] */
export function cookies(secure: boolean): Cookies {
  const prefix = secure ? '__Host-' : '';
  const names = {
    session: `${prefix}afar_session`,
    device: `${prefix}afar_device`,
    ceremony: `${prefix}afar_ceremony`,
  };
  const flags = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  const set = (reply: FastifyReply, text: string): void => {
    reply.header('set-cookie', text);
  };
  return {
    session: (req) => read(req, names.session),
    device: (req) => read(req, names.device),
    ceremony: (req) => read(req, names.ceremony),
    setSession: (reply, value) => set(reply, `${names.session}=${value}; ${flags}`),
    setDevice: (reply, value) =>
      set(reply, `${names.device}=${value}; ${flags}; Max-Age=${deviceSeconds}`),
    setCeremony: (reply, value) =>
      set(reply, `${names.ceremony}=${value}; ${flags}; Max-Age=${ceremonySeconds}`),
    clearSession: (reply) => set(reply, `${names.session}=; ${flags}; Max-Age=0`),
  };
}
