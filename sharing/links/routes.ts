/** /api/links, /api/shared: a person makes, sees and ends her links; whoever was given one opens it. */
import { requireCaller, systemCaller } from '@afar/access';
import { Refusal, type HumanName, type Patient } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SharingDeps } from '../create-sharing.ts';
import type {
  MakeLinkRequest,
  NewLink,
  OpenedLink,
  OpenLinkRequest,
  SharedView,
  ShareLink,
  ShareLinkList,
} from './contract.ts';
import { choiceOf, sharedKinds } from './kinds.ts';
import { linkOf, linksOf, revokeLink } from './list.ts';
import { makeLink, ownRecord } from './make.ts';
import { openLink } from './open.ts';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const uuid = { type: 'string', format: 'uuid' };
const byId = { params: { type: 'object', properties: { id: uuid }, required: ['id'] } };

const makeSchema = {
  body: {
    type: 'object',
    properties: {
      patient: uuid,
      kinds: { type: 'array', items: { type: 'string', enum: sharedKinds }, maxItems: 8 },
      item: text(100),
      hours: { type: 'integer', minimum: 1, maximum: 720 },
      openings: { type: 'integer', minimum: 1, maximum: 100 },
      note: { type: 'string', maxLength: 100 },
    },
    additionalProperties: false,
  },
};

const openSchema = {
  body: {
    type: 'object',
    properties: {
      secret: { type: 'string', pattern: '^[\\w-]{43}$' },
      pin: { type: 'string', pattern: '^\\d{6}$' },
      name: { type: 'string', maxLength: 100 },
    },
    required: ['secret', 'pin'],
    additionalProperties: false,
  },
};

const nameOf = (names: readonly HumanName[] = []): string => {
  const name = names.find((one) => one.use === 'official') ?? names[0];
  return name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
};

export function linkRoutes(http: FastifyInstance, deps: SharingDeps): void {
  const { access, clock, db, records, tenantOf } = deps;
  const house = (tenant: number) => systemCaller(tenant, clock, 'share');

  http.post<{ Body: MakeLinkRequest; Reply: NewLink }>(
    '/links',
    { schema: makeSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'share-link', verb: 'C' });
      const made = await makeLink(deps, requireCaller(req), req.body);
      req.evidence.rid = made.link.id;
      void reply.code(201).header('cache-control', 'no-store');
      return made;
    },
  );

  http.get<{ Querystring: { patient?: string }; Reply: ShareLinkList }>('/links', async (req) => {
    req.evidence.action = 'share-links';
    const caller = requireCaller(req);
    const { patient } = await ownRecord(deps, caller, req.query.patient);
    req.evidence.patients.push(patient);
    return { links: await linksOf(deps, house(caller.tenant), patient) };
  });

  http.post<{ Params: { id: string }; Reply: ShareLink }>(
    '/links/:id/revoke',
    { schema: byId },
    async (req) => {
      Object.assign(req.evidence, { action: 'revoke-link', verb: 'E', rid: req.params.id });
      const caller = requireCaller(req);
      const row = await linkOf(db, caller.tenant, req.params.id);
      // Another's link and none at all look alike.
      await ownRecord(deps, caller, row.patient);
      req.evidence.patients.push(row.patient);
      await revokeLink(deps, house(caller.tenant), row);
      const all = await linksOf(deps, house(caller.tenant), row.patient);
      const after = all.find((one) => one.id === row.id);
      if (!after) throw new Refusal('not-found');
      return after;
    },
  );

  http.post<{ Body: OpenLinkRequest; Reply: OpenedLink }>(
    '/links/open',
    { schema: openSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'open-link', verb: 'E' });
      void reply.header('cache-control', 'no-store');
      const tenant = tenantOf(req.host);
      const own = req.caller?.role === 'pharmacist' ? requireCaller(req) : undefined;
      const { row, held } = await openLink(deps, tenant, req.body, own, req);
      req.evidence.rid = row.id;
      req.evidence.patients.push(row.patient);
      const shared = { patient: row.patient, ...choiceOf(held?.classes ?? row.classes) };
      if (held) return { as: 'own', ...shared, until: held.until };
      req.evidence.who = row.id;
      req.evidence.role = 'guest';
      const { cookie, expires } = await access.guests.begin(tenant, row.id, row.expires);
      const seconds = Math.ceil((expires - clock.now()) / 1000);
      access.guests.cookie.set(reply, cookie, seconds);
      return { as: 'guest', ...shared, until: expires };
    },
  );

  /** @throws Refusal `unauthenticated` to whoever did not come by a link */
  function requireGuest(req: FastifyRequest) {
    const { caller } = req;
    if (caller?.kind !== 'guest') throw new Refusal('unauthenticated');
    return caller;
  }

  http.get<{ Reply: SharedView }>('/shared', async (req, reply) => {
    req.evidence.action = 'shared';
    void reply.header('cache-control', 'no-store');
    const caller = requireGuest(req);
    const row = await linkOf(db, caller.tenant, caller.id);
    const { resource } = await records.read<Patient>(caller, 'Patient', row.patient);
    Object.assign(req.evidence, { type: 'Patient', rid: row.patient });
    req.evidence.patients.push(row.patient);
    const { birthDate } = resource;
    return {
      patient: { id: row.patient, name: nameOf(resource.name), ...(birthDate && { birthDate }) },
      ...choiceOf(row.classes),
      until: row.expires,
    };
  });

  http.post('/links/leave', async (req, reply) => {
    Object.assign(req.evidence, { action: 'leave-link', verb: 'E' });
    const caller = requireGuest(req);
    await access.guests.leave(caller.tenant, caller.session ?? '');
    access.guests.cookie.clear(reply);
    return reply.code(204).send();
  });
}
