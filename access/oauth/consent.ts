/** A person answers an app: what was asked, what of it she lets it have, and for which record. */
import { Refusal } from '@afar/fhir';
import type { Grant, Interaction, Provider } from 'oidc-provider';
import type { Caller } from '../caller.ts';
import { formatScope, grantScopes, parseScope, parseScopes } from '../scopes.ts';
import type { AppGrants } from './app-grants.ts';
import type { Client, Clients } from './clients.ts';
import type { AllowAccess, AskedAccess } from './contract.ts';
import { isPlainScope } from './details.ts';
import type { Launch, Launches } from './launches.ts';
import { fhirBase, interactionSeconds, offlineDays, strengthOf } from './provider.ts';
import type { Providers } from './mount.ts';

/** Asks the record store, as the person: whose chart something of this id is in (rid), or undefined when she may not see it. */
export type OwnerOf = (
  caller: Caller,
  type: 'Patient' | 'Encounter',
  id: string,
) => Promise<string | undefined>;

export interface ConsentDeps {
  clients: Clients;
  appGrants: AppGrants;
  launches: Launches;
  providers: Providers;
  ownerOf: OwnerOf;
  clock: { now(): number };
  baseUrlOf(tenant: number): string;
}

export interface Question {
  provider: Provider;
  interaction: Interaction;
  client: Client;
  launch?: Launch;
  asked: AskedAccess;
}

export interface Consent {
  /** @throws Refusal `not-found` when nothing is asked, `business-rule` when a launch cannot be used (any more) */
  question(caller: Caller, uid: string): Promise<Question>;
  /** Where the browser goes on. @throws Refusal `invalid`, `not-found` for a record that is not hers to share */
  allow(
    caller: Caller,
    question: Question,
    answer: AllowAccess,
  ): Promise<{ redirect: string; rid?: string }>;
  refuse(question: Question): Promise<string>;
}

const day = 86_400_000;
const sessionMs = day;

const words = (text: string | undefined): string[] => [
  ...new Set((text ?? '').split(' ').filter(Boolean)),
];

/** What of the request this client may have at all, in its own words. */
function offered(asked: string | undefined, client: Client): string[] {
  const outer = parseScopes(client.scope);
  const plain = new Set(client.scope.split(' '));
  return words(asked).filter((word) => {
    const scope = parseScope(word);
    if (!scope) return isPlainScope(word) && plain.has(word);
    const [got] = grantScopes([scope], outer);
    return (
      scope.context !== 'system' && got !== undefined && formatScope(got) === formatScope(scope)
    );
  });
}

/** Nothing wider than what was asked. */
function isWithin(word: string, asked: readonly string[]): boolean {
  const scope = parseScope(word);
  if (!scope) return asked.includes(word);
  const [got] = grantScopes([scope], parseScopes(asked.join(' ')));
  return got !== undefined && formatScope(got) === formatScope(scope);
}

const ofRecord = (word: string): boolean =>
  word.startsWith('patient/') || word === 'launch/patient';

