/** Captions are read by whoever hears the voice: what is said aside to one is not read by the others. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CallSession } from '../../call-session.ts';
import { packed, unpacked } from '../desk.ts';
import { CaptionDesk } from './caption-desk.ts';

/** An engine on the device that hears what the test says. */
class Engine extends EventTarget {
  static running: Engine[] = [];
  static available = (): Promise<string> => Promise.resolve('available');
  lang = '';
  continuous = false;
  interimResults = false;
  get processLocally(): boolean {
    return true;
  }
  set processLocally(_on: boolean) {}
  start(): void {
    Engine.running.push(this);
  }
  abort(): void {
    Engine.running = Engine.running.filter((one) => one !== this);
  }
  hears(transcript: string): void {
    const results = [{ isFinal: true, 0: { transcript } }];
    this.dispatchEvent(Object.assign(new Event('result'), { results, resultIndex: 0 }));
  }
}

const person = (peer: string) => ({ peer, seated: true });
const said: { to: string; text: unknown }[] = [];
let listeners: (() => void)[];
let heard: (from: string, bytes: Uint8Array) => void;
let state: Record<string, unknown>;

function turn(change: Record<string, unknown>): void {
  Object.assign(state, change);
  for (const listener of listeners) listener();
}

beforeEach(async () => {
  vi.stubGlobal('SpeechRecognition', Engine);
  vi.stubGlobal('document', { documentElement: { lang: 'en' } });
  said.length = 0;
  listeners = [];
  Engine.running = [];
  const link = {
    phase: 'live',
    engine: 'sfu',
    own: { peer: 'me', hidden: false, whispersTo: ['doctor'] },
    people: [person('patient'), person('doctor')],
  };
  state = { link, aside: 'off', microphone: {}, microphoneOn: true };
  const session = {
    state,
    link: {
      state: link,
      onSealed: (_kind: string, listener: typeof heard) => {
        heard = listener;
        return () => undefined;
      },
      sendSealed: (_kind: string, bytes: Uint8Array, to: string) => {
        const one = unpacked(bytes);
        if (one?.['t'] === 'said') said.push({ to, text: one['text'] });
        return Promise.resolve();
      },
    },
    subscribe: (listener: () => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const desk = new CaptionDesk(session as unknown as CallSession);
  desk.start();
  await vi.waitUntil(() => desk.state.own === 'ready', 10_000);
});
afterEach(() => vi.unstubAllGlobals());

it('what is said aside is told to its hearer alone, and only while she reads', () => {
  heard('patient', packed({ t: 'want', on: true }));
  Engine.running[0]!.hears('good morning');
  const before = Engine.running[0]!;
  turn({ aside: 'on' });
  expect(Engine.running).toEqual([]);
  // What the engine was still thinking of when she turned.
  before.hears('half a word');
  heard('doctor', packed({ t: 'want', on: true }));
  Engine.running[0]!.hears('ask about the pills');
  turn({ aside: 'lost', microphoneOn: false });
  expect(Engine.running).toEqual([]);
  turn({ aside: 'off', microphoneOn: true });
  Engine.running[0]!.hears('thank you');
  expect(said).toEqual([
    { to: 'all', text: 'good morning' },
    { to: 'doctor', text: 'ask about the pills' },
    { to: 'all', text: 'thank you' },
  ]);
});
