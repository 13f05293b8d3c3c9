/** What takes two administrators of an API client: everything that gives a program the reach of the whole clinic. */
import type { Approvals } from '../approvals/approvals.ts';
import { asWritten, type About, type ApprovalKind } from '../approvals/kind.ts';
import type { Client, ClientPatch, Clients } from './clients.ts';
import type { Origins } from './cors.ts';
import type { ClientDetails } from './details.ts';

/** The client as it will be: what was approved is what is done, whatever became of the row meanwhile. */
export interface EnableClient {
  id: string;
  status?: 'active';
  scope: string;
  details: ClientDetails;
}

export interface RenewClient {
  id: string;
  name: string;
  /** SHA-256, hex: the secret was shown to the asker, and opens nothing before. */
  hash: string;
}

/** Programs with `system/` scopes; an app that people use is worth what each of them lets it have. */
export const takesTwo = ({ details }: Client): boolean => details.kind === 'backend';

/** What the one who decides must see: whose keys it will be that open the charts. */
function aboutKeys({ auth, jwks, jwksUri }: ClientDetails): About {
  if (auth !== 'private_key_jwt') return {};
  return { keys: jwksUri ?? (jwks?.keys ?? []).map(({ kid }) => kid).join(', ') };
}

/** A detail that was taken away stays away, though what is kept of the question has no word for it. */
const noDetails: Partial<ClientDetails> = {
  publisher: undefined,
  uri: undefined,
  launchUri: undefined,
  jwks: undefined,
  jwksUri: undefined,
};

export const enabling = (planned: Client, { status }: ClientPatch): EnableClient => ({
  id: planned.id,
  ...(status === 'active' && { status }),
  scope: planned.scope,
  details: planned.details,
});

export function registerClientKinds(deps: {
  approvals: Approvals;
  clients: Clients;
  origins: Origins;
}): void {
  const { approvals, clients, origins } = deps;

  const enable: ApprovalKind<EnableClient> = {
    read: asWritten,
    about: ({ scope, details }) => ({ name: details.name, scope, ...aboutKeys(details) }),
    async run({ tenant, body: { id, status, scope, details } }, on) {
      const patch = { ...(status && { status }), scope, details: { ...noDetails, ...details } };
      await clients.change(tenant, id, patch, on);
      return { rid: id, after: () => Promise.resolve(origins.forget()) };
    },
  };

  const renew: ApprovalKind<RenewClient> = {
    read: asWritten,
    about: ({ name }) => ({ name }),
    async run({ tenant, body: { id, hash } }, on) {
      await clients.setSecret(tenant, id, Buffer.from(hash, 'hex'), on);
      return { rid: id };
    },
  };

  approvals.register('enable-client', enable);
  approvals.register('renew-client', renew);
}
