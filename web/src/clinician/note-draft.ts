/**
 * The draft of a note: saves by itself, one request at a time, keeps what is typed through failures, and never overwrites
 * what somebody else wrote.
 */
import type { Note, NoteConflict, NoteSaved, NoteSections } from '@afar/visits/contract';

export type DraftState = 'clean' | 'dirty' | 'saving' | 'failed' | 'conflict';

export interface DraftView {
  sections: NoteSections;
  revision: number;
  state: DraftState;
  savedAt?: string;
  /** The other text, when `state` is conflict. */
  other?: NoteSections;
}

/** Sends one save; a conflict is an answer, not an error. */
export type SaveNote = (
  revision: number,
  sections: NoteSections,
) => Promise<NoteSaved | NoteConflict>;

// 1.2 s after the last key: a sentence is saved, a word is not.
const quietMs = 1_200;
const retryMs = 4_000;

export class NoteDraft {
  #view: DraftView;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  readonly #save: SaveNote;
  readonly #listeners = new Set<() => void>();

  constructor(note: Note, save: SaveNote) {
    this.#save = save;
    this.#view = {
      sections: note.sections,
      revision: note.revision,
      state: 'clean',
      ...(note.savedAt && { savedAt: note.savedAt }),
    };
  }

  get view(): DraftView {
    return this.#view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  write(change: Partial<NoteSections>): void {
    this.#set({ sections: { ...this.#view.sections, ...change } });
    if (this.#view.state === 'conflict') return;
    if (this.#view.state !== 'saving') this.#set({ state: 'dirty' });
    this.#later(quietMs);
  }

  /** Saves what is not saved yet; resolves to whether everything is on the server. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (this.#view.state === 'dirty' || this.#view.state === 'failed') await this.#send();
    return this.#view.state === 'clean';
  }

  /** After a conflict: goes on from one's own words, or takes the other's. */
  settle(keep: 'mine' | 'theirs'): void {
    const { other } = this.#view;
    if (this.#view.state !== 'conflict' || !other) return;
    this.#set({ other: undefined, state: 'clean', ...(keep === 'theirs' && { sections: other }) });
    if (keep === 'mine') {
      this.#set({ state: 'dirty' });
      void this.flush();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), ms);
  }

  async #send(): Promise<void> {
    const sent = this.#view.sections;
    this.#set({ state: 'saving' });
    this.#saving = this.#save(this.#view.revision, sent).then(
      (answer) => {
        if ('conflict' in answer) {
          const { revision, sections } = answer.current;
          this.#set({ state: 'conflict', revision, other: sections });
          return;
        }
        const more = this.#view.sections !== sent;
        this.#set({ ...answer, state: more ? 'dirty' : 'clean' });
        if (more) this.#later(quietMs);
      },
      () => {
        this.#set({ state: 'failed' });
        this.#later(retryMs);
      },
    );
    await this.#saving;
    this.#saving = undefined;
  }

  #set(change: Partial<DraftView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
