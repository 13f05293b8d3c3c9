/** /api/authorize, /api/account/apps, /api/launches: what people decide about apps. Never by an app's own token. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clinicalRoles, type Caller } from '../caller.ts';
import { isUuid } from '../ids.ts';
import { requireCaller } from '../may.ts';
import type { AppGrant, AppGrants } from './app-grants.ts';
import type { Clients } from './clients.ts';
import type { Consent, OwnerOf } from './consent.ts';
import type {
  AccessAnswer,
  AllowAccess,
  AskedAccess,
  ConnectedApps,
  LaunchableApps,
  LaunchAnswer,
  LaunchRequest,
} from './contract.ts';
import type { Launches } from './launches.ts';
import { fhirBase } from './provider.ts';

interface Deps {
  consent: Consent;
  clients: Clients;
  appGrants: AppGrants;
  launches: Launches;
  ownerOf: OwnerOf;
  baseUrlOf(tenant: number): string;
}

interface Asked {
  Params: { uid: string };
}

/** [FHIR R4 datatypes.html#id] */
const fhirId = { type: 'string', pattern: '^[A-Za-z0-9.-]{1,64}$' };

const allowSchema = {
  body: {
    type: 'object',
    properties: {
      scopes: {
        type: 'array',
        minItems: 1,
        maxItems: 200,
        items: { type: 'string', minLength: 1, maxLength: 400 },
      },
      patient: fhirId,
      rememberDays: { type: 'integer', minimum: 0, maximum: 365 },
    },
    required: ['scopes'],
    additionalProperties: false,
  },
};

const launchSchema = {
  body: {
    type: 'object',
    properties: { client: fhirId, patient: fhirId, encounter: fhirId },
    required: ['client', 'patient'],
    additionalProperties: false,
  },
};

/** Somebody who sits in front of a browser, with everything shown that is asked of her: staff without a second factor give no codes. */
function requirePerson(req: FastifyRequest): Caller {
  const caller = requireCaller(req);
  if (caller.kind !== 'user' || caller.session === undefined) throw new Refusal('forbidden');
  return caller;
}

/** The browser that was sent here by the app, and no other that was handed the link. */
function requireAsked(req: FastifyRequest<Asked>): string {
  const { uid } = req.params;
  const cookies = (req.headers.cookie ?? '').split(';').map((one) => one.trim());
  if (!/^[\w-]{10,64}$/.test(uid) || !cookies.includes(`afar_ask=${uid}`))
    throw new Refusal('not-found');
  return uid;
}

const shown = (one: AppGrant): ConnectedApps['apps'][number]['grants'][number] => ({
  scopes: one.scope.split(' '),
  ...(one.context.patient !== undefined && { patient: one.context.patient }),
  since: one.created,
  ...(one.used !== null && { lastUsed: one.used }),
  offline: one.session === null,
  expires: one.expires,
});

export function consentRoutes(http: FastifyInstance, deps: Deps): void {
  const { consent, clients, appGrants, launches, ownerOf, baseUrlOf } = deps;

  http.get<Asked & { Reply: AskedAccess }>('/api/authorize/:uid', async (req, reply) => {
    req.evidence.action = 'app-asks';
    const question = await consent.question(requirePerson(req), requireAsked(req));
    req.evidence.rid = question.client.id;
    void reply.header('cache-control', 'no-store');
    return question.asked;
  });

  http.post<Asked & { Body: AllowAccess; Reply: AccessAnswer }>(
    '/api/authorize/:uid',
    { schema: allowSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'app-allowed', verb: 'C' });
      const caller = requirePerson(req);
      const question = await consent.question(caller, requireAsked(req));
      // The trail names both: who said yes, and to which client.
      req.evidence.rid = question.client.id;
      const { redirect, rid } = await consent.allow(caller, question, req.body);
      if (rid !== undefined) req.evidence.patients = [rid];
      return { redirect };
    },
  );

  http.post<Asked & { Reply: AccessAnswer }>('/api/authorize/:uid/refuse', async (req) => {
    Object.assign(req.evidence, { action: 'app-refused', verb: 'E' });
    const question = await consent.question(requirePerson(req), requireAsked(req));
    req.evidence.rid = question.client.id;
    return { redirect: await consent.refuse(question) };
  });

  http.get<{ Reply: ConnectedApps }>('/api/account/apps', async (req, reply) => {
    req.evidence.action = 'list-apps';
    const { tenant, id } = requirePerson(req);
    const apps = new Map<string, ConnectedApps['apps'][number]>();
    for (const grant of await appGrants.list(tenant, id)) {
      const client = await clients.get(tenant, grant.client);
      if (!client) continue;
      const { name, publisher } = client.details;
      const app = apps.get(client.id) ?? {
        client: client.id,
        name,
        ...(publisher !== undefined && { publisher }),
        grants: [],
      };
      app.grants.push(shown(grant));
      apps.set(client.id, app);
    }
    void reply.header('cache-control', 'no-store');
    return { apps: [...apps.values()] };
  });

  http.delete<{ Params: { client: string } }>('/api/account/apps/:client', async (req, reply) => {
    Object.assign(req.evidence, { action: 'end-app', verb: 'D' });
    const { tenant, id } = requirePerson(req);
    const { client } = req.params;
    if (!isUuid(client)) throw new Refusal('not-found');
    req.evidence.rid = client;
    if ((await appGrants.end(tenant, id, client)) === 0) throw new Refusal('not-found');
    return reply.code(204).send();
  });

  http.get<{ Reply: LaunchableApps }>('/api/launches', async (req) => {
    req.evidence.action = 'list-launches';
    const { tenant } = requirePerson(req);
    const all = await clients.list(tenant);
    return {
      apps: all
        .filter((one) => one.status === 'active' && one.scope && one.details.launchUri)
        .map(({ id, details: { name, publisher } }) => ({
          client: id,
          name,
          ...(publisher !== undefined && { publisher }),
        })),
    };
  });

  http.post<{ Body: LaunchRequest; Reply: LaunchAnswer }>(
    '/api/launches',
    { schema: launchSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'launch-app', verb: 'E' });
      const caller = requirePerson(req);
      if (!clinicalRoles.includes(caller.role) && caller.role !== 'patient')
        throw new Refusal('forbidden');
      const { client: id, patient, encounter } = req.body;
      req.evidence.rid = id;
      const client = isUuid(id) ? await clients.byId(caller.tenant, id) : undefined;
      const launchUri = client?.details.launchUri;
      if (!launchUri) throw new Refusal('not-found');
      const rid = await ownerOf(caller, 'Patient', patient);
      if (rid === undefined) throw new Refusal('not-found');
      if (encounter !== undefined && (await ownerOf(caller, 'Encounter', encounter)) !== rid)
        throw new Refusal('not-found');
      req.evidence.patients = [rid];
      const token = await launches.make(caller.tenant, {
        client: id,
        account: caller.id,
        patient,
        rid,
        ...(encounter !== undefined && { encounter }),
      });
      const url = new URL(launchUri);
      // [SMART App Launch 2.2, "Launch App: EHR Launch"]
      url.searchParams.set('iss', fhirBase(baseUrlOf(caller.tenant)));
      url.searchParams.set('launch', token);
      return { url: url.href };
    },
  );
}
