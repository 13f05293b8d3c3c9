/** Live captions: each browser recognises its own microphone on the device, and tells the others what it heard, sealed. */
import type { CallSession } from '../../call-session.ts';
import { asideTo } from '../../link-state.ts';
import { Desk, packed, unpacked } from '../desk.ts';
import { type Ability, abilityFor, installFor, recognise } from './engine.ts';

export interface Caption {
  id: string;
  /** Peer; '' is oneself. */
  from: string;
  text: string;
  final: boolean;
}

export interface CaptionState {
  /** One reads captions here. */
  reading: boolean;
  size: 1 | 2 | 3;
  lines: readonly Caption[];
  /** What one's own browser can do. */
  own: Ability;
  /** One's own words are recognised at this moment. */
  giving: boolean;
  /** She would rather not. */
  declined: boolean;
  /** What others' browsers can do, by peer. */
  others: ReadonlyMap<string, Ability>;
  /** Peers who read captions. */
  readers: readonly string[];
}

const mostLines = 60;
/** Longer than anybody says in one breath. */
const mostText = 600;
const abilities: readonly string[] = ['none', 'to-install', 'installing', 'ready'];
const sizeKey = 'afar.captionSize';

function keptSize(): CaptionState['size'] {
  try {
    const size = Number(localStorage.getItem(sizeKey));
    return size === 2 || size === 3 ? size : 1;
  } catch {
    return 1;
  }
}

export class CaptionDesk extends Desk<CaptionState> {
  readonly #session: CallSession;
  #stop: (() => void) | undefined;
  #track: MediaStreamTrack | undefined;
  #peers = '';
  /** Whom she speaks to: peers, or all. */
  #to = 'all';

  constructor(session: CallSession) {
    super({
      reading: false,
      size: keptSize(),
      lines: [],
      own: 'unknown',
      giving: false,
      declined: false,
      others: new Map(),
      readers: [],
    });
    this.#session = session;
  }

  start(): () => void {
    const { link } = this.#session;
    void abilityFor(this.#lang).then((own) => this.set({ own }));
    const ends = [
      link.onSealed('caption', (from, bytes) => this.#heard(from, bytes)),
      this.#session.subscribe(() => this.#looked()),
    ];
    return () => {
      for (const end of ends) end();
      this.#quiet();
    };
  }

  read(on: boolean): void {
    this.set({ reading: on });
    this.#say({ t: 'want', on });
    // One sees one's own words too: so one knows what the others read.
    this.#give();
  }

  sized(size: CaptionState['size']): void {
    this.set({ size });
    try {
      localStorage.setItem(sizeKey, String(size));
    } catch {
      // Without storage the choice lasts as long as the call.
    }
  }

  decline(declined: boolean): void {
    this.set({ declined });
    this.#give();
    this.#say({ t: 'can', state: declined ? 'none' : this.state.own });
  }

  async install(): Promise<void> {
    this.set({ own: 'installing' });
    this.set({ own: await installFor(this.#lang) });
    this.#say({ t: 'can', state: this.state.own });
    this.#give();
  }

  get #lang(): string {
    const page = document.documentElement.lang || 'en';
    // The region tells the engine which words to expect.
    return navigator.languages.find((one) => one.toLowerCase().startsWith(page)) ?? page;
  }

  #say(said: Record<string, unknown>, to = 'all'): void {
    const { own, people } = this.#session.link.state;
    // An observer says nothing, and nobody hears what is said to an empty room.
    if (!own || own.hidden || !people.some(({ seated }) => seated)) return;
    void this.#session.link.sendSealed('caption', packed(said), to);
  }

  /** Somebody came or went, a microphone was changed or muted. */
  #looked(): void {
    const { link, microphone } = this.#session.state;
    const here = link.people.filter(({ seated }) => seated).map(({ peer }) => peer);
    const peers = here.join();
    if (peers !== this.#peers && link.phase === 'live') {
      this.#peers = peers;
      this.set({
        readers: this.state.readers.filter((peer) => here.includes(peer)),
        others: new Map([...this.state.others].filter(([peer]) => here.includes(peer))),
      });
      if (this.state.reading) this.#say({ t: 'want', on: true });
      if (this.state.readers.length > 0) this.#give();
    }
    if (this.#to !== this.#hearers.join() || (this.#stop && microphone !== this.#track))
      this.#give();
  }

  /** Her words are read by whoever hears them, and by nobody else. */
  get #hearers(): readonly string[] {
    const { aside, link, microphoneOn } = this.#session.state;
    if (!microphoneOn) return [];
    return aside === 'on' ? asideTo(link).map(({ peer }) => peer) : ['all'];
  }

  #heard(from: string, bytes: Uint8Array): void {
    const said = unpacked(bytes);
    if (said?.['t'] === 'want') {
      const others = this.state.readers.filter((peer) => peer !== from);
      this.set({ readers: said['on'] === true ? [...others, from] : others });
      this.#give();
      if (said['on'] === true)
        this.#say({ t: 'can', state: this.state.declined ? 'none' : this.state.own }, from);
    } else if (said?.['t'] === 'can' && abilities.includes(String(said['state'])))
      this.set({ others: new Map(this.state.others).set(from, said['state'] as Ability) });
    else if (said?.['t'] === 'said' && this.state.reading) {
      const { id, text, final } = said;
      if (typeof id !== 'number' || typeof text !== 'string') return;
      this.#add({
        id: `${from} ${id}`,
        from,
        text: text.slice(0, mostText),
        final: final === true,
      });
    }
  }

  #add(line: Caption): void {
    const at = this.state.lines.findIndex(({ id }) => id === line.id);
    const lines = at < 0 ? [...this.state.lines, line] : this.state.lines.with(at, line);
    this.set({ lines: lines.slice(-mostLines) });
  }

  /** Recognises while somebody reads, and no longer; begins anew, and forgets what it has half heard, when she turns to others. */
  #give(): void {
    this.#quiet();
    const { own, declined, readers, reading } = this.state;
    const { microphone } = this.#session.state;
    const hearers = this.#hearers;
    this.#to = hearers.join();
    const read = hearers.filter((one) => (one === 'all' ? readers.length : readers.includes(one)));
    const wanted = reading ? hearers.length > 0 : read.length > 0;
    if (own !== 'ready' || declined || !microphone || !wanted) return;
    this.#track = microphone;
    const session = Date.now();
    this.#stop = recognise(
      this.#lang,
      microphone,
      ({ id, text, final }) => {
        const line = { id: session + id, text: text.slice(0, mostText), final };
        for (const to of read) this.#say({ t: 'said', ...line }, to);
        if (this.state.reading) this.#add({ ...line, id: ` ${line.id}`, from: '' });
      },
      () => {
        this.set({ own: 'none', giving: false });
        this.#say({ t: 'can', state: 'none' });
      },
    );
    this.set({ giving: true });
  }

  #quiet(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#track = undefined;
    if (this.state.giving) this.set({ giving: false });
  }
}
