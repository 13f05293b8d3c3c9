/** Brings to the server what is kept here of a recording, chunk after chunk in order; a chunk is forgotten only when it was acknowledged. */
import type { RecordingFinish, RecordingView } from '@afar/visits/contract';
import { api, asApiError } from '../../../kit/api.ts';
import {
  firstChunk,
  forget,
  forgetChunk,
  type KeptChunk,
  keptRecording,
  leaveOut,
} from './kept.ts';
import { hexHash } from './seal.ts';

/** Between tries while the line is down, ms. */
const pauses = [1_000, 2_000, 5_000, 10_000];
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const busy = new Map<string, { again: boolean; run: Promise<RecordingView | undefined> }>();

const addressOf = (visit: string, id: string): string => `/api/visits/${visit}/recordings/${id}`;

/** @returns the recording as it stands when nothing is left to send; undefined when it is gone or refused */
export function sendKept(id: string): Promise<RecordingView | undefined> {
  const before = busy.get(id);
  if (before) {
    before.again = true;
    return before.run;
  }
  const entry = { again: false, run: Promise.resolve<RecordingView | undefined>(undefined) };
  busy.set(id, entry);
  entry.run = (async () => {
    try {
      let view: RecordingView | undefined;
      do {
        entry.again = false;
        // One page of this browser at a time: a number that is left out by one must not be sent by another.
        view = await navigator.locks.request(`afar-recording-send-${id}`, () => round(id));
      } while (entry.again);
      return view;
    } finally {
      busy.delete(id);
    }
  })();
  return entry.run;
}

async function round(id: string): Promise<RecordingView | undefined> {
  let tries = 0;
  let view: RecordingView | undefined;
  for (;;) {
    let chunk: KeptChunk | undefined;
    try {
      chunk = await firstChunk(id);
      const kept = await keptRecording(id);
      if (!kept) return view;
      const address = addressOf(kept.visit, id);
      if (chunk) {
        view = await api.putBytes<RecordingView>(
          `${address}/chunks/${chunk.n}`,
          chunk.bytes,
          'application/octet-stream',
          {
            'x-afar-sha256': await hexHash(chunk.bytes),
            'x-afar-began': new Date(chunk.began).toISOString(),
            'x-afar-ended': new Date(chunk.ended).toISOString(),
          },
        );
        await forgetChunk(chunk);
        tries = 0;
        continue;
      }
      if (!kept.done) return view;
      return await conclude(address, id, kept.next);
    } catch (error) {
      const { passing, reason, status } = asApiError(error);
      if (reason === 'not-agreed' && chunk) {
        // Word of a no came too late for this one: it alone is lost.
        await leaveOut(chunk);
        continue;
      }
      // Signed out meanwhile: it waits here until she is back.
      if (status === 401 || (!passing && status !== 409 && status !== 404 && status !== 410))
        return undefined;
      if (!passing) return refused(id);
      await wait(pauses[Math.min(tries++, pauses.length - 1)]!);
    }
  }
}

async function conclude(
  address: string,
  id: string,
  chunks: number,
): Promise<RecordingView | undefined> {
  const { bytes } = await api.post<RecordingView>(`${address}/stop`);
  const body: RecordingFinish = { chunks };
  // Nothing was recorded, or all of it left out: nothing is put into the chart.
  const view =
    bytes > chunks
      ? await api.post<RecordingView>(`${address}/finish`, body)
      : await api.post<RecordingView>(`${address}/delete`);
  await forget(id);
  return view;
}

/** The server will not have the rest (another time than was agreed to, or deleted): what it has is finished, the rest destroyed. */
async function refused(id: string): Promise<undefined> {
  const kept = await keptRecording(id);
  if (kept) {
    const address = addressOf(kept.visit, id);
    const all = await api
      .get<RecordingView[]>(`/api/visits/${kept.visit}/recordings`)
      .catch(() => []);
    const view = all.find((one) => one.id === id);
    if (view && view.state !== 'finished' && view.state !== 'deleted')
      await conclude(address, id, view.next).catch(() => undefined);
    await forget(id);
  }
  return undefined;
}
