/** Worker between codec and network: seals what leaves, opens what comes, drops everything without a key. */
import {
  clearBytes,
  Counter,
  openFrame,
  ReplayWindow,
  sealFrame,
  streams,
} from './frame-cipher.ts';
import type { StreamName } from './frame-cipher.ts';
import type { FrameCounts, KeysMessage, TransformOptions } from './frame-messages.ts';

declare const self: DedicatedWorkerGlobalScope;

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;

/** Everything that lives as long as one pair of keys. Numbers never start again under the same key. */
interface Epoch {
  send: CryptoKey;
  receive: CryptoKey;
  counters: Record<StreamName, Counter>;
  windows: Record<StreamName, ReplayWindow>;
}

let epoch: Epoch | undefined;
const zero = () => ({ received: 0, opened: 0, refused: 0, sealed: 0 });
const counts: FrameCounts = { audio: zero(), video: zero() };
let told = '';

self.addEventListener('message', ({ data }: MessageEvent<KeysMessage>) => {
  epoch = data.keys
    ? {
        ...data.keys,
        counters: { audio: new Counter(), video: new Counter() },
        windows: { audio: new ReplayWindow(), video: new ReplayWindow() },
      }
    : undefined;
});

const clearOf = (frame: Frame): number =>
  'type' in frame && (frame.type === 'key' || frame.type === 'delta')
    ? clearBytes[frame.type]
    : clearBytes.audio;

async function seal(
  frame: Frame,
  stream: StreamName,
  out: TransformStreamDefaultController<Frame>,
): Promise<void> {
  const now = epoch;
  if (!now) return; // no frame is sent before the keys are there [signalling.md K8]
  const sealed = await sealFrame(
    new Uint8Array(frame.data),
    clearOf(frame),
    streams[stream],
    now.counters[stream].take(),
    now.send,
  );
  if (now !== epoch) return;
  frame.data = sealed.buffer;
  counts[stream].sealed += 1;
  out.enqueue(frame);
}

async function open(
  frame: Frame,
  stream: StreamName,
  out: TransformStreamDefaultController<Frame>,
): Promise<void> {
  counts[stream].received += 1;
  const now = epoch;
  if (!now) return;
  const opened = await openFrame(
    new Uint8Array(frame.data),
    streams[stream],
    now.windows[stream],
    now.receive,
  );
  if (typeof opened === 'string') {
    counts[stream].refused += 1;
    return;
  }
  frame.data = opened.buffer;
  counts[stream].opened += 1;
  out.enqueue(frame);
}

self.addEventListener('rtctransform', (event) => {
  const { transformer } = event;
  const { direction, stream } = transformer.options as TransformOptions;
  const step = direction === 'send' ? seal : open;
  transformer.readable
    .pipeThrough(
      new TransformStream<Frame, Frame>({ transform: (frame, out) => step(frame, stream, out) }),
    )
    .pipeTo(transformer.writable)
    .catch(() => undefined); // the connection is gone: nothing left to carry
});

setInterval(() => {
  const now = JSON.stringify(counts);
  if (now === told) return;
  told = now;
  self.postMessage(counts);
}, 250);
