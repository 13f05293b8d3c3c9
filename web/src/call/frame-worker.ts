/** Worker between codec and network: seals what leaves, opens what comes, drops everything without a key. */
import { clearBytes } from './frame-cipher.ts';
import type { StreamName } from './frame-cipher.ts';
import { PeerKeys, SendKey } from './frame-keys.ts';
import {
  type FrameCounts,
  noCounts,
  type PageMessage,
  type TransformOptions,
} from './frame-messages.ts';

declare const self: DedicatedWorkerGlobalScope;

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
type Out = TransformStreamDefaultController<Frame>;

interface Source {
  peer: string;
  stream: StreamName;
}

/** Frames under a key that is on its way wait for it: a second of pictures, lest the first whole one be lost. */
const mostParked = 40;
const parkedFor = 1_000;

let sending: SendKey | undefined;
let direct: string | undefined;
const peers = new Map<string, PeerKeys>();
const lines = new Map<string, Source>();
const parked: { source: Source; since: number; again: () => Promise<void> }[] = [];
const counts: FrameCounts = { sealed: { audio: 0, video: 0, screen: 0, whisper: 0 }, peers: {} };
let told = '';

const keysOf = (peer: string): PeerKeys => {
  let keys = peers.get(peer);
  if (!keys) peers.set(peer, (keys = new PeerKeys()));
  return keys;
};

function forget(keep: (peer: string) => boolean): void {
  for (const peer of peers.keys()) if (!keep(peer)) peers.delete(peer);
  for (const peer of Object.keys(counts.peers)) if (!keep(peer)) delete counts.peers[peer];
}

const deeds: { [T in PageMessage['type']]: (message: Extract<PageMessage, { type: T }>) => void } =
  {
    'send-key': ({ epoch, key }) => (sending = new SendKey(epoch, key)),
    'peer-key': ({ peer, epoch, key }) => {
      keysOf(peer).add(epoch, key, performance.now());
      const waiting = parked.filter(({ source }) => source.peer === peer);
      for (const one of waiting) parked.splice(parked.indexOf(one), 1);
      void waiting.reduce((before, { again }) => before.then(again), Promise.resolve());
    },
    members: (message) => forget((peer) => message.peers.includes(peer)),
    direct: ({ peer }) => (direct = peer),
    line: ({ line, to }) => (to ? lines.set(line, to) : lines.delete(line)),
    clear: () => {
      sending = undefined;
      parked.length = 0;
      forget(() => false);
    },
  };

self.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  (deeds[data.type] as (message: PageMessage) => void)(data);
});

const clearOf = (frame: Frame): number =>
  'type' in frame && (frame.type === 'key' || frame.type === 'delta')
    ? clearBytes[frame.type]
    : clearBytes.audio;

async function seal(frame: Frame, stream: StreamName, out: Out): Promise<void> {
  const now = sending;
  if (!now) return; // no frame is sent before the keys are there [signalling.md K10]
  const sealed = await now.seal(new Uint8Array(frame.data), stream, clearOf(frame));
  // Nothing more is sent once the keys are gone. A frame under the former epoch's still opens.
  if (!sending) return;
  frame.data = sealed.buffer;
  counts.sealed[stream] += 1;
  out.enqueue(frame);
}

async function open(frame: Frame, source: Source, out: Out, again = false): Promise<void> {
  const count = (counts.peers[source.peer] ??= noCounts())[source.stream];
  if (!again) count.received += 1;
  const keys = peers.get(source.peer);
  const bytes = new Uint8Array(frame.data);
  const opened = (await keys?.open(bytes, source.stream, performance.now())) ?? 'no-key';
  if (typeof opened !== 'string') {
    frame.data = opened.buffer;
    count.opened += 1;
    out.enqueue(frame);
  } else if (opened === 'no-key' && !again && parked.length < mostParked)
    parked.push({
      source,
      since: performance.now(),
      again: () => open(frame, source, out, true).catch(() => undefined), // its line is gone
    });
  else count.refused += 1;
}

function sourceOf(
  options: Extract<TransformOptions, { direction: 'receive' }>,
): Source | undefined {
  if ('line' in options) return lines.get(options.line);
  return direct === undefined ? undefined : { peer: direct, stream: options.stream };
}

self.addEventListener('rtctransform', (event) => {
  const { transformer } = event;
  const options = transformer.options as TransformOptions;
  const transform = async (frame: Frame, out: Out): Promise<void> => {
    if (options.direction === 'send') return seal(frame, options.stream, out);
    const source = sourceOf(options);
    if (source) await open(frame, source, out);
  };
  transformer.readable
    .pipeThrough(new TransformStream<Frame, Frame>({ transform }))
    .pipeTo(transformer.writable)
    .catch(() => undefined); // the connection is gone: nothing left to carry
});

setInterval(() => {
  const since = performance.now() - parkedFor;
  while (parked[0] && parked[0].since < since) {
    const [{ source }] = parked.splice(0, 1) as [(typeof parked)[0]];
    const count = counts.peers[source.peer]?.[source.stream];
    if (count) count.refused += 1;
  }
  const now = JSON.stringify(counts);
  if (now === told) return;
  told = now;
  self.postMessage(counts);
}, 250);
