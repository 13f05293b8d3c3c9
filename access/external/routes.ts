/** /auth/external: signing in by another provider. It finds an account that is there; it makes none, and never opens an administrator's. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { hasSecondFactor, type Account } from '../accounts/vault.ts';
import type { ExternalSignIns } from '../contract.ts';
import { isUuid } from '../ids.ts';
import type { Notices } from '../notices/notices.ts';
import type { Opening } from '../sessions/opening.ts';
import { secondFactors } from '../sessions/proofs.ts';
import type { OneTime } from '../oauth/one-time.ts';
import type { ExternalProvider, ExternalProviders } from './providers.ts';
import type { Journey, RelyingParty, Told } from './relying-party.ts';

/** Where somebody who was invited, or came by herself, goes on afterwards. */
export interface Travel extends Journey {
  next: string;
  /** The account she was invited to connect. */
  invited?: string;
}

export interface Invitation {
  provider: string;
  account: string;
}

export interface ExternalRoutesDeps {
  providers: ExternalProviders;
  party: RelyingParty;
  travels: OneTime<Travel>;
  invitations: OneTime<Invitation>;
  accounts: Accounts;
  notices: Notices;
  opening: Opening;
  secureCookies: boolean;
  tenantOf(host: string): number;
  baseUrlOf(tenant: number): string;
}

/** Each provider has an address of its own: an answer of one is never taken for another's [RFC 9700 4.4]. */
export const callbackOf = (baseUrl: string, id: string): string =>
  `${baseUrl}/auth/external/${id}/callback`;

const cookieName = 'afar_external';
const cookieSeconds = 600;

interface At {
  Params: { id: string };
  Querystring: { next?: string; invitation?: string };
}

const startSchema = {
  querystring: {
    type: 'object',
    properties: {
      next: { type: 'string', maxLength: 200, pattern: '^/[a-z][A-Za-z0-9/_-]*$' },
      invitation: { type: 'string', maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' },
    },
  },
};

function secretIn(req: FastifyRequest): string | undefined {
  const found = (req.headers.cookie ?? '')
    .split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${cookieName}=`));
  const value = found?.slice(cookieName.length + 1);
  return value && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** Never an administrator's, whatever a provider says: who runs that runs nobody's office. */
const isOpenTo = ({ roles }: ExternalProvider, { role, status }: Account): boolean =>
  status === 'active' && role !== 'administrator' && roles.includes(role);

export function externalRoutes(http: FastifyInstance, deps: ExternalRoutesDeps): void {
  const { providers, party, travels, invitations, accounts, notices, opening } = deps;
  const { tenantOf, baseUrlOf } = deps;

  async function providerOf(req: FastifyRequest<At>): Promise<ExternalProvider> {
    const { id } = req.params;
    const found = isUuid(id) ? await providers.active(tenantOf(req.host), id) : undefined;
    if (!found) throw new Refusal('not-found');
    return found;
  }

  const cookie = (reply: FastifyReply, value: string, seconds: number): void => {
    // Lax: the way back comes from another site. It opens nothing by itself, it names the journey that began here.
    void reply.header(
      'set-cookie',
      `${cookieName}=${value}; Path=/auth/external; HttpOnly; SameSite=Lax; Max-Age=${seconds}${deps.secureCookies ? '; Secure' : ''}`,
    );
  };

  /** Whose account it is: linked before, invited to link, or found by a verified address. */
  async function accountOf(
    provider: ExternalProvider,
    told: Told,
    invited: string | undefined,
  ): Promise<{ account: Account; isNew: boolean } | undefined> {
    const { tenant } = provider;
    const link = await providers.linked(provider, told.subject);
    if (link) {
      const account = await accounts.get(tenant, link.account);
      return account && isOpenTo(provider, account) ? { account, isNew: false } : undefined;
    }
    const account = invited
      ? await accounts.get(tenant, invited)
      : provider.linkByEmail && told.email
        ? await accounts.byEmail(tenant, told.email)
        : undefined;
    return account && isOpenTo(provider, account) ? { account, isNew: true } : undefined;
  }

  /** From now on this subject is hers, and she hears of it. */
  async function connect(provider: ExternalProvider, told: Told, { id }: Account): Promise<void> {
    const { tenant } = provider;
    await providers.link(provider, told.subject, id);
    const about = { what: 'external-linked' };
    await notices.tell({ tenant, to: { account: id }, kind: 'second-factor-changed', about });
  }

  http.get<{ Reply: ExternalSignIns }>('/auth/external', async (req) => {
    req.evidence.action = 'external-providers';
    const all = await providers.list(tenantOf(req.host));
    return {
      providers: all.filter((one) => one.status === 'active').map(({ id, name }) => ({ id, name })),
    };
  });

  http.get<At>('/auth/external/:id/start', { schema: startSchema }, async (req, reply) => {
    req.evidence.action = 'external-start';
    const provider = await providerOf(req);
    const { tenant, id } = provider;
    const { next = '/', invitation } = req.query;
    const invited = invitation ? await invitations.take(tenant, invitation) : undefined;
    if (invitation && invited?.provider !== id) throw new Refusal('not-found');
    const { url, journey } = await party.depart(provider, callbackOf(baseUrlOf(tenant), id));
    const secret = await travels.put(tenant, {
      ...journey,
      next,
      ...(invited && { invited: invited.account }),
    });
    cookie(reply, secret, cookieSeconds);
    return reply.header('cache-control', 'no-store').redirect(url, 303);
  });

  http.get<At>('/auth/external/:id/callback', async (req, reply) => {
    Object.assign(req.evidence, { action: 'external-sign-in', verb: 'E' });
    const provider = await providerOf(req);
    const { tenant, id } = provider;
    const secret = secretIn(req);
    const travel = secret && (await travels.take(tenant, secret));
    cookie(reply, '', 0);
    // An answer to a journey that began with another provider, in another browser, or not at all.
    if (!travel || travel.provider !== id) return failed(reply, 'unknown');
    const here = new URL(req.url, baseUrlOf(tenant));
    let told: Told;
    try {
      told = await party.arrive(provider, travel, here);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'bad-credentials') throw error;
      return failed(reply, 'refused');
    }
    const found = await accountOf(provider, told, travel.invited);
    if (!found) return failed(reply, 'no-account');
    const { account, isNew } = found;
    req.evidence.who = account.id;
    const { acr, amr } = provider.secondFactor;
    const shown =
      (told.acr !== undefined && acr.includes(told.acr)) ||
      told.amr.some((one) => amr.includes(one));
    // What the provider did not ask for is asked here, as after a password.
    const pending = !shown && hasSecondFactor(account);
    // Found by her address alone, she has still to show who she is here: nothing stays of it until a provider can say so.
    if (isNew && (!pending || travel.invited)) await connect(provider, told, account);
    await opening.open(req, reply, account, pending ? 'password' : 'full', shown);
    const ask = new URLSearchParams({
      factors: secondFactors(account).join(','),
      next: travel.next,
    });
    const on = pending ? `/sign-in?${ask.toString()}` : travel.next;
    return reply.header('cache-control', 'no-store').redirect(on, 303);
  });

  /** Said on the page where one signs in, in its own words; refused, as the trail tells it. */
  function failed(reply: FastifyReply, why: 'unknown' | 'refused' | 'no-account'): FastifyReply {
    return reply.header('cache-control', 'no-store').redirect(`/sign-in?external=${why}`, 303);
  }
}
