/** Whether a recording may run: only while everybody seated has agreed, whoever sits down later too. */
import type { Queryable } from '@afar/platform';
import { iso, tell, type House } from '../house.ts';
import type { RecordingState, RoomEvent } from '../messages.ts';
import { seatsOf, type Seat } from '../room/seats.ts';
import {
  changeRecording,
  consentsOf,
  isRunning,
  lockRunning,
  recordingsOf,
  type Recording,
} from './recordings.ts';

interface At {
  tenant: number;
  visit: string;
}

/** As the room is told. */
export type Standing = Omit<Extract<RoomEvent, { type: 'recording' }>, 'type'>;

/** What is told of a recording in this state; nobody is missing from what does not run. */
export function standing(
  { id, spans }: Pick<Recording, 'id' | 'spans'>,
  state: RecordingState,
  missing: string[],
): Standing {
  const until = endOf(spans);
  return {
    recording: id,
    state,
    missing: isRunning(state) ? missing : [],
    ...(until !== undefined && { until }),
  };
}

/** Peers of those who are seated and have not said yes. */
export function missingOf(
  seats: readonly Seat[],
  consents: ReadonlyMap<string, boolean>,
  now: number,
): string[] {
  return seats
    .filter((one) => one.seated && one.lease_until > now && consents.get(one.person) !== true)
    .map((one) => one.peer);
}

/** What follows from who sits there and what each said. A no ends it; a newcomer who was not asked yet pauses it. */
export function stateAfter(
  recording: Pick<Recording, 'spans'>,
  missing: readonly string[],
  refused: boolean,
): RecordingState {
  if (refused) return 'stopped';
  if (!missing.length) return 'on';
  return recording.spans.length ? 'paused' : 'asking';
}

/** Spans with `on` begun or ended at this instant. */
export function spansAfter(
  spans: Recording['spans'],
  state: RecordingState,
  now: number,
): Recording['spans'] {
  const last = spans.at(-1);
  const open = last && last.until === undefined;
  if (state === 'on') return open ? spans : [...spans, { from: now }];
  return open ? [...spans.slice(0, -1), { ...last, until: now }] : spans;
}

/** Looks anew at the recording that runs, in the transaction that changed a seat or a consent. @returns what to tell the room */
export async function settle(tx: Queryable, house: House, at: At): Promise<Standing | undefined> {
  const running = await lockRunning(tx, at);
  if (!running) return undefined;
  const now = house.clock.now();
  const consents = await consentsOf(tx, running);
  const missing = missingOf(await seatsOf(tx, at.tenant, at.visit), consents, now);
  const refused = [...consents.values()].includes(false);
  const state = stateAfter(running, missing, refused);
  const spans = spansAfter(running.spans, state, now);
  await changeRecording(tx, running, { state, spans, ...(refused && { ended: now }) });
  return standing({ id: running.id, spans }, state, missing);
}

/** When not everybody agreed any more; undefined while everybody does, and before everybody did. */
export function endOf(spans: Recording['spans']): string | undefined {
  const until = spans.at(-1)?.until;
  return until === undefined ? undefined : iso(until);
}

/** Where the visit's newest recording stands now, for somebody who may not have been told; `ended`: when it did, ms since epoch. */
export async function standingOf(
  sql: Queryable,
  house: House,
  { tenant, visit }: At,
): Promise<(Standing & { ended?: number }) | undefined> {
  const newest = (await recordingsOf(sql, tenant, visit)).at(-1);
  if (!newest) return undefined;
  const state = newest.state === 'deleted' ? 'stopped' : newest.state;
  if (!isRunning(state))
    return { ...standing(newest, state, []), ended: newest.ended ?? newest.made };
  const seats = await seatsOf(sql, tenant, visit);
  const missing = missingOf(seats, await consentsOf(sql, newest), house.clock.now());
  return standing(newest, state, missing);
}

/** Tells everybody seated where the recording stands. */
export function tellRecording(
  house: House,
  { tenant, visit }: At,
  event: Standing | undefined,
): void {
  if (event) tell(house, 'happened', { tenant, visit, event: { type: 'recording', ...event } });
}

/** Nothing is recorded any more. @returns what to tell the room */
export async function stop(tx: Queryable, running: Recording, now: number): Promise<Standing> {
  const spans = spansAfter(running.spans, 'stopped', now);
  await changeRecording(tx, running, { state: 'stopped', spans, ended: now });
  return standing({ id: running.id, spans }, 'stopped', []);
}

/** The visit is over, or its room is empty. */
export async function stopRunning(tx: Queryable, at: At, now: number): Promise<void> {
  const running = await lockRunning(tx, at);
  if (running) await stop(tx, running, now);
}
