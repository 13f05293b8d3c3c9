/** Recordings over HTTP, and what time does to them: kept as long as the house says, then destroyed. */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { everyTenant, within } from '@afar/platform';
import type { FastifyRequest } from 'fastify';
import { requireReader } from '../chat/part.ts';
import { requireOpenVisit, requireOwnClinician, requireParticipant } from '../checks.ts';
import type { Endpoints } from '../endpoint.ts';
import { bytesOf, rawBodies, sendBytes } from '../files/raw-bodies.ts';
import type { House } from '../house.ts';
import { guestRoute } from '../invites/routes.ts';
import type { Part } from '../parts.ts';
import { isUuid } from '../scheduling/rule.ts';
import type { VisitRow } from '../visit-row.ts';
import {
  beginRecording,
  chunkBytes,
  chunkOf,
  consent,
  destroyRecording,
  finishRecording,
  openKey,
  readRecording,
  recordingView,
  stopRecording,
  type SentChunk,
  takeChunk,
  unfinishedMs,
} from './record.ts';
import { recordingsOf, type Recording } from './recordings.ts';

const everyMs = 3_600_000;

function recordingIn(req: FastifyRequest): string {
  const { recording } = req.params as { recording?: string };
  if (!isUuid(recording)) throw new Refusal('not-found');
  return recording;
}

const at = ({ tenant, rid }: VisitRow, req: FastifyRequest) => ({
  tenant,
  visit: rid,
  id: recordingIn(req),
});

function numberIn(req: FastifyRequest): number {
  const { n = '' } = req.params as { n?: string };
  if (!/^\d{1,5}$/.test(n)) throw new Refusal('not-found');
  return Number(n);
}

function agreeIn(req: FastifyRequest): boolean {
  const { agree } = (req.body ?? {}) as { agree?: unknown };
  if (typeof agree !== 'boolean') throw new Refusal('invalid', { expression: ['agree'] });
  return agree;
}

/** What stands beside the bytes of a chunk. @throws Refusal 'invalid' */
function chunkIn(req: FastifyRequest): SentChunk {
  const hash = req.headers['x-afar-sha256'];
  const instant = (name: string): number => Date.parse(String(req.headers[name] ?? ''));
  const began = instant('x-afar-began');
  const ended = instant('x-afar-ended');
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash) || Number.isNaN(began + ended))
    throw new Refusal('invalid', {
      diagnostics: 'x-afar-sha256, x-afar-began and x-afar-ended are needed',
    });
  const bytes = bytesOf(req.body);
  return { n: numberIn(req), hash: Buffer.from(hash, 'hex'), began, ended, bytes };
}

async function find(house: House, row: VisitRow, id: string): Promise<Recording> {
  const all = await recordingsOf(house.db, row.tenant, row.rid);
  const found = all.find((one) => one.id === id);
  if (!found) throw new Refusal('not-found');
  return found;
}

/** Those who may read it once it is finished; before that only whose browser records. */
async function readable(
  house: House,
  row: VisitRow,
  id: string,
  account: string,
): Promise<Recording> {
  const found = await find(house, row, id);
  if (found.state === 'deleted') throw new Refusal('gone');
  if (found.state !== 'finished' && found.made_by !== account) throw new Refusal('not-found');
  return found;
}

function clinicianRoutes(on: Endpoints, house: House): void {
  const base = '/visits/:id/recordings';
  const one = `${base}/:recording`;
  on.onVisit(
    'POST',
    base,
    { action: 'record', verb: 'C' },
    [requireOwnClinician, requireOpenVisit],
    async ({ caller, row, req, reply }) => {
      const begun = await beginRecording(house, caller, row, readRecording(req.body));
      void reply.code(201).header('cache-control', 'no-store');
      return begun;
    },
  );
  on.onVisit(
    'POST',
    `${one}/stop`,
    { action: 'stop-recording', verb: 'E' },
    [requireOwnClinician],
    async ({ caller, row, req }) => stopRecording(house, caller, at(row, req)),
  );
  on.onVisit(
    'POST',
    `${one}/finish`,
    { action: 'finish-recording', verb: 'E' },
    [requireOwnClinician],
    async ({ caller, row, req }) => {
      const { chunks } = (req.body ?? {}) as { chunks?: unknown };
      if (!Number.isInteger(chunks)) throw new Refusal('invalid', { expression: ['chunks'] });
      return finishRecording(house, caller, row, recordingIn(req), Number(chunks));
    },
  );
  on.onVisit(
    'POST',
    `${one}/delete`,
    { action: 'delete-recording', verb: 'E' },
    [requireOwnClinician],
    async ({ caller, row, req }) => {
      const { made_by } = await find(house, row, recordingIn(req));
      if (made_by !== caller.id) throw new Refusal('not-found');
      await destroyRecording(house, caller, at(row, req));
      return recordingView(house, await find(house, row, recordingIn(req)));
    },
  );
}

