/** What takes two administrators of another place to sign in: who runs it, or names whose sign-in there is whose here, opens charts. */
import type { Approvals } from '../approvals/approvals.ts';
import { asWritten, type ApprovalKind } from '../approvals/kind.ts';
import type { OneTime } from '../oauth/one-time.ts';
import type { ExternalProviders, ProviderDetails } from './providers.ts';
import { callbackOf, type Invitation } from './routes.ts';

export interface EnableProvider {
  id: string;
  status?: 'active';
  details: ProviderDetails;
}

export interface InviteExternal extends Invitation {
  /** The person's, and the provider's. */
  name: string;
  place: string;
}

export function registerExternalKinds(deps: {
  approvals: Approvals;
  providers: ExternalProviders;
  invitations: OneTime<Invitation>;
  baseUrlOf(tenant: number): string;
}): void {
  const { approvals, providers, invitations, baseUrlOf } = deps;

  const enable: ApprovalKind<EnableProvider> = {
    read: asWritten,
    about: ({ details: { name, issuer, roles, linkByEmail, secondFactor } }) => ({
      name,
      issuer,
      roles: roles.join(', '),
      factors: [...secondFactor.acr, ...secondFactor.amr].join(', '),
      ...(linkByEmail && { byEmail: '✓' }),
    }),
    async run({ tenant, body: { id, status, details } }, on) {
      await providers.change(tenant, id, { ...details, ...(status && { status }) }, on);
      return { rid: id };
    },
  };

  const invite: ApprovalKind<InviteExternal> = {
    read: asWritten,
    about: ({ name, place }) => ({ name, place }),
    beneficiary: ({ account }) => account,
    // Whether it still is for this account is asked when it is used.
    async run({ tenant, body: { provider, account, name } }, on) {
      const token = await invitations.put(tenant, { provider, account }, on);
      const path = callbackOf(baseUrlOf(tenant), provider).replace(/callback$/, 'start');
      return {
        rid: account,
        result: { name, url: `${path}?invitation=${token}` },
      };
    },
  };

  approvals.register('identity-provider', enable);
  approvals.register('invite-external', invite);
}
