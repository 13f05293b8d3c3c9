/** What the web app and the routes about apps say to each other over HTTP: types only, no code. */
import type { AskedUser } from '../contract-office.ts';

/** `GET /api/authorize/:uid`: what an app asks of the person who is signed in. 404 when nothing is asked of this browser. */
export interface AskedAccess {
  app: {
    name: string;
    publisher?: string;
    uri?: string;
    /** Where the answer goes. */
    host: string;
    /** It registered itself; somebody of the clinic has let it in since. */
    registered: boolean;
  };
  /** Every scope it asks for and may have, as written. */
  scopes: string[];
  /** Id of the record it was opened from; absent: she chooses, if `choosesPatient`. */
  patient?: string;
  choosesPatient: boolean;
  /** It goes on while she is away. */
  offline: boolean;
  /** False where another program could answer in the app's place: her yes is for this once. */
  mayRemember: boolean;
  /** She said yes to the same before, and to be remembered. */
  remembered?: { scopes: string[]; patient?: string };
}

/** `POST /api/authorize/:uid`: 200 AccessAnswer. Scopes may be narrower than what was asked, never wider. */
export interface AllowAccess {
  scopes: string[];
  /** Id of the record. */
  patient?: string;
  /** 0 to 365. */
  rememberDays?: number;
}
/** Also of `POST /api/authorize/:uid/refuse`. */
export interface AccessAnswer {
  /** Where the browser goes now: an address of this server. */
  redirect: string;
}

/** `GET /api/account/apps`: apps that may use the account of the person signed in. `DELETE /api/account/apps/:client` ends it: 204. */
export interface ConnectedApp {
  client: string;
  name: string;
  publisher?: string;
  grants: {
    scopes: string[];
    /** Id of the record. */
    patient?: string;
    since: number;
    lastUsed?: number;
    /** Goes on while she is away. */
    offline: boolean;
    expires: number;
  }[];
}
export interface ConnectedApps {
  apps: ConnectedApp[];
}

/** `GET /api/launches`: apps that are opened from a chart. */
export interface LaunchableApps {
  apps: { client: string; name: string; publisher?: string }[];
}
/** `POST /api/launches`: 200 LaunchAnswer | 404 no such patient or encounter for her. */
export interface LaunchRequest {
  client: string;
  patient: string;
  encounter?: string;
}
export interface LaunchAnswer {
  /** Opened in a window of its own. */
  url: string;
}

/** `GET /api/office/clients`: administrators only. */
export interface OfficeClient {
  id: string;
  clientId: string;
  name: string;
  kind: 'backend' | 'confidential' | 'public';
  auth: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  status: 'active' | 'disabled' | 'pending';
  scope: string;
  redirectUris: string[];
  publisher?: string;
  uri?: string;
  launchUri?: string;
  jwksUri?: string;
  jwks?: { keys: Record<string, unknown>[] };
  registered: boolean;
}
export interface OfficeClients {
  clients: OfficeClient[];
  /** Whether clients may register themselves. */
  registration: boolean;
}
/** `POST /api/office/clients`: 201 NewClientSecret. */
export interface CreateClientRequest {
  name: string;
  kind: OfficeClient['kind'];
  auth: OfficeClient['auth'];
  scope: string;
  redirectUris?: string[];
  publisher?: string;
  uri?: string;
  launchUri?: string;
  jwksUri?: string;
  jwks?: { keys: Record<string, unknown>[] };
}
/** What waits for a second administrator: until then nothing of it counts. */
export type AskedSecond = Pick<AskedUser, 'approval' | 'deciders'>;
/**
 * Shown once. `POST /api/office/clients/:id/secret` too. With `asked` (202) it is a program's, which reaches the whole clinic:
 * the client, or its new secret, opens nothing before another administrator approves.
 */
export interface NewClientSecret {
  client: OfficeClient;
  secret?: string;
  asked?: AskedSecond;
}
/** As it is now; with `asked` (202) what was wanted waits for another administrator. */
export type ChangedClient = OfficeClient & { asked?: AskedSecond };
/** `PATCH /api/office/clients/:id`: 200 or 202 ChangedClient. An empty text takes a field away. */
export interface UpdateClientRequest {
  status?: 'active' | 'disabled';
  scope?: string;
  name?: string;
  redirectUris?: string[];
  publisher?: string;
  uri?: string;
  launchUri?: string;
  jwksUri?: string;
  jwks?: { keys: Record<string, unknown>[] };
}
/** `POST /api/office/clients/registration-token`: 201, shown once; good for one registration, for a day. */
export interface RegistrationToken {
  token: string;
}

/** `GET /auth/external`: other places where staff of this clinic may sign in. */
export interface ExternalSignIns {
  providers: { id: string; name: string }[];
}

/** `GET /api/office/identity-providers`: administrators only. The secret never comes back. */
export interface IdentityProvider {
  id: string;
  name: string;
  status: 'active' | 'disabled';
  issuer: string;
  clientId: string;
  roles: string[];
  /** What of `acr` or `amr` counts as a second factor. */
  secondFactor: { acr: string[]; amr: string[] };
  /** An account is found by a verified e-mail address the first time. */
  linkByEmail: boolean;
  /** The address to register there. */
  redirectUri: string;
}
export interface IdentityProviders {
  providers: IdentityProvider[];
}
/** As it is now; with `asked` what was wanted waits for another administrator. */
export type ChangedIdentityProvider = IdentityProvider & { asked?: AskedSecond };
/**
 * `POST /api/office/identity-providers`: 202 ChangedIdentityProvider, switched off. `PATCH …/:id` takes any of it, and `status`:
 * 200 for switching off, 202 for all else. `POST …/:id/invitations`: 202 AskedSecond; the link is told to who approves.
 */
export interface IdentityProviderRequest {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  roles: string[];
  secondFactor: { acr: string[]; amr: string[] };
  linkByEmail: boolean;
}
