/** The little of `oidc-provider` that is used here; the package ships no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Client {
    readonly clientId: string;
    readonly clientSecret?: string;
    grantTypeAllowed(type: string): boolean;
  }

  export interface ProviderToken {
    readonly kind: string;
    readonly clientId: string;
    readonly accountId?: string;
    readonly grantId?: string;
    readonly scope?: string;
    readonly scopes: Set<string>;
  }

  export interface InteractionResult {
    login?: { accountId: string; acr?: string; amr?: string[]; ts?: number; remember?: boolean };
    consent?: { grantId: string };
    error?: string;
    error_description?: string;
  }

  export interface Interaction {
    readonly uid: string;
    readonly returnTo: string;
    readonly exp: number;
    readonly params: Record<string, string | undefined>;
    result?: InteractionResult;
    persist(): Promise<string>;
  }

  export interface Grant {
    readonly jti: string;
    readonly accountId: string;
    readonly clientId: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(ttl?: number): Promise<string>;
  }

  export interface KoaContext {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    status: number;
    body: unknown;
    type: string;
    set(name: string, value: string): void;
    readonly cookies: {
      set(name: string, value: string | null, options: Record<string, unknown>): void;
    };
    readonly oidc?: {
      readonly route: string;
      readonly client?: Client;
      readonly params?: Record<string, string | undefined>;
      readonly result?: InteractionResult;
      readonly entities: {
        AuthorizationCode?: ProviderToken;
        RefreshToken?: ProviderToken;
        AccessToken?: ProviderToken;
      };
    };
  }

  export interface Payload {
    iat?: number;
    exp?: number;
    clientId?: string;
    scope?: string;
    grantId?: string;
    [name: string]: unknown;
  }

  export interface Adapter {
    upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Payload | undefined>;
    findByUid(uid: string): Promise<Payload | undefined>;
    findByUserCode(code: string): Promise<Payload | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    proxy: boolean;
    readonly Client: { readonly prototype: object };
    readonly Interaction: { find(uid: string): Promise<Interaction | undefined> };
    readonly Grant: {
      new (of: { accountId: string; clientId: string }): Grant;
      find(id: string): Promise<Grant | undefined>;
    };
    use(middleware: (ctx: KoaContext, next: () => Promise<void>) => Promise<void>): this;
    on(event: string, listener: (...args: unknown[]) => void): this;
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  }

  type Refused = new (description?: string, detail?: string) => Error;
  export const errors: {
    InvalidScope: new (description: string, scope?: string) => Error;
    InvalidTarget: Refused;
    InvalidRequest: Refused;
    InvalidGrant: Refused;
    InvalidClientAuth: Refused;
  };

  class Check {
    constructor(
      reason: string,
      description: string,
      check: (ctx: KoaContext) => boolean | Promise<boolean>,
    );
  }
  class Prompt {
    constructor(info: { name: string; requestable?: boolean }, ...checks: Check[]);
  }
  export const interactionPolicy: { Prompt: typeof Prompt; Check: typeof Check };
}
