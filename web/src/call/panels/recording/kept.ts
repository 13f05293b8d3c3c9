/** What of a recording waits in this browser until the server has it: sealed, in IndexedDB, so that a crash or a reload loses nothing. */

export interface KeptRecording {
  id: string;
  visit: string;
  /** The server's clock less this browser's, ms: instants are told in the server's. */
  offset: number;
  /** Number of the next chunk. */
  next: number;
  /** No chunk will be added. */
  done: boolean;
}

export interface KeptChunk {
  recording: string;
  n: number;
  began: number;
  ended: number;
  bytes: ArrayBuffer;
}

/** A second of a recording, until enough of them are a chunk. */
export interface KeptSlice {
  at?: number;
  recording: string;
  began: number;
  ended: number;
  sealed: ArrayBuffer;
}

const name = 'afar-recordings';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('not kept')));
  });

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    const failed = (): void => reject(transaction.error ?? new Error('not kept'));
    transaction.addEventListener('abort', failed);
    transaction.addEventListener('error', failed);
  });

let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.addEventListener('upgradeneeded', () => {
      const db = request.result;
      db.createObjectStore('recordings', { keyPath: 'id' });
      db.createObjectStore('chunks', { keyPath: ['recording', 'n'] });
      db.createObjectStore('slices', { keyPath: 'at', autoIncrement: true }).createIndex(
        'recording',
        'recording',
      );
    });
    request.addEventListener('success', () => {
      const db = request.result;
      const forget = (): void => {
        opening = undefined;
      };
      // Somebody wipes this device: we do not stand in the way.
      db.addEventListener('versionchange', () => {
        db.close();
        forget();
      });
      db.addEventListener('close', forget);
      resolve(db);
    });
    request.addEventListener('error', () => {
      opening = undefined;
      reject(request.error ?? new Error('not opened'));
    });
  });
  return opening;
}

const ofRecording = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Infinity]);

/** Before the next step everything of this one is on the disk, not only in the memory of the system. */
const durable = { durability: 'strict' } as const;

export async function keepRecording(recording: KeptRecording): Promise<void> {
  const tx = (await database()).transaction('recordings', 'readwrite', durable);
  tx.objectStore('recordings').put(recording);
  await finished(tx);
}

export async function keptRecording(id: string): Promise<KeptRecording | undefined> {
  const tx = (await database()).transaction('recordings');
  return settled<KeptRecording | undefined>(tx.objectStore('recordings').get(id));
}

export async function keptOf(visit: string): Promise<KeptRecording[]> {
  const tx = (await database()).transaction('recordings');
  const all = await settled<KeptRecording[]>(tx.objectStore('recordings').getAll());
  return all.filter((one) => one.visit === visit);
}

export async function keepSlice(slice: KeptSlice): Promise<void> {
  const tx = (await database()).transaction('slices', 'readwrite');
  tx.objectStore('slices').add(slice);
  await finished(tx);
}

export async function slicesOf(recording: string): Promise<KeptSlice[]> {
  const tx = (await database()).transaction('slices');
  return settled<KeptSlice[]>(tx.objectStore('slices').index('recording').getAll(recording));
}

/** A chunk in place of its slices, and the count with it: all of it or nothing. */
export async function keepChunk(chunk: KeptChunk, after: KeptRecording): Promise<void> {
  const tx = (await database()).transaction(
    ['recordings', 'chunks', 'slices'],
    'readwrite',
    durable,
  );
  tx.objectStore('chunks').put(chunk);
  tx.objectStore('recordings').put(after);
  const slices = tx.objectStore('slices').index('recording').openKeyCursor(chunk.recording);
  slices.addEventListener('success', () => {
    const cursor = slices.result;
    if (!cursor) return;
    tx.objectStore('slices').delete(cursor.primaryKey);
    cursor.continue();
  });
  await finished(tx);
}

export async function firstChunk(recording: string): Promise<KeptChunk | undefined> {
  const tx = (await database()).transaction('chunks');
  const [first] = await settled<KeptChunk[]>(
    tx.objectStore('chunks').getAll(ofRecording(recording), 1),
  );
  return first;
}

export async function forgetChunk({ recording, n }: KeptChunk): Promise<void> {
  const tx = (await database()).transaction('chunks', 'readwrite');
  tx.objectStore('chunks').delete([recording, n]);
  await finished(tx);
}

/** One byte in place of what may not be kept: the chunks after it are sealed under their numbers. */
export async function leaveOut(chunk: KeptChunk): Promise<void> {
  const tx = (await database()).transaction('chunks', 'readwrite', durable);
  tx.objectStore('chunks').put({ ...chunk, bytes: new ArrayBuffer(1) });
  await finished(tx);
}

/** What `leaveOut` put there. */
export const isLeftOut = (bytes: Pick<ArrayBuffer, 'byteLength'>): boolean =>
  bytes.byteLength === 1;

/** Slices that may not become a chunk. */
export async function forgetSlices(recording: string): Promise<void> {
  const tx = (await database()).transaction('slices', 'readwrite');
  const keys = tx.objectStore('slices').index('recording').openKeyCursor(recording);
  keys.addEventListener('success', () => {
    const cursor = keys.result;
    if (!cursor) return;
    tx.objectStore('slices').delete(cursor.primaryKey);
    cursor.continue();
  });
  await finished(tx);
}

/** Everything of one recording. */
export async function forget(recording: string): Promise<void> {
  await forgetSlices(recording);
  const tx = (await database()).transaction(['recordings', 'chunks'], 'readwrite');
  tx.objectStore('recordings').delete(recording);
  tx.objectStore('chunks').delete(ofRecording(recording));
  await finished(tx);
}
