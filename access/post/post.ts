/** Messages on their way out: kept sealed until the gateway has taken them, tried again by jobs that know an id and nothing else. */
import { Refusal } from '@afar/fhir';
import {
  aad,
  DeliveryFailed,
  open,
  seal,
  type Db,
  type Delivery,
  type Jobs,
  type KeyRing,
  type Log,
  type Queryable,
} from '@afar/platform';
import { isUuid, newId } from '../ids.ts';

export type PostChannel = 'mail' | 'sms';

export interface Message {
  channel: PostChannel;
  /** E-mail address or E.164 number. `nobody`: everything is done as for a message, and none leaves. */
  to: string | 'nobody';
  /** What it is for, one fixed word: it stands in the clear beside the sealed text. */
  about: string;
  /** Of mail; an SMS has none. */
  subject: string;
  text: string;
  /** How long it is worth delivering, ms; default a day. */
  goodForMs?: number;
}

export interface FailedMessage {
  id: string;
  channel: PostChannel;
  about: string;
  /** ms since epoch. */
  created: number;
  tries: number;
  /** A code of the gateway's protocol, such as `smtp-550`. */
  fault: string;
}

export interface Post {
  /** Whether messages can leave this way at all. */
  reaches(channel: PostChannel): boolean;
  /**
   * Durable when it resolves. A message is handed over once; when the gateway took it and its answer was lost, it may be twice.
   * @param on a transaction to be part of
   * @throws Refusal `not-implemented` when no such gateway is configured
   */
  send(tenant: number, message: Message, on?: Queryable): Promise<void>;
  /** Hands over what waits, as the jobs do. @returns how many left */
  settle(): Promise<number>;
  /** Messages that were given up, newest first. */
  failed(tenant: number, limit: number): Promise<FailedMessage[]>;
  /** How many wait to be handed over. */
  waiting(tenant: number): Promise<number>;
  /** Drops what was given up a month ago. */
  sweep(): Promise<void>;
}

const task = 'access.post';
/** With the waits of graphile-worker (exp(n) s) about 80 minutes: a gateway that restarts, a greylisting server. */
const mostTries = 8;
/** Longer than any gateway's own time limit. */
const claimMs = 120_000;
const dayMs = 86_400_000;
const keepFailedMs = 30 * dayMs;

/** Ties a message to its row. */
export const bindMessage = (tenant: number, row: { id: string; channel: string }): Buffer =>
  aad('access.message', tenant, row.id, row.channel);

interface Row {
  id: string;
  channel: PostChannel;
  tries: number;
  until: number;
  sealed: Buffer;
}

interface Content {
  to: string;
  subject: string;
  text: string;
}

export function createPost(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
  jobs?: Jobs | undefined;
  delivery?: Delivery | undefined;
}): Post {
  const { db, keys, clock, log, jobs, delivery } = deps;

  const reaches = (channel: PostChannel): boolean =>
    jobs !== undefined && delivery !== undefined && delivery.channels.includes(channel);

  async function hand(row: Row, tenant: number): Promise<void> {
    if (clock.now() >= row.until) throw new DeliveryFailed('too-late', true);
    const plain = open(row.sealed, await keys.tenant(tenant), bindMessage(tenant, row));
    const { to, subject, text } = JSON.parse(plain.toString('utf8')) as Content;
    if (to === 'nobody') return;
    if (row.channel === 'mail') await delivery!.mail({ to, subject, text });
    else await delivery!.sms({ to, text });
  }

  /** @returns true when the row is done with, one way or the other */
  async function deliver(tenant: number, id: string): Promise<boolean> {
    const now = clock.now();
    const { rows } = await db.query<Row>(
      `update access.message set tries = tries + 1, claimed = $3
       where tenant = $1 and id = $2 and state = 'waiting' and claimed <= $4
       returning id, channel, tries, until, sealed`,
      [tenant, id, now + claimMs, now],
    );
    const row = rows[0];
    // Gone: handed over. Claimed by another process that was killed: its time runs out.
    if (!row) {
      const left = await db.query(
        `select from access.message where tenant = $1 and id = $2 and state = 'waiting'`,
        [tenant, id],
      );
      return left.rowCount === 0;
    }
    try {
      await hand(row, tenant);
      await db.query('delete from access.message where tenant = $1 and id = $2', [tenant, id]);
      return true;
    } catch (error) {
      const { code, permanent } =
        error instanceof DeliveryFailed ? error : { code: 'internal', permanent: false };
      if (!(error instanceof DeliveryFailed)) log.error({ err: error }, 'a message did not leave');
      const over = permanent || row.tries >= mostTries;
      if (over)
        log.warn({ messageId: id, channel: row.channel, fault: code }, 'a message was given up');
      await db.query(
        `update access.message set claimed = 0, fault = $3, state = $4 where tenant = $1 and id = $2`,
        [tenant, id, code, over ? 'failed' : 'waiting'],
      );
      return over;
    }
  }

  jobs?.define(task, async ({ tenant, id }) => {
    if (typeof tenant !== 'number' || typeof id !== 'string' || !isUuid(id)) return;
    if (!(await deliver(tenant, id))) throw new Error('a message waits for another try');
  });

  async function put(tenant: number, message: Message, on: Queryable): Promise<void> {
    const { channel, to, about, subject, text, goodForMs = dayMs } = message;
    const now = clock.now();
    const row = { id: newId(now), channel };
    const content: Content = { to, subject, text };
    await on.query(
      `insert into access.message (tenant, id, channel, about, created, until, sealed)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        tenant,
        row.id,
        channel,
        about,
        now,
        now + goodForMs,
        seal(JSON.stringify(content), await keys.tenant(tenant), bindMessage(tenant, row)),
      ],
    );
    // One try more than rows are given up after: the last one finds it given up and ends.
    await jobs!.add(on, task, { tenant, id: row.id }, { maxAttempts: mostTries + 1 });
  }

  return {
    reaches,
    async send(tenant, message, on) {
      if (!reaches(message.channel))
        throw new Refusal('not-implemented', {
          diagnostics: `this clinic sends no ${message.channel === 'mail' ? 'mail' : 'SMS'}`,
        });
      await (on ? put(tenant, message, on) : db.tx((tx) => put(tenant, message, tx)));
    },
    async settle() {
      const { rows } = await db.query<{ tenant: number; id: string }>(
        `select tenant, id from access.message where state = 'waiting' order by created limit 1000`,
      );
      let left = 0;
      for (const { tenant, id } of rows) if (await deliver(tenant, id)) left++;
      return left;
    },
    async failed(tenant, limit) {
      const { rows } = await db.query<FailedMessage>(
        `select id, channel, about, created, tries, coalesce(fault, '') as fault from access.message
         where tenant = $1 and state = 'failed' order by created desc, id desc limit $2`,
        [tenant, limit],
      );
      return rows;
    },
    async waiting(tenant) {
      const { rows } = await db.query<{ n: number }>(
        `select count(*)::int as n from access.message where tenant = $1 and state = 'waiting'`,
        [tenant],
      );
      return rows[0]!.n;
    },
    async sweep() {
      await db.query(`delete from access.message where state = 'failed' and created < $1`, [
        clock.now() - keepFailedMs,
      ]);
    },
  };
}
