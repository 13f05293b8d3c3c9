/** A recording from its beginning to the chart: begun, agreed to, taken in chunk by chunk, finished, destroyed. */
import { randomBytes } from 'node:crypto';
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { DocumentReference } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { RecordingBegun, RecordingRequest, RecordingView } from '../contract.ts';
import { getFile, putFile, removeFile, sha256 } from '../files/sealed-file.ts';
import { iso, type House } from '../house.ts';
import { seatsOf } from '../room/seats.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import { endOf, missingOf, settle, standing, stop, tellRecording } from './consent.ts';
import {
  addConsent,
  addRecording,
  changeRecording,
  chunkAt,
  chunksOf,
  consentsOf,
  isRunning,
  keyContext,
  lockRecording,
  recordingsOf,
  type Recording,
} from './recordings.ts';

const types = ['video/webm', 'audio/webm', 'video/mp4', 'audio/mp4'];
/** Ten seconds of 2.5 Mbit/s are 3 MiB. */
export const chunkBytes = 8 * 1024 * 1024;
/** Three hours in chunks of five seconds. */
const mostChunks = 2_160;
const mostBytes = 4 * 1024 ** 3;
/** A call that breaks off again and again. */
const mostRecordings = 20;
const dayMs = 86_400_000;
/** A browser that crashed comes back; what nobody finished in a week is given up. */
export const unfinishedMs = 7 * dayMs;

/** @throws Refusal 'invalid' */
export function readRecording(body: unknown): RecordingRequest {
  const { id, type } = (body ?? {}) as Record<string, unknown>;
  refuseFaults([
    ...(isUuid(id) ? [] : [fault('id', 'a uuid')]),
    ...(types.includes(type as string) ? [] : [fault('type', types.join(', '))]),
  ]);
  return { id, type } as RecordingRequest;
}

export async function recordingView(house: House, recording: Recording): Promise<RecordingView> {
  const { tenant, visit, id, state, type, made, ended, document, keep_until } = recording;
  const { next, bytes } = await chunksOf(house.db, recording);
  const until = endOf(recording.spans);
  const missing = isRunning(state)
    ? missingOf(
        await seatsOf(house.db, tenant, visit),
        await consentsOf(house.db, recording),
        house.clock.now(),
      )
    : [];
  return {
    id,
    state,
    type,
    beganAt: iso(made),
    ...(ended !== null && { endedAt: iso(ended) }),
    next,
    bytes: Number(bytes),
    missing,
    ...(until !== undefined && { until }),
    ...(document && { document: `DocumentReference/${document}` }),
    ...(keep_until !== null && { keptUntil: iso(keep_until) }),
  };
}

export async function openKey(house: House, recording: Recording): Promise<string> {
  if (!recording.key) throw new Refusal('gone');
  const caller = systemCaller(recording.tenant, house.clock, 'recording');
  const { patient, id, key } = recording;
  return house.records.openFor(caller, patient, keyContext(id), key);
}

/** Begins, with the yes of the clinician whose browser records. @throws Refusal 'conflict' while another runs */
export async function beginRecording(
  house: House,
  caller: Caller,
  { tenant, rid: visit, patient, clinician }: VisitRow,
  ask: RecordingRequest,
): Promise<RecordingBegun> {
  const at = { tenant, visit };
  const now = house.clock.now();
  const system = systemCaller(tenant, house.clock, 'recording');
  const secret = randomBytes(32).toString('base64url');
  const key = await house.records.sealFor(system, patient, keyContext(ask.id), secret);
  const event = await house.db.tx(async (tx) => {
    await lockVisit(tx, tenant, visit);
    const made = { tenant, id: ask.id, visit, patient, made_by: caller.id, type: ask.type };
    const others = (await recordingsOf(tx, tenant, visit)).filter((one) => one.id !== ask.id);
    if (others.length >= mostRecordings)
      throw new Refusal('conflict', { diagnostics: `${mostRecordings} recordings of a visit` });
    if (!(await addRecording(tx, { ...made, made: now, key }))) {
      // The same again, or one runs already (recording_running).
      const before = await lockRecording(tx, { ...at, id: ask.id });
      if (!before || before.made_by !== caller.id)
        throw new Refusal('conflict', { diagnostics: 'a recording runs already' });
      return undefined;
    }
    const own = { tenant, id: ask.id };
    await addConsent(tx, own, { person: clinician, agreed: true, at: now });
    return settle(tx, house, at);
  });
  tellRecording(house, at, event);
  const recording = (await house.db.tx((tx) => lockRecording(tx, { ...at, id: ask.id })))!;
  return { recording: await recordingView(house, recording), key: await openKey(house, recording) };
}

