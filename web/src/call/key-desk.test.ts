/** Small sealed messages: none out of order, none lost for keys that are a moment late, none for the fault of another. */
import { afterEach, expect, it, vi } from 'vitest';
import type { EpochKeys } from './epoch-keys.ts';
import { keysOf } from './testing.ts';
import { KeyDesk } from './key-desk.ts';
import { mostBytes, SealedData } from './sealed-data.ts';

/** Of a machine that is busy with other tests. */
const patience = { timeout: 10_000 };

class NoWorker {
  postMessage = (): void => undefined;
  addEventListener = (): void => undefined;
}
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Said = { kind: string; body: string };
const visit = '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11';
/** What the desk of a says, and the desk: it holds the keys that `keys` has of it. */
function deskOfA(keys: Map<string, EpochKeys>): { desk: KeyDesk; said: Said[] } {
  vi.stubGlobal('Worker', NoWorker);
  const said: Said[] = [];
  const desk = new KeyDesk(visit, () => undefined, said.push.bind(said));
  desk.use('a', keys.get('a')!, []);
  return { desk, said };
}

it('is opened by the other end, all of it, though the first took longest to seal', async () => {
  const keys = await keysOf(visit, 1, ['a', 'b']);
  const { desk, said } = deskOfA(keys);
  const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
  let pause = 20;
  vi.spyOn(crypto.subtle, 'encrypt').mockImplementation(async (...given) => {
    await new Promise((done) => setTimeout(done, (pause -= 10)));
    return encrypt(...given);
  });
  const large = desk.send('file', new Uint8Array(mostBytes + 1), 'all');
  const sent = ['typing', 'line'].map((kind) => desk.send(kind, new Uint8Array([1]), 'all'));
  await expect(large).rejects.toThrow(RangeError);
  await Promise.all(sent);
  const other = new SealedData(visit, 'b');
  other.use(keys.get('b')!, 0);
  const opened: string[] = [];
  for (const { kind, body } of said) if (await other.open('a', kind, body, 0)) opened.push(kind);
  expect(opened).toEqual(['typing', 'line']);
});

it('is heard though a listener failed at the one before it, and the failure is told of', async () => {
  const keys = await keysOf(visit, 1, ['a', 'b']);
  const { desk } = deskOfA(keys);
  const failures: unknown[] = [];
  vi.stubGlobal('reportError', failures.push.bind(failures));
  const failure = new Error('no such line');
  const heard: number[] = [];
  desk.on('line', (_from, [first]) => {
    if (first === 1) throw failure;
    heard.push(first!);
  });
  const other = new SealedData(visit, 'b');
  other.use(keys.get('b')!, 0);
  for (const one of [1, 2])
    desk.receive('b', 'line', (await other.seal('line', new Uint8Array([one]), 'all'))!);
  await expect.poll(() => heard, patience).toEqual([2]);
  expect(failures).toEqual([failure]);
});

it('waits for keys that are still on their way, and keeps nobody else waiting', async () => {
  const [first, second] = [1, 2].map((epoch) => keysOf(visit, epoch, ['a', 'b', 'c']));
  const { desk } = deskOfA(await first!);
  const heard: string[] = [];
  for (const kind of ['line', 'stroke'])
    desk.on(kind, (from) => void heard.push(`${from} ${kind}`));
  const sealed = async (from: string, kind: string, keys: Map<string, EpochKeys>) => {
    const data = new SealedData(visit, from);
    data.use(keys.get(from)!, 0);
    desk.receive(from, kind, (await data.seal(kind, new Uint8Array([1]), 'all'))!);
  };
  await sealed('b', 'line', await second!);
  await sealed('c', 'stroke', await first!);
  await expect.poll(() => heard, patience).toEqual(['c stroke']);
  desk.use('a', (await second!).get('a')!, []);
  await expect.poll(() => heard, patience).toEqual(['c stroke', 'b line']);
});

it('is refused at once when it is too large, also before there are keys', async () => {
  vi.stubGlobal('Worker', NoWorker);
  const desk = new KeyDesk(
    visit,
    () => undefined,
    () => undefined,
  );
  await expect(desk.send('file', new Uint8Array(mostBytes + 1), 'all')).rejects.toThrow(RangeError);
});
