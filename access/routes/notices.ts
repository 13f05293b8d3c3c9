/** /api/notices: what waits for whoever is signed in, read, and what she wants no mail about. */
import type { Db } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../caller.ts';
import type { NoticeChoices, NoticeList, ReadNotices } from '../contract-notices.ts';
import { requireCaller } from '../may.ts';
import { mutableKinds } from '../notices/mail.ts';
import type { Notices } from '../notices/notices.ts';
import { Refusal } from '@afar/fhir';

/** Whoever has read fifty has read enough for one look. */
const shown = 50;

const uuids = {
  type: 'array',
  items: { type: 'string', format: 'uuid' },
  minItems: 1,
  maxItems: shown,
};
const kinds = { type: 'array', items: { type: 'string', enum: mutableKinds }, uniqueItems: true };
const body = (properties: Record<string, object>) => ({
  schema: {
    body: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  },
});

export function noticeRoutes(
  http: FastifyInstance,
  { db, notices }: { db: Db; notices: Notices },
): void {
  /** Notices are told to accounts: clients and guests have none. */
  function person(req: FastifyRequest): Caller {
    const caller = requireCaller(req);
    if (caller.kind !== 'user') throw new Refusal('forbidden');
    return caller;
  }

  http.get<{ Reply: NoticeList }>('/api/notices', async (req) => {
    req.evidence.action = 'notices';
    const { tenant, id } = person(req);
    const [list, unread, choice] = await Promise.all([
      notices.list(tenant, id, shown),
      notices.unread(tenant, id),
      db.query<{ muted: string[] }>(
        'select muted from access.notice_choice where tenant = $1 and account = $2',
        [tenant, id],
      ),
    ]);
    const muted = mutableKinds.filter((kind) => choice.rows[0]?.muted.includes(kind));
    return { unread, notices: list, muted, mutable: [...mutableKinds] };
  });

  http.post<{ Body: ReadNotices }>(
    '/api/notices/read',
    body({ ids: uuids }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'read-notices', verb: 'U' });
      const { tenant, id } = person(req);
      await notices.read(tenant, id, req.body.ids);
      return reply.code(204).send();
    },
  );

  http.put<{ Body: NoticeChoices }>(
    '/api/notices/choices',
    body({ muted: kinds }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'choose-notices', verb: 'U' });
      const { tenant, id } = person(req);
      await db.query(
        `insert into access.notice_choice (tenant, account, muted) values ($1, $2, $3)
         on conflict (tenant, account) do update set muted = excluded.muted`,
        [tenant, id, req.body.muted],
      );
      return reply.code(204).send();
    },
  );
}