/** Somebody's word, kept for good. @throws Refusal 'not-found', 'conflict' once it has ended */
export async function consent(
  house: House,
  at: { tenant: number; visit: string; id: string },
  person: string,
  agree: boolean,
): Promise<RecordingView> {
  const event = await house.db.tx(async (tx) => {
    const recording = await lockRecording(tx, at);
    if (!recording) throw new Refusal('not-found');
    if (!isRunning(recording.state)) throw new Refusal('conflict', { detail: recording.state });
    // The same word again is no other word: whoever repeats herself fills no table.
    if ((await consentsOf(tx, recording)).get(person) !== agree)
      await addConsent(tx, recording, { person, agreed: agree, at: house.clock.now() });
    return settle(tx, house, at);
  });
  tellRecording(house, at, event);
  return recordingView(house, (await house.db.tx((tx) => lockRecording(tx, at)))!);
}

/** Nothing more is recorded; what was is still to be sent and finished. Safe to repeat. */
export async function stopRecording(
  house: House,
  caller: Caller,
  at: { tenant: number; visit: string; id: string },
): Promise<RecordingView> {
  const stopped = await house.db.tx(async (tx) => {
    const recording = await own(tx, caller, at);
    return isRunning(recording.state) ? stop(tx, recording, house.clock.now()) : undefined;
  });
  tellRecording(house, at, stopped);
  return recordingView(house, (await house.db.tx((tx) => lockRecording(tx, at)))!);
}

/** @throws Refusal 'not-found' for one that another clinician made, or none */
async function own(
  sql: RecordTx['sql'],
  caller: Caller,
  at: { tenant: number; visit: string; id: string },
): Promise<Recording> {
  const recording = await lockRecording(sql, at);
  if (!recording || recording.made_by !== caller.id) throw new Refusal('not-found');
  return recording;
}

/** One byte in place of a chunk that may not be kept: what comes after it keeps its number, under which it is sealed. */
const leftOutBytes = 1;

/** Word of a no takes a second at most to a browser that is there, and clocks differ by another, ms. */
const wordTakes = 2_000;

/** All of it within one time in which everybody had agreed. */
const wasOn = (
  { spans }: Recording,
  { began, ended }: Pick<SentChunk, 'began' | 'ended'>,
): boolean =>
  spans.some(
    ({ from, until = Infinity }) =>
      began >= from && began < until && ended >= began && ended <= until + wordTakes,
  );

export interface SentChunk {
  n: number;
  hash: Buffer;
  /** From when to when it was filmed, ms since epoch. */
  began: number;
  ended: number;
  bytes: Buffer;
}

/**
 * Takes a chunk in: sealed by the browser, sealed again at rest, durable before the answer.
 * @throws Refusal 'conflict' for other bytes under a number that is there, for a gap; 'not-agreed' for a time without consent
 */
