/** Rows of recordings: state, consents as they were given, chunks in order. */
import type { Queryable } from '@afar/platform';
import type { RecordingState } from '../messages.ts';

export interface Span {
  from: number;
  until?: number;
}

export interface Recording {
  tenant: number;
  id: string;
  visit: string;
  patient: string;
  /** Account of the clinician whose browser records. */
  made_by: string;
  state: RecordingState | 'deleted';
  type: string;
  made: number;
  ended: number | null;
  spans: Span[];
  /** The content key, sealed under the patient's. */
  key: Buffer | null;
  document: string | null;
  keep_until: number | null;
}

const columns =
  'tenant, id, visit, patient, made_by, state, type, made, ended, spans, key, document, keep_until';

export const keyContext = (id: string): string => `visits.recording ${id}`;
export const isRunning = (state: Recording['state']): boolean =>
  state === 'asking' || state === 'on' || state === 'paused';

export async function recordingsOf(
  sql: Queryable,
  tenant: number,
  visit: string,
): Promise<Recording[]> {
  const { rows } = await sql.query<Recording>({
    name: 'visits.recordings',
    text: `select ${columns} from visits.recording where tenant = $1 and visit = $2 order by made, id`,
    values: [tenant, visit],
  });
  return rows;
}

/** Held until the transaction ends: chunks and consents of one recording take turns. */
export async function lockRecording(
  sql: Queryable,
  at: { tenant: number; visit: string; id: string },
): Promise<Recording | undefined> {
  const { rows } = await sql.query<Recording>({
    name: 'visits.lock-recording',
    text: `select ${columns} from visits.recording where tenant = $1 and visit = $2 and id = $3 for update`,
    values: [at.tenant, at.visit, at.id],
  });
  return rows[0];
}

export async function lockRunning(
  sql: Queryable,
  { tenant, visit }: { tenant: number; visit: string },
): Promise<Recording | undefined> {
  const { rows } = await sql.query<Recording>({
    name: 'visits.lock-running',
    text: `select ${columns} from visits.recording where tenant = $1 and visit = $2
      and state in ('asking', 'on', 'paused') for update`,
    values: [tenant, visit],
  });
  return rows[0];
}

export async function addRecording(
  sql: Queryable,
  made: Pick<Recording, 'tenant' | 'id' | 'visit' | 'patient' | 'made_by' | 'type' | 'made'> & {
    key: Buffer;
  },
): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'visits.add-recording',
    text: `insert into visits.recording (tenant, id, visit, patient, made_by, state, type, made, key)
      values ($1, $2, $3, $4, $5, 'asking', $6, $7, $8) on conflict do nothing`,
    values: [
      made.tenant,
      made.id,
      made.visit,
      made.patient,
      made.made_by,
      made.type,
      made.made,
      made.key,
    ],
  });
  return rowCount === 1;
}

type RecordingChange = Partial<
  Pick<Recording, 'state' | 'ended' | 'spans' | 'key' | 'document' | 'keep_until'>
>;

export async function changeRecording(
  sql: Queryable,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
  change: RecordingChange,
): Promise<void> {
  const names = Object.keys(change) as (keyof RecordingChange)[];
  const sets = names.map((name, at) => `${name} = $${at + 3}`).join(', ');
  const values = names.map((name) =>
    name === 'spans' ? JSON.stringify(change.spans) : change[name],
  );
  await sql.query({
    text: `update visits.recording set ${sets} where tenant = $1 and id = $2`,
    values: [tenant, id, ...values],
  });
}

export async function addConsent(
  sql: Queryable,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
  said: { person: string; agreed: boolean; at: number },
): Promise<void> {
  await sql.query({
    name: 'visits.add-recording-consent',
    text: 'insert into visits.recording_consent (tenant, recording, person, agreed, at) values ($1, $2, $3, $4, $5)',
    values: [tenant, id, said.person, said.agreed, said.at],
  });
}

/** The last word of everybody who was asked. */
export async function consentsOf(
  sql: Queryable,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
): Promise<Map<string, boolean>> {
  const { rows } = await sql.query<{ person: string; agreed: boolean }>({
    name: 'visits.recording-consents',
    text: `select distinct on (person) person, agreed from visits.recording_consent
      where tenant = $1 and recording = $2 order by person, n desc`,
    values: [tenant, id],
  });
  return new Map(rows.map((row) => [row.person, row.agreed]));
}

export interface Chunk {
  n: number;
  hash: Buffer;
  bytes: number;
  file_object: string;
  file_key: Buffer;
}

export async function chunksOf(
  sql: Queryable,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
): Promise<{ next: number; bytes: number }> {
  const { rows } = await sql.query<{ next: number; bytes: number }>({
    name: 'visits.recording-chunks',
    text: `select count(*)::int as next, coalesce(sum(bytes), 0)::bigint as bytes
      from visits.recording_chunk where tenant = $1 and recording = $2`,
    values: [tenant, id],
  });
  return rows[0]!;
}

export async function chunkAt(
  sql: Queryable,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
  n: number,
): Promise<Chunk | undefined> {
  const { rows } = await sql.query<Chunk>({
    name: 'visits.recording-chunk',
    text: 'select n, hash, bytes, file_object, file_key from visits.recording_chunk where tenant = $1 and recording = $2 and n = $3',
    values: [tenant, id, n],
  });
  return rows[0];
}
