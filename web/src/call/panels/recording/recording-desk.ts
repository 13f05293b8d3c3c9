/** The recording of a visit in one browser: whether one runs, whose yes is missing, and in the clinician's the recording itself. */
import type {
  RecordingBegun,
  RecordingConsent,
  RecordingRequest,
  RecordingState,
  RecordingView,
} from '@afar/visits/contract';
import { api } from '../../../kit/api.ts';
import type { CallSession } from '../../call-session.ts';
import { Desk, type SeatKind } from '../desk.ts';
import { Film } from './film.ts';
import { keepRecording, keptOf, type KeptRecording } from './kept.ts';
import { hold, isRunning, keyOf, recordingsOf, takenUp } from './left.ts';
import { importKey } from './seal.ts';
import { sendKept } from './send-kept.ts';
import { filmType, plainType, Slicer } from './slicer.ts';

export interface Running {
  id: string;
  state: RecordingState;
  /** Peers whose yes is missing. */
  missing: readonly string[];
  /** Since when not everybody agrees any more. */
  until?: string;
}

export interface RecordingDeskState {
  /** The one that runs, or has just ended. */
  running?: Running;
  /** It is this browser that records. */
  here: boolean;
  /** The browser lets no sound through until the page is touched. */
  muffled: boolean;
  /** After the stop: on the way to the chart, there, or not. */
  sent?: 'sending' | 'kept' | 'nothing' | 'failed';
  fault?: 'unsupported' | 'disk' | 'refused' | 'line';
}

interface Here {
  key: CryptoKey;
  kept: KeptRecording;
  type: string;
  film: Film;
  slicer?: Slicer;
  release: () => void;
}

export interface RecordingPlace {
  visitId: string;
  role: SeatKind;
  base: string;
}

export class RecordingDesk extends Desk<RecordingDeskState> {
  readonly #session: CallSession;
  readonly #place: RecordingPlace;
  #here: Here | undefined;
  #names: (peer: string) => string = () => '';
  #own = '';
  /** The next word is of the newest recording, whichever that is: what came before it may have been missed. */
  #missed = false;
  /** Begins and ends of films take turns. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(session: CallSession, place: RecordingPlace) {
    super({ here: false, muffled: false });
    this.#session = session;
    this.#place = place;
  }

  start(): () => void {
    this.#closed = false;
    const { link } = this.#session;
    let phase = link.state.phase;
    const ends = [
      link.onRoom((event) => {
        if (event.type === 'missed') {
          this.#missed = true;
          // What was filmed meanwhile may not be taken in: a new film begins, which can be shown without it.
          if (this.#here?.slicer) {
            this.#pause(undefined);
            this.#record();
          }
          void this.look();
        }
        if (event.type !== 'recording') return;
        const { type: _type, recording: id, ...stands } = event;
        this.#stands({ id, ...stands }, this.#missed);
        this.#missed = false;
      }),
      this.#session.subscribe(() => {
        const now = this.#session.state.link.phase;
        if (now !== phase && now !== 'joining' && now !== 'over') void this.look();
        phase = now;
        this.#here?.film.show(this.#session.state, this.#names, this.#own);
      }),
    ];
    return () => {
      this.#closed = true;
      for (const end of ends) end();
      void this.#leave();
    };
  }

  /** What people are called in the picture. */
  called(names: (peer: string) => string, own: string): void {
    this.#names = names;
    this.#own = own;
  }