export async function takeChunk(
  house: House,
  caller: Caller,
  at: { tenant: number; visit: string; id: string },
  chunk: SentChunk,
): Promise<RecordingView> {
  const { n, bytes, began } = chunk;
  const hash = sha256(bytes);
  if (!hash.equals(chunk.hash))
    throw new Refusal('unprocessable', { diagnostics: 'the bytes are not those of x-afar-sha256' });
  const asked = await house.db.tx((tx) => wanted(tx, caller, at, { ...chunk, hash }));
  if (asked.there) return recordingView(house, asked.recording);
  const { tenant, patient, id } = asked.recording;
  const file = await putFile(house, { tenant, patient, id, of: 'recording', n }, bytes);
  const take = house.db.tx(async (tx) => {
    const again = await wanted(tx, caller, at, { ...chunk, hash });
    if (!again.there)
      await tx.query({
        name: 'visits.add-chunk',
        text: `insert into visits.recording_chunk (tenant, recording, n, hash, bytes, began, at, file_object, file_key)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        values: [
          tenant,
          id,
          n,
          hash,
          bytes.length,
          began,
          house.clock.now(),
          file.object,
          file.key,
        ],
      });
    return again;
  });
  const { recording, there } = await take.catch(async (error: unknown) => {
    // Another took its place, or the recording ended meanwhile: no row names these bytes, and nothing would ever remove them.
    await removeFile(house, tenant, file.object);
    throw error;
  });
  if (there) await removeFile(house, tenant, file.object);
  return recordingView(house, recording);
}

/** Whether a chunk is the next one, or there already; the recording is held. @throws Refusal 'conflict', 'not-agreed', 'too-large' */
async function wanted(
  tx: RecordTx['sql'],
  caller: Caller,
  at: { tenant: number; visit: string; id: string },
  { n, hash, began, ended, bytes }: SentChunk,
): Promise<{ recording: Recording; there: boolean }> {
  const recording = await own(tx, caller, at);
  const before = await chunkAt(tx, recording, n);
  if (before?.hash.equals(hash)) return { recording, there: true };
  const refuse = (diagnostics: string) => new Refusal('conflict', { diagnostics });
  if (before) throw refuse('other bytes came under this number');
  if (recording.state === 'finished' || recording.state === 'deleted')
    throw refuse('it is finished');
  const { next, bytes: total } = await chunksOf(tx, recording);
  if (n !== next) throw refuse(`the next one is ${next}`);
  // What is left out holds nothing, of whatever time.
  if (bytes.length !== leftOutBytes && !wasOn(recording, { began, ended }))
    throw new Refusal('not-agreed');
  if (n >= mostChunks || Number(total) + bytes.length > mostBytes) throw new Refusal('too-large');
  return { recording, there: false };
}

/** The sealed bytes of one chunk. @throws Refusal 'not-found', 'gone' */
export async function chunkOf(house: House, recording: Recording, n: number): Promise<Buffer> {
  const chunk = await chunkAt(house.db, recording, n);
  if (!chunk) throw new Refusal('not-found');
  const { tenant, patient, id } = recording;
  const kept = { object: chunk.file_object, key: chunk.file_key };
  return getFile(house, { tenant, patient, id, of: 'recording', n }, kept);
}

function documentOf(
  row: VisitRow,
  recording: Recording,
  clinician: string,
  bytes: number,
  now: number,
): DocumentReference {
  return {
    resourceType: 'DocumentReference',
    status: 'current',
    docStatus: 'final',
    type: { text: 'Recording of the visit' },
    subject: { reference: `Patient/${row.patient}` },
    date: iso(now),
    author: [{ reference: `Practitioner/${clinician}` }],
    description: 'Recorded with the consent of everybody present',
    content: [
      {
        attachment: {
          contentType: recording.type,
          url: `/api/visits/${row.rid}/recordings/${recording.id}`,
          size: bytes,
          creation: iso(recording.made),
          title: 'Recording of the visit',
        },
      },
    ],
    ...(row.encounter && { context: { encounter: [{ reference: `Encounter/${row.encounter}` }] } }),
  };
}

/** Into the chart. Safe to repeat. @throws Refusal 'conflict' while chunks are missing or while it runs, 'not-agreed' when nothing may be kept */
export async function finishRecording(
  house: House,
  caller: Caller,
  row: VisitRow,
  id: string,
  chunks: number,
): Promise<RecordingView> {
  const at = { tenant: row.tenant, visit: row.rid, id };
  const now = house.clock.now();
  await house.records.write(caller, async (tx) => {
    const recording = await own(tx.sql, caller, at);
    if (recording.state === 'finished') return;
    const { next, bytes } = await chunksOf(tx.sql, recording);
    if (recording.state !== 'stopped' || next !== chunks || chunks === 0)
      throw new Refusal('conflict', { diagnostics: `${next} chunks, ${recording.state}` });
    if (Number(bytes) <= next * leftOutBytes)
      throw new Refusal('not-agreed', { diagnostics: 'all of it was left out' });
    const document = documentOf(row, recording, row.clinician, Number(bytes), now);
    const { rid } = await tx.create<DocumentReference>(document);
    const keep_until = now + house.config.recordingDays * dayMs;
    await changeRecording(tx.sql, recording, { state: 'finished', document: rid, keep_until });
  });
  const done = (await house.db.tx((tx) => lockRecording(tx, at)))!;
  tellRecording(house, at, standing(done, 'finished', []));
  return recordingView(house, done);
}

/** Destroys the key first, then the bytes; the chart says that it was withdrawn. Safe to repeat. */
export async function destroyRecording(
  house: Pick<House, 'records' | 'objects'>,
  caller: Caller,
  at: { tenant: number; visit: string; id: string },
): Promise<void> {
  const { tenant } = at;
  const chunks = await house.records.write(caller, async (tx) => {
    const recording = await lockRecording(tx.sql, at);
    if (!recording) throw new Refusal('not-found');
    if (isRunning(recording.state)) throw new Refusal('conflict', { detail: recording.state });
    if (recording.document) {
      const { resource } = await tx.read<DocumentReference>(
        'DocumentReference',
        recording.document,
      );
      if (resource.status !== 'entered-in-error')
        await tx.update<DocumentReference>({ ...resource, status: 'entered-in-error' });
    }
    await changeRecording(tx.sql, recording, { state: 'deleted', key: null, keep_until: null });
    const { rows } = await tx.sql.query<{ file_object: string }>({
      name: 'visits.drop-chunks',
      text: 'delete from visits.recording_chunk where tenant = $1 and recording = $2 returning file_object',
      values: [tenant, at.id],
    });
    return rows;
  });
  for (const { file_object } of chunks) await removeFile(house, tenant, file_object);
}
