/** How far a job is, its files, and its end: for whoever asked for it, and for nobody else. Mounted at /fhir/R4/bulk. */
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { may, requireCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { RefusalCode } from '@afar/fhir';
import { ObjectMissing } from '@afar/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { coversScopes } from '../rights.ts';
import type { Bulk } from './deps.ts';
import { discard } from './discard.ts';
import { manifestOf } from './manifest.ts';
import { fileOf, findJob, keyOf, mayPoll, objectId, requestOf } from './store.ts';
import type { Fault, FileRow, JobRow, Request } from './types.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const faults: Record<Fault, { code: RefusalCode; diagnostics: string }> = {
  cancelled: { code: 'not-found', diagnostics: 'cancelled' },
  'no-longer-allowed': { code: 'forbidden', diagnostics: 'the right to it ended while it ran' },
  'gave-up': { code: 'internal', diagnostics: 'it failed again and again, and was given up' },
};

export function bulkRoutes(app: FastifyInstance, bulk: Bulk): void {
  /** @throws Refusal `not-found` for another's job as for none */
  async function own(
    req: FastifyRequest,
    action: string,
  ): Promise<{ caller: Caller; job: JobRow }> {
    req.evidence.action = action;
    req.evidence.verb = 'E';
    const caller = requireCaller(req);
    const { job: id } = req.params as { job: string };
    const job = uuid.test(id) ? await findJob(bulk, caller.tenant, id) : undefined;
    if (
      !job ||
      job.creator !== caller.id ||
      job.expires <= bulk.clock.now() ||
      job.fault === 'cancelled'
    )
      throw new Refusal('not-found');
    return { caller, job };
  }

  app.get('/:job', async (req, reply) => {
    const { job } = await own(req, 'bulk-status');
    if (job.state === 'failed') throw new Refusal(faults[job.fault!].code, faults[job.fault!]);
    const wait = String(Math.max(1, Math.ceil(bulk.limits.pollMs / 1_000)));
    reply.header('cache-control', 'no-store');
    if (job.state === 'running') {
      if (!(await mayPoll(bulk, job)))
        throw new Refusal('throttled', { headers: { 'retry-after': wait } });
      return reply
        .code(202)
        .header('x-progress', `${job.step} of ${job.steps}`)
        .header('retry-after', wait)
        .send();
    }
    const request = requestOf(job, await keyOf(bulk, job));
    return reply
      .header('expires', new Date(job.expires).toUTCString())
      .type('application/json')
      .send(JSON.stringify(await manifestOf(bulk, job, request)));
  });

  app.delete('/:job', async (req, reply) => {
    const { job } = await own(req, 'bulk-cancel');
    await discard(bulk, job);
    return reply.code(202).header('cache-control', 'no-store').send();
  });

  app.get('/:job/:number', async (req, reply) => {
    const { caller, job } = await own(req, 'bulk-file');
    const { number } = req.params as { number: string };
    const file = /^\d{1,6}$/.test(number) ? await fileOf(bulk, job, Number(number)) : undefined;
    if (!file || job.state !== 'done' || !hasBytes(file)) throw new Refusal('not-found');
    const key = await keyOf(bulk, job);
    await requireStanding(bulk, caller, requestOf(job, key), file);
    req.evidence.type = file.type;
    req.evidence.patients.push(...file.patients);
    return send(bulk, req, reply, job, file);
  });
}

const hasBytes = ({ kind }: FileRow): boolean => kind !== 'input';

/**
 * A file is a copy of what its maker could see. It is hers as long as she still could: role, scopes, grants and denials.
 * @throws Refusal `forbidden`
 */
async function requireStanding(
  bulk: Bulk,
  caller: Caller,
  request: Request,
  file: FileRow,
): Promise<void> {
  if (request.kind === 'import' || file.kind === 'error') return;
  const standing = await bulk.records.walks.standing(caller, file.patients);
  const erased = await bulk.records.walks.erased(caller.tenant, file.patients);
  if (erased.size > 0) throw new Refusal('not-found');
  const same = standing && file.standing && standing.equals(file.standing);
  if (!same || !may(caller, 'read', file.type) || !coversScopes(caller, request.who, file.type))
    throw new Refusal('forbidden', { diagnostics: 'the right to it has changed: export anew' });
}

async function send(
  bulk: Bulk,
  req: FastifyRequest,
  reply: FastifyReply,
  job: JobRow,
  file: FileRow,
): Promise<FastifyReply> {
  const meta = { tenant: job.tenant, id: objectId(job, file.number), key: await keyOf(bulk, job) };
  const size = await bulk.objects.size(meta).catch((error: unknown) => {
    throw error instanceof ObjectMissing ? new Refusal('not-found') : error;
  });
  reply
    .header('cache-control', 'no-store')
    .header('content-type', 'application/fhir+ndjson')
    .header('accept-ranges', 'bytes')
    .header('vary', 'accept-encoding');
  const range = rangeOf(req.headers.range, size);
  if (range === 'none') return reply.code(416).header('content-range', `bytes */${size}`).send();
  if (range)
    return reply
      .code(206)
      .header('content-range', `bytes ${range.start}-${range.end - 1}/${size}`)
      .header('content-length', range.end - range.start)
      .send(Readable.from(bulk.objects.get(meta, range)));
  if (/\bgzip\b/.test(String(req.headers['accept-encoding'] ?? '')))
    return reply
      .header('content-encoding', 'gzip')
      .send(Readable.from(bulk.objects.get(meta)).pipe(createGzip({ level: 1 })));
  return reply.header('content-length', size).send(Readable.from(bulk.objects.get(meta)));
}

/** [RFC 9110 14.2] One range; several, or another unit, are answered with the whole. */
function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'none' | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!found || (found[1] === '' && found[2] === '')) return undefined;
  const start = found[1] === '' ? Math.max(0, size - Number(found[2])) : Number(found[1]);
  const end = found[1] === '' || found[2] === '' ? size : Math.min(size, Number(found[2]) + 1);
  return start >= size || start >= end ? 'none' : { start, end };
}