  /** Asks where it stands, and goes on with what an earlier page of this browser began. A guest is told by events alone. */
  async look(): Promise<void> {
    if (this.#place.role === 'guest') return;
    const { running: shown } = this.state;
    const all = await recordingsOf(this.#place.visitId).catch(() => undefined);
    if (!all || this.#closed) return;
    // An event came meanwhile: it is newer than this answer.
    if (this.state.running !== shown) return this.look();
    const running = all.find(isRunning);
    if (running) this.#stands(viewed(running));
    // It ended while nobody could tell this page.
    else if (shown && isRunning(shown)) {
      const ended = all.find(({ id }) => id === shown.id);
      this.#stands(ended ? viewed(ended) : { id: shown.id, state: 'stopped', missing: [] });
    }
    if (this.#place.role === 'clinician' && !this.#here) await this.#resume(running, all);
  }

  /** On a press: the browser gives sound only then. */
  async begin(): Promise<void> {
    const type = filmType();
    if (!type) return this.set({ fault: 'unsupported' });
    const film = new Film(() => this.#record());
    const { visitId: visit } = this.#place;
    this.set({ fault: undefined, sent: undefined });
    try {
      const ask: RecordingRequest = { id: crypto.randomUUID(), type: plainType(type) };
      const asked = Date.now();
      const begun = await api.post<RecordingBegun>(`/api/visits/${visit}/recordings`, ask);
      // At most as much too late as the way there took; never too early, for that would be a time without everybody's yes.
      const offset = Date.parse(begun.recording.beganAt) - asked;
      const kept = { id: ask.id, visit, offset, next: 0, done: false };
      const release = (await hold(ask.id)) ?? (() => undefined);
      await keepRecording(kept).catch((error: unknown) => {
        release();
        void api.post(`/api/visits/${visit}/recordings/${ask.id}/stop`);
        throw error instanceof DOMException ? new NoDisk() : error;
      });
      this.#have({ key: await importKey(begun.key), kept, type, film, release });
      this.#stands(viewed(begun.recording));
    } catch (error) {
      film.close();
      const refused = (error as { status?: number }).status === 409;
      this.set({ fault: error instanceof NoDisk ? 'disk' : refused ? 'refused' : 'line' });
    }
  }

  /** Her own yes or no; a no ends the recording for good. */
  async answer(agree: boolean): Promise<void> {
    const { running } = this.state;
    if (!running) return;
    const body: RecordingConsent = { agree };
    const said = await api.post<Pick<RecordingView, 'state'> & Partial<RecordingView>>(
      `${this.#place.base}/recordings/${running.id}/consent`,
      body,
    );
    const own = this.#session.link.state.own?.peer;
    const state = said.state === 'deleted' ? 'stopped' : said.state;
    this.#stands({
      id: running.id,
      state,
      missing: said.missing ?? running.missing.filter((peer) => peer !== own),
      ...(said.until !== undefined && { until: said.until }),
    });
  }

  /** The clinician ends it, here or where another browser of hers began it. */
  async stop(): Promise<void> {
    const { running } = this.state;
    if (!running) return;
    const address = `/api/visits/${this.#place.visitId}/recordings/${running.id}`;
    const told = api.post<RecordingView>(`${address}/stop`);
    // Everybody's sign goes out at once, not when the rest is made and sent; said again before it is finished.
    if (this.#here)
      return this.#end(
        running.id,
        told.then(({ until }) => msOf(until)).catch(() => undefined),
      );
    const view = await told;
    this.#stands(viewed(view));
    // A byte for each chunk is what is left of a recording of which all was left out.
    if (view.bytes > view.next) await api.post(`${address}/finish`, { chunks: view.next });
  }

  /** A press let the sound through. */
  async unmuffle(): Promise<void> {
    await this.#here?.film.sound();
    this.#record();
  }

  #have(here: Here): void {
    this.#here = here;
    here.film.show(this.#session.state, this.#names, this.#own);
    this.set({ here: true });
  }

  async #resume(running: RecordingView | undefined, all: readonly RecordingView[]): Promise<void> {
    const type = filmType();
    for (const left of await keptOf(this.#place.visitId).catch(() => [])) {
      const release = await hold(left.id);
      if (!release) continue;
      try {
        if (running?.id === left.id && type && !this.#closed && !left.done) {
          const { key, kept } = await takenUp(left, running);
          this.#have({ key, kept, type, film: new Film(() => this.#record()), release });
          void sendKept(left.id);
          this.#stands(viewed(running));
          continue;
        }
        if (running?.id !== left.id && !left.done) {
          await keyOf(left.visit, left.id)
            .then(() =>
              takenUp(
                left,
                all.find(({ id }) => id === left.id),
              ),
            )
            .then(({ kept }) => keepRecording({ ...kept, done: true }))
            .catch(() => keepRecording({ ...left, done: true }));
        }
        void sendKept(left.id);
        release();
      } catch {
        release();
      }
    }
  }

  /** @param newest no other one can run */
  #stands(running: Running, newest = false): void {
    const before = this.state.running;
    if (isOver(running.state)) {
      // What ended before this page began is none of its business, nor is an earlier one while another runs.
      if (!before || (before.id !== running.id && !(newest && isRunning(before)))) return;
    }
    this.set({ running });
    const { until } = running;
    if (this.#here?.kept.id !== running.id) return;
    if (running.state === 'on') this.#record();
    else if (isOver(running.state)) void this.#end(running.id, Promise.resolve(msOf(until)));
    else this.#pause(msOf(until));
  }

  #record(): void {
    this.#turn = this.#turn.then(async () => {
      const here = this.#here;
      if (!here || here.slicer || this.state.running?.state !== 'on') return;
      const sounds = await here.film.sound();
      this.set({ muffled: !sounds });
      if (!sounds) return;
      here.slicer = new Slicer(
        here.film.stream,
        here.type,
        here,
        (kept) => {
          here.kept = kept;
          void sendKept(kept.id);
        },
        () => this.set({ fault: 'disk' }),
      );
    });
  }

  #pause(until: number | undefined): void {
    this.#turn = this.#turn.then(() => this.#cut(Promise.resolve(until)));
  }

  async #cut(word: Promise<number | undefined>): Promise<void> {
    const here = this.#here;
    if (!here?.slicer) return;
    const { slicer } = here;
    delete here.slicer;
    here.kept = await slicer.end(word);
  }

  /** For good: the rest is sent, and it goes into the chart. */
  async #end(id: string, word: Promise<number | undefined>): Promise<void> {
    await (this.#turn = this.#turn.then(async () => {
      const here = this.#here;
      if (here?.kept.id !== id) return;
      this.set({ sent: 'sending' });
      await this.#cut(word);
      this.#here = undefined;
      here.film.close();
      this.set({ here: false, muffled: false });
      await keepRecording({ ...here.kept, done: true });
      here.release();
    }));
    await word;
    if (this.state.sent !== 'sending') return;
    const view = await sendKept(id);
    const sent = { finished: 'kept', deleted: 'nothing' } as const;
    this.set({ sent: sent[view?.state as keyof typeof sent] ?? 'failed' });
  }

  /** The page goes, or the call is left: what was filmed is whole; it goes on when she comes back. */
  async #leave(): Promise<void> {
    await (this.#turn = this.#turn.then(async () => {
      const here = this.#here;
      if (!here) return;
      await this.#cut(Promise.resolve(undefined));
      this.#here = undefined;
      here.film.close();
      here.release();
      void sendKept(here.kept.id);
    }));
  }
}

class NoDisk extends Error {}

const isOver = (state: RecordingState): boolean => state === 'stopped' || state === 'finished';

const msOf = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);

const viewed = ({ id, state, missing, until }: RecordingView): Running => ({
  id,
  state: state === 'deleted' ? 'stopped' : state,
  missing,
  ...(until !== undefined && { until }),
});
