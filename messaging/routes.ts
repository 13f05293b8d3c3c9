/** /api/messages and /api/messaging: each endpoint its trail, its checks by name, its deed. */
import { isUuid, requireCaller, requireRole, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { draftOf, saveDraft } from './drafts.ts';
import { keepFile, mostBytes, openFile } from './files.ts';
import type { House } from './house.ts';
import { listThreads, readAsked, unreadOf } from './list.ts';
import { deedsOf, readMessage, readNewThread, sendMore, sendNew } from './send.ts';
import { putSettings, readSettings, requireCarers, settingsOf } from './settings.ts';
import { requireStaffSide, requireWriter, seeThread, type Seen } from './standing.ts';
import { assign, close, markUrgent, reopen, teamOf } from './team.ts';
import { readBefore, readUpto, viewThread } from './view.ts';

type Method = 'GET' | 'POST' | 'PUT';
interface Trail {
  action: string;
  verb: 'C' | 'R' | 'U';
}
interface Ask {
  req: FastifyRequest;
  reply: FastifyReply;
  caller: Caller;
}

const bodyLimit = 64 * 1024;
const param = (req: FastifyRequest, name: string): string =>
  String((req.params as Record<string, unknown>)[name]);

function uuidOf(req: FastifyRequest, name: string): string {
  const id = param(req, name);
  if (!isUuid(id)) throw new Refusal('not-found');
  return id;
}

export function routes(app: FastifyInstance, house: House): void {
  const signedIn = (
    method: Method,
    url: string,
    trail: Trail,
    act: (ask: Ask) => Promise<unknown>,
  ): void => {
    app.route({
      method,
      url,
      bodyLimit,
      handler: async (req, reply) => {
        Object.assign(req.evidence, trail);
        const caller = requireCaller(req);
        void reply.header('cache-control', 'no-store');
        return act({ req, reply, caller });
      },
    });
  };
  const onThread = (
    method: Method,
    path: string,
    trail: Trail,
    checks: ((seen: Seen) => void)[],
    act: (ask: Ask, seen: Seen) => Promise<unknown>,
  ): void =>
    signedIn(method, `/messages/:thread${path}`, trail, async (ask) => {
      const { req, caller } = ask;
      // Set before the thread is read: the trail names what a stranger asked for, too.
      req.evidence.type = 'Communication';
      const id = param(req, 'thread');
      if (isUuid(id)) req.evidence.rid = id;
      const seen = await seeThread(house, caller, id);
      req.evidence.patients.push(seen.row.patient);
      for (const check of checks) check(seen);
      return act(ask, seen);
    });
  const again = async ({ caller }: Ask, { row }: Seen) =>
    viewThread(house, caller, await seeThread(house, caller, row.id), undefined);

  signedIn(
    'GET',
    '/messaging/settings',
    { action: 'messaging-settings', verb: 'R' },
    async ({ caller }) => {
      const { hours, pool } = await settingsOf(house.db, caller.tenant);
      if (caller.role === 'administrator') return { hours, pool };
      requireWriter(caller);
      return { hours };
    },
  );
  signedIn(
    'PUT',
    '/messaging/settings',
    { action: 'set-messaging', verb: 'U' },
    async ({ req, caller }) => {
      requireRole(req, 'administrator');
      const settings = readSettings(req.body);
      await requireCarers(house, caller.tenant, settings.pool);
      await putSettings(house.db, caller.tenant, settings, house.clock.now());
      return settings;
    },
  );

  signedIn(
    'GET',
    '/messages',
    { action: 'message-threads', verb: 'R' },
    async ({ req, caller }) => {
      const { patients, ...threads } = await listThreads(house, caller, readAsked(req.query));
      req.evidence.patients.push(...patients);
      return threads;
    },
  );
  signedIn('GET', '/messages/unread', { action: 'messages-unread', verb: 'R' }, ({ caller }) =>
    unreadOf(house, caller),
  );
  signedIn(
    'POST',
    '/messages',
    { action: 'new-thread', verb: 'C' },
    async ({ req, reply, caller }) => {
      requireWriter(caller);
      const asked = readNewThread(req.body);
      req.evidence.patients.push(asked.patient);
      const sent = await sendNew(
        house,
        caller,
        asked,
        await deedsOf(house, caller, req.headers['idempotency-key']),
      );
      return reply.code('stopped' in sent ? 200 : 201).send(sent);
    },
  );

  onThread('GET', '', { action: 'thread', verb: 'R' }, [], async ({ req, caller }, seen) =>
    viewThread(house, caller, seen, readBefore(req.query)),
  );
  onThread(
    'POST',
    '',
    { action: 'send-message', verb: 'C' },
    [],
    async ({ req, reply, caller }, seen) => {
      const told = readMessage(req.body);
      const deeds = await deedsOf(house, caller, req.headers['idempotency-key']);
      const sent = await sendMore(house, caller, seen, told, deeds);
      return reply.code('stopped' in sent ? 200 : 201).send(sent);
    },
  );
  onThread(
    'POST',
    '/seen',
    { action: 'seen-messages', verb: 'U' },
    [],
    async ({ req, reply, caller }, seen) => {
      await readUpto(house, caller, seen, req.body);
      return reply.code(204).send();
    },
  );
  onThread(
    'GET',
    '/team',
    { action: 'thread-team', verb: 'R' },
    [requireStaffSide],
    ({ caller }, seen) => teamOf(house, caller, seen),
  );
  onThread(
    'POST',
    '/assign',
    { action: 'assign-thread', verb: 'U' },
    [requireStaffSide],
    async (ask, seen) => {
      await assign(house, ask.caller, seen, ask.req.body);
      return again(ask, seen);
    },
  );
  onThread(
    'POST',
    '/urgent',
    { action: 'mark-thread', verb: 'U' },
    [requireStaffSide],
    async (ask, seen) => {
      await markUrgent(house, seen, ask.req.body);
      return again(ask, seen);
    },
  );
  onThread(
    'POST',
    '/close',
    { action: 'close-thread', verb: 'U' },
    [requireStaffSide],
    async (ask, seen) => {
      // Read before: who was let in for this thread alone is out when it is closed.
      const closed = await viewThread(house, ask.caller, seen, undefined);
      await close(house, seen);
      const { due: _due, ...rest } = closed;
      return { ...rest, state: 'closed', urgent: false, overdue: false };
    },
  );
  onThread(
    'POST',
    '/reopen',
    { action: 'reopen-thread', verb: 'U' },
    [requireStaffSide],
    async (ask, seen) => {
      await reopen(house, seen);
      return again(ask, seen);
    },
  );

  signedIn(
    'GET',
    '/messages/drafts/:place',
    { action: 'draft', verb: 'R' },
    async ({ req, caller }) => ({
      text: await draftOf(house, caller, uuidOf(req, 'place')),
    }),
  );
  signedIn(
    'PUT',
    '/messages/drafts/:place',
    { action: 'save-draft', verb: 'U' },
    async ({ req, reply, caller }) => {
      await saveDraft(house, caller, uuidOf(req, 'place'), req.body);
      return reply.code(204).send();
    },
  );

  signedIn(
    'GET',
    '/messages/files/:attachment',
    { action: 'message-file', verb: 'R' },
    async ({ req, reply, caller }) => {
      const { row, name, bytes } = await openFile(house, caller, param(req, 'attachment'));
      req.evidence.patients.push(row.patient);
      const parts: Buffer[] = [];
      for await (const part of bytes) parts.push(part);
      const kind = row.type === 'application/pdf' ? 'attachment' : 'inline';
      return reply
        .type(row.type)
        .header('content-disposition', `${kind}; filename*=UTF-8''${encodeURIComponent(name)}`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .send(Buffer.concat(parts));
    },
  );
  void app.register((scope, _options, done) => {
    // Before a byte of the body is read: a stranger fills no memory.
    scope.addHook('onRequest', (req, _reply, next) => {
      next(req.caller ? undefined : new Refusal('unauthenticated'));
    });
    scope.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: mostBytes },
      (_req, bytes, parsed) => parsed(null, bytes),
    );
    scope.post('/messages/attachments/:patient', { bodyLimit: mostBytes }, async (req, reply) => {
      Object.assign(req.evidence, { action: 'upload-file', verb: 'C' });
      const caller = requireCaller(req);
      const patient = uuidOf(req, 'patient');
      req.evidence.patients.push(patient);
      if (!Buffer.isBuffer(req.body) || req.body.length === 0)
        throw new Refusal('invalid', { diagnostics: 'bytes as application/octet-stream' });
      const name = req.headers['x-file-name'];
      return reply.code(201).send(await keepFile(house, caller, patient, req.body, name));
    });
    done();
  });
}
