/** What goes with a token: the launch context, and the scopes as they were granted rather than as they were asked for. */
import type { KoaContext } from 'oidc-provider';
import { formatScope, grantScopes, parseScope, parseScopes } from '../scopes.ts';
import type { AppGrant, AppGrants } from './app-grants.ts';
import type { Clients } from './clients.ts';
import { isPlainScope } from './details.ts';

interface Deps {
  appGrants: AppGrants;
  clients: Clients;
}

/** The words of what she granted that this token, and the client still, hold. Plain scopes go with the grant. */
export function toldScope(granted: string, token: string, allowed: string): string {
  const [held, outer] = [parseScopes(token), parseScopes(allowed)];
  return granted
    .split(' ')
    .filter((word) => {
      const scope = parseScope(word);
      if (!scope) return isPlainScope(word);
      const [got] = grantScopes(grantScopes([scope], held), outer);
      return got !== undefined && formatScope(got) === formatScope(scope);
    })
    .join(' ');
}

/** [SMART App Launch 2.2, launch context parameters] */
function contextOf({ context, scope }: AppGrant): Record<string, unknown> {
  const launched = context.encounter !== undefined && /(^| )launch( |\/encounter|$)/.test(scope);
  return {
    ...(context.patient !== undefined && {
      patient: context.patient,
      need_patient_banner: context.banner !== true,
    }),
    ...(launched && { encounter: context.encounter }),
  };
}

/** Completes the answer of the token and introspection endpoints. @returns the grant's uuid, for the trail */
export async function tellContext(
  ctx: KoaContext,
  { appGrants, clients }: Deps,
  tenant: number,
): Promise<string | undefined> {
  const { oidc } = ctx;
  const told = oidc?.route === 'token' || oidc?.route === 'introspection';
  const body = ctx.body as Record<string, unknown> | undefined;
  const token = oidc?.entities.AccessToken ?? oidc?.entities.RefreshToken;
  if (!told || ctx.status !== 200 || !body || !token?.grantId || body['active'] === false)
    return undefined;
  const grant = await appGrants.live(tenant, token.grantId);
  const client = await clients.find(tenant, token.clientId);
  if (!grant || !client) {
    if (oidc.route === 'introspection') ctx.body = { active: false };
    return undefined;
  }
  const scope = toldScope(grant.scope, token.scope ?? '', client.scope);
  ctx.body = { ...body, scope, ...contextOf(grant) };
  return grant.id;
}