export function createConsent(deps: ConsentDeps): Consent {
  const { clients, appGrants, launches, providers, ownerOf, clock, baseUrlOf } = deps;

  async function launchOf(
    { tenant, id: account }: Caller,
    client: Client,
    { params }: Interaction,
  ): Promise<Launch | undefined> {
    const token = params['launch'];
    if (token === undefined) return undefined;
    const launch = await launches.look(tenant, token, { client: client.id, account });
    if (!launch)
      throw new Refusal('business-rule', {
        diagnostics: 'this launch was used, has run out, or was made for somebody else',
      });
    return launch;
  }

  async function question(caller: Caller, uid: string): Promise<Question> {
    const provider = await providers(caller.tenant);
    const interaction = await provider.Interaction.find(uid);
    const client =
      interaction && (await clients.find(caller.tenant, interaction.params['client_id'] ?? ''));
    if (!interaction || interaction.result || !client) throw new Refusal('not-found');
    const { params } = interaction;
    const scopes = offered(params['scope'], client);
    const launch = await launchOf(caller, client, interaction);
    const { name, publisher, uri, registered } = client.details;
    const to = new URL(params['redirect_uri']!);
    // Any program on her machine may answer at such an address: she is asked each time [RFC 8252 8.6].
    const mayRemember = to.protocol === 'https:';
    const known =
      mayRemember && !words(params['prompt']).includes('login')
        ? await appGrants.remembered(caller.tenant, {
            account: caller.id,
            client: client.id,
            asked: scopes.join(' '),
            patient: launch?.rid ?? null,
          })
        : undefined;
    const asked: AskedAccess = {
      app: {
        name,
        ...(publisher !== undefined && { publisher }),
        ...(uri !== undefined && { uri }),
        host: to.host || to.protocol,
        registered: registered === true,
      },
      scopes,
      ...(launch && { patient: launch.patient }),
      choosesPatient: !launch && scopes.some(ofRecord),
      offline: scopes.includes('offline_access'),
      mayRemember,
      ...(known && {
        remembered: {
          scopes: known.scope.split(' '),
          ...(known.context.patient !== undefined && { patient: known.context.patient }),
        },
      }),
    };
    return { provider, interaction, client, ...(launch && { launch }), asked };
  }

  /** The one record, asked of the store as the person: what she cannot see she cannot share. */
  async function recordOf(
    caller: Caller,
    scopes: readonly string[],
    { launch }: Question,
    chosen: string | undefined,
  ): Promise<{ rid: string; id: string } | undefined> {
    if (!launch && !scopes.some(ofRecord)) return undefined;
    const id = launch?.patient ?? chosen;
    if (id === undefined)
      throw new Refusal('invalid', { diagnostics: 'whose record?', expression: ['patient'] });
    const rid = await ownerOf(caller, 'Patient', id);
    if (rid === undefined || (launch && launch.rid !== rid)) throw new Refusal('not-found');
    return { rid, id };
  }

  /**
   * An app may ask that she shows who she is: now, or not longer ago than so many seconds [OpenID Connect Core 3.1.2.1].
   * @throws Refusal `step-up-required`
   */
  function requireAsFresh({ provenAt = 0 }: Caller, { params, exp }: Interaction): void {
    const now = clock.now();
    const asked = (params['prompt'] ?? '').split(' ').includes('login');
    const most = params['max_age'] === undefined ? Infinity : Number(params['max_age']) * 1_000;
    // What she showed on this very way counts, however little time the app gave her.
    if (provenAt >= (exp - interactionSeconds) * 1_000) return;
    if (asked || now - provenAt > most) throw new Refusal('step-up-required');
  }

  const go = ({ returnTo }: Interaction): string => new URL(returnTo).pathname;

  async function serverGrant(
    { provider, asked, client }: Question,
    caller: Caller,
    scopes: readonly string[],
  ): Promise<string> {
    const grant: Grant = new provider.Grant({ accountId: caller.id, clientId: client.client_id });
    const plain = scopes.filter((word) => isPlainScope(word));
    if (plain.length > 0) grant.addOIDCScope(plain.join(' '));
    // The server compares words: it holds what was asked, and `app_grant` what was granted of it.
    const resources = asked.scopes.filter((word) => !isPlainScope(word));
    if (resources.length > 0)
      grant.addResourceScope(fhirBase(baseUrlOf(caller.tenant)), resources.join(' '));
    return grant.save();
  }

  return {
    question,
    async allow(caller, question, { scopes, patient: chosen, rememberDays = 0 }) {
      const { interaction, client, launch, asked } = question;
      requireAsFresh(caller, interaction);
      const granted = words(scopes.join(' '));
      if (granted.length === 0 || !granted.every((word) => isWithin(word, asked.scopes)))
        throw new Refusal('invalid', {
          diagnostics: 'more than was asked',
          expression: ['scopes'],
        });
      const record = await recordOf(caller, granted, question, chosen);
      const token = interaction.params['launch'];
      if (launch && token !== undefined && !(await launches.spend(caller.tenant, token)))
        throw new Refusal('business-rule', { diagnostics: 'this launch was used' });
      const now = clock.now();
      const stays = granted.includes('offline_access');
      const grantId = await serverGrant(question, caller, granted);
      await appGrants.give({
        tenant: caller.tenant,
        grantId,
        account: caller.id,
        client: client.id,
        scope: granted.join(' '),
        patient: record?.rid ?? null,
        session: stays ? null : caller.session!,
        mfa: caller.mfa,
        proven: caller.provenAt ?? now,
        expires: now + (stays ? offlineDays * day : sessionMs),
        remember: rememberDays > 0 && asked.mayRemember ? now + rememberDays * day : null,
        context: {
          asked: asked.scopes.join(' '),
          ...(record && { patient: record.id }),
          ...(launch?.encounter !== undefined && { encounter: launch.encounter }),
          ...(launch && { banner: true }),
        },
      });
      interaction.result = {
        login: {
          accountId: caller.id,
          ...strengthOf(caller.role, caller.mfa),
          ts: Math.floor((caller.provenAt ?? now) / 1_000),
          remember: false,
        },
        consent: { grantId },
      };
      await interaction.persist();
      return { redirect: go(interaction), ...(record && { rid: record.rid }) };
    },
    async refuse({ interaction }) {
      interaction.result = { error: 'access_denied', error_description: 'the person refused' };
      await interaction.persist();
      return go(interaction);
    },
  };
}
