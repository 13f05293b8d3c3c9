/** What an earlier page left of a recording, a crashed one too: taken up by one page at a time, made whole, sent, finished. */
import type { RecordingView } from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import { keepRecording, keptOf, type KeptRecording } from './kept.ts';
import { importKey } from './seal.ts';
import { sendKept } from './send-kept.ts';
import { makeLeftChunk } from './slicer.ts';

export const isRunning = ({ state }: Pick<RecordingView, 'state'>): boolean =>
  state === 'asking' || state === 'on' || state === 'paused';

/** Holds a recording for this page until the returned function is called; undefined: another page has it. */
export function hold(id: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    void navigator.locks.request(`afar-recording-${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(undefined);
      return new Promise<void>((release) => resolve(() => release()));
    });
  });
}

export const recordingsOf = (visit: string): Promise<RecordingView[]> =>
  api.get<RecordingView[]>(`/api/visits/${visit}/recordings`);

export async function keyOf(visit: string, id: string): Promise<CryptoKey> {
  const { key } = await api.get<{ key: string }>(`/api/visits/${visit}/recordings/${id}/key`);
  return importKey(key);
}

/** Made whole: slices that waited for their chunk are one now. */
export async function takenUp(
  kept: KeptRecording,
  view: Pick<RecordingView, 'until'> | undefined,
): Promise<{ key: CryptoKey; kept: KeptRecording }> {
  const key = await keyOf(kept.visit, kept.id);
  const until = view?.until === undefined ? undefined : Date.parse(view.until);
  return { key, kept: await makeLeftChunk(key, kept, until) };
}

/** Sends what is left of one that does not run any more, and finishes it; of one that runs what there is. */
async function bring(kept: KeptRecording, view: RecordingView | undefined): Promise<void> {
  const release = await hold(kept.id);
  if (!release) return;
  try {
    const runs = view !== undefined && isRunning(view);
    const readable = view !== undefined && view.state !== 'deleted';
    const whole = readable && !kept.done ? (await takenUp(kept, view)).kept : kept;
    if (!runs && !whole.done) await keepRecording({ ...whole, done: true });
    await sendKept(kept.id);
  } finally {
    release();
  }
}

/** @returns how many recordings of this visit still wait here */
export async function bringLeft(visit: string): Promise<number> {
  const left = await keptOf(visit);
  if (left.length === 0) return 0;
  const views = await recordingsOf(visit);
  for (const kept of left)
    await bring(
      kept,
      views.find(({ id }) => id === kept.id),
    );
  return (await keptOf(visit)).length;
}
