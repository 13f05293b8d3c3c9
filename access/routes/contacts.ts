/** /api/contacts: how whoever is signed in wants to be told; /api/opt-out: the link in a mail, for whoever holds it. */
import { parseSubscription } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Caller } from '../caller.ts';
import type { Allowances } from '../codes/allowance.ts';
import { choicesOf, choose } from '../contacts/choices.ts';
import type { Contacts } from '../contacts/contacts.ts';
import { offered } from '../contacts/topics.ts';
import type {
  ContactChoices,
  Contacts as ContactsView,
  OptedOut,
  OptOut,
  PushDevice,
  PushRegistration,
} from '../contract-contacts.ts';
import { isUuid } from '../ids.ts';
import { requireCaller } from '../may.ts';
import type { Db } from '@afar/platform';
import { body, text } from './bodies.ts';

export interface ContactRoutesDeps {
  db: Db;
  accounts: Accounts;
  contacts: Contacts;
  allowances: Allowances;
  clock: { now(): number };
  tenantOf(host: string): number;
}

const minute = { type: 'integer', minimum: 0, maximum: 1439 };
const quiet = {
  type: 'object',
  nullable: true,
  properties: { from: minute, to: minute },
  required: ['from', 'to'],
  additionalProperties: false,
};
const wanted = {
  type: 'array',
  items: { type: 'string', enum: offered },
  uniqueItems: true,
  maxItems: offered.length,
};
const keys = {
  type: 'object',
  properties: { p256dh: text(120), auth: text(60) },
  required: ['p256dh', 'auth'],
};

/** A person in a browser of her own: apps and guests are told nothing. */
function person(req: FastifyRequest): Caller & { session: string } {
  const caller = requireCaller(req);
  const { session } = caller;
  if (caller.kind !== 'user' || session === undefined || caller.app) throw new Refusal('forbidden');
  return { ...caller, session };
}

/** Tries a link may have from one source: there is nothing to guess, and nobody should try for long. */
const tries = { most: 30, windowMs: 600_000 };

export function contactRoutes(http: FastifyInstance, deps: ContactRoutesDeps): void {
  const { db, accounts, contacts, allowances, clock, tenantOf } = deps;

  http.get<{ Reply: ContactsView }>('/api/contacts', async (req) => {
    req.evidence.action = 'contacts';
    const caller = person(req);
    const account = await accounts.get(caller.tenant, caller.id);
    if (!account) throw new Refusal('not-found');
    const [choices, devices, pushKey] = await Promise.all([
      choicesOf(db, account),
      contacts.devices.list(caller),
      contacts.pushKey(),
    ]);
    return {
      ...choices,
      possible: contacts.possible(account),
      ...(account.personal.zone && { zone: account.personal.zone }),
      devices,
      ...(pushKey !== undefined && { pushKey }),
    };
  });

  http.put<{ Body: ContactChoices }>(
    '/api/contacts',
    body({ wanted, quiet }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'choose-contacts', verb: 'U' });
      const { tenant, id } = person(req);
      const { wanted: chosen, quiet: hours } = req.body;
      await choose(
        db,
        { tenant, id },
        { wanted: chosen, ...(hours && { quiet: hours }) },
        clock.now(),
      );
      return reply.code(204).send();
    },
  );

  http.post<{ Body: PushRegistration; Reply: PushDevice }>(
    '/api/contacts/devices',
    {
      ...body({ endpoint: text(1_000, 12), keys }),
    },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'add-push', verb: 'C' });
      const caller = person(req);
      if ((await contacts.pushKey()) === undefined)
        throw new Refusal('not-implemented', { diagnostics: 'this clinic sends no pushes' });
      const subscription = parseSubscription(req.body);
      if (!subscription)
        throw new Refusal('invalid', { diagnostics: 'this is no push subscription' });
      const id = await contacts.devices.register(caller, subscription);
      const row = (await contacts.devices.list(caller)).find((one) => one.id === id);
      if (!row) throw new Refusal('conflict');
      return reply.code(201).send(row);
    },
  );

  http.delete<{ Params: { id: string } }>('/api/contacts/devices/:id', async (req, reply) => {
    req.evidence.action = 'remove-push';
    const { tenant, id: account } = person(req);
    const { id } = req.params;
    if (!isUuid(id) || !(await contacts.devices.forget(tenant, account, id)))
      throw new Refusal('not-found');
    return reply.code(204).send();
  });

  async function optOut(req: FastifyRequest, token: string): Promise<OptedOut> {
    Object.assign(req.evidence, { action: 'opt-out', verb: 'U' });
    const tenant = tenantOf(req.host);
    await allowances.take(tenant, { of: ['opt-out', req.ip], ...tries });
    const { account, ...done } = await contacts.optOuts.use(tenant, token);
    req.evidence.who = account;
    return done;
  }

  http.post<{ Body: OptOut; Reply: OptedOut }>('/api/opt-out', body({ token: text(60) }), (req) =>
    optOut(req, req.body.token),
  );

  // A mail program posts a form of one field [RFC 8058 3.2]; nobody reads it: the address says everything.
  void http.register((scope, _options, done) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 1_024 },
      (_req, _text, parsed) => parsed(null, undefined),
    );
    scope.post<{ Params: { token: string } }>('/api/opt-out/:token', (req) =>
      optOut(req, req.params.token),
    );
    done();
  });
}
