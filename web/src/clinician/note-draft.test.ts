/** The draft of a note: nothing typed is lost, nothing of another is overwritten. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Note, NoteConflict, NoteSaved, NoteSections } from '@afar/visits/contract';
import { NoteDraft } from './note-draft.ts';

const empty: NoteSections = { subjective: '', objective: '', assessment: '', plan: '' };
const note: Note = { visit: 'v', revision: 3, sections: empty, addenda: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server in a variable: the latest revision wins, an older one conflicts. */
function shelf() {
  let revision = 3;
  let sections = empty;
  let down = false;
  return {
    save: async (on: number, text: NoteSections): Promise<NoteSaved | NoteConflict> => {
      if (down) throw new Error('unreachable');
      if (on !== revision) return { conflict: true, current: { ...note, revision, sections } };
      revision += 1;
      sections = text;
      return { revision, savedAt: '2026-01-01T00:00:00Z' };
    },
    get kept() {
      return sections;
    },
    set down(value: boolean) {
      down = value;
    },
    writeElsewhere(text: NoteSections) {
      revision += 1;
      sections = text;
    },
  };
}

it('saves after a pause, and what is typed during a save goes with the next one', async () => {
  const server = shelf();
  const draft = new NoteDraft(note, server.save);
  draft.write({ plan: 'Rest' });
  expect(draft.view.state).toBe('dirty');
  const saving = draft.flush();
  draft.write({ plan: 'Rest and fluids' });
  await saving;
  await vi.runAllTimersAsync();
  expect(server.kept.plan).toBe('Rest and fluids');
  expect(draft.view).toMatchObject({ state: 'clean', revision: 5 });
});

it('keeps the words while the server is away and saves them when it is back', async () => {
  const server = shelf();
  server.down = true;
  const draft = new NoteDraft(note, server.save);
  draft.write({ subjective: 'Cough' });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(draft.view).toMatchObject({ state: 'failed', sections: { subjective: 'Cough' } });
  server.down = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(server.kept.subjective).toBe('Cough');
});

it('stops at a conflict with both texts, and only a person decides', async () => {
  const server = shelf();
  const draft = new NoteDraft(note, server.save);
  draft.write({ plan: 'Mine' });
  server.writeElsewhere({ ...empty, plan: 'Theirs' });
  expect(await draft.flush()).toBe(false);
  expect(draft.view).toMatchObject({
    state: 'conflict',
    sections: { plan: 'Mine' },
    other: { plan: 'Theirs' },
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.kept.plan).toBe('Theirs');
  draft.settle('mine');
  await vi.runAllTimersAsync();
  expect(server.kept.plan).toBe('Mine');
});
