/** /oauth/userinfo: who the person behind a token is, as far as she let the app know [OpenID Connect Core 5.3]. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Bearer } from './bearer.ts';
import { fhirBase } from './provider.ts';

interface Deps {
  bearer(token: string): Promise<Bearer | undefined>;
  tenantOf(host: string): number;
  baseUrlOf(tenant: number): string;
}

export function userinfoRoutes(http: FastifyInstance, { bearer, tenantOf, baseUrlOf }: Deps): void {
  async function info(req: FastifyRequest): Promise<object> {
    req.evidence.action = 'userinfo';
    const token = /^Bearer +([^\s]+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const found = token && (await bearer(token));
    if (!found || found.tenant !== tenantOf(req.host) || !found.person)
      throw new Refusal('unauthenticated');
    const { account, granted } = found.person;
    Object.assign(req.evidence, { who: account.id, role: account.role, rid: found.client });
    const scopes = new Set(granted.split(' '));
    // [OpenID Connect Core 5.3.3] A token without `openid` is no token for this.
    if (!scopes.has('openid')) throw new Refusal('forbidden');
    const { fhirUser, personal } = account;
    const named = scopes.has('fhirUser') || scopes.has('profile');
    return {
      sub: account.id,
      ...(scopes.has('profile') && { name: personal.name, locale: personal.locale }),
      ...(scopes.has('email') && {
        email: personal.email,
        email_verified: personal.verified?.email !== undefined,
      }),
      ...(named &&
        fhirUser && {
          fhirUser: `${fhirBase(baseUrlOf(found.tenant))}/${fhirUser.type}/${fhirUser.id}`,
        }),
    };
  }

  http.route({
    method: ['GET', 'POST'],
    url: '/oauth/userinfo',
    handler: async (req, reply) => reply.header('cache-control', 'no-store').send(await info(req)),
  });
}