function readerRoutes(on: Endpoints, house: House): void {
  const base = '/visits/:id/recordings';
  const one = `${base}/:recording`;
  on.onVisit('GET', base, { action: 'recordings', verb: 'R' }, [requireReader], async ({ row }) => {
    const all = await recordingsOf(house.db, row.tenant, row.rid);
    return Promise.all(all.map((recording) => recordingView(house, recording)));
  });
  on.onVisit(
    'GET',
    `${one}/key`,
    { action: 'recording-key', verb: 'R' },
    [requireReader],
    async ({ caller, row, req, reply }) => {
      void reply.header('cache-control', 'no-store');
      const found = await readable(house, row, recordingIn(req), caller.id);
      return { key: await openKey(house, found) };
    },
  );
  on.onVisit(
    'GET',
    `${one}/chunks/:n`,
    { action: 'recording-chunk', verb: 'R' },
    [requireReader],
    async ({ caller, row, req, reply }) => {
      const found = await readable(house, row, recordingIn(req), caller.id);
      const bytes = await chunkOf(house, found, numberIn(req));
      return sendBytes(reply, bytes, 'application/octet-stream');
    },
  );
  on.onVisit(
    'POST',
    `${one}/consent`,
    { action: 'recording-consent', verb: 'E' },
    [requireParticipant, requireOpenVisit],
    async ({ row, req, standing }) => {
      const person = standing === 'patient' ? row.patient : row.clinician;
      return consent(house, at(row, req), person, agreeIn(req));
    },
  );
}

/** Destroys what was kept long enough, and what nobody finished. @returns how many */
export async function sweepRecordings(
  house: Pick<House, 'db' | 'clock' | 'records' | 'objects'>,
): Promise<number> {
  const now = house.clock.now();
  const { rows } = await everyTenant(() =>
    house.db.query<{ tenant: number; visit: string; id: string }>({
      name: 'visits.old-recordings',
      text: `select tenant, visit, id from visits.recording
        where (keep_until is not null and keep_until < $1)
          or (state = 'stopped' and document is null and made < $2) limit 100`,
      values: [now, now - unfinishedMs],
    }),
  );
  for (const { tenant, visit, id } of rows)
    await within(tenant, () =>
      destroyRecording(house, systemCaller(tenant, house.clock, 'recording'), {
        tenant,
        visit,
        id,
      }),
    );
  return rows.length;
}

export function recordingPart(house: House): Part {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  return {
    async routes(on, app) {
      clinicianRoutes(on, house);
      readerRoutes(on, house);
      guestRoute(
        app,
        house,
        'POST',
        '/visit-guest/recordings/:recording/consent',
        { action: 'recording-consent', verb: 'E' },
        async ({ invite }, row, req) => {
          if (invite.state !== 'admitted') throw new Refusal('conflict');
          const { state } = await consent(house, at(row, req), invite.id, agreeIn(req));
          return { state };
        },
      );
      await rawBodies(app, house, chunkBytes, (raw) => {
        raw.onVisit(
          'PUT',
          '/visits/:id/recordings/:recording/chunks/:n',
          { action: 'recording-chunk', verb: 'C' },
          [requireOwnClinician],
          async ({ caller, row, req }) => takeChunk(house, caller, at(row, req), chunkIn(req)),
        );
      });
    },
    start() {
      timer = setInterval(() => {
        running = running
          .then(() => sweepRecordings(house))
          .catch((error: unknown) =>
            house.log.warn({ err: error }, 'old recordings were not destroyed'),
          );
      }, everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
