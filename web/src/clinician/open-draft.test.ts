/** Leaving the note and coming back: nothing typed is lost, and no writer meets a conflict with herself. */
import { QueryClient } from '@tanstack/react-query';
import type { Note, NoteSaved } from '@afar/visits/contract';
import { expect, it } from 'vitest';
import { leaveDraft, openDraft } from './open-draft.ts';
import { noteQuery } from './queries.ts';

const note: Note = {
  visit: 'visit-1',
  revision: 0,
  sections: { subjective: '', objective: '', assessment: '', plan: '' },
  addenda: [],
};

/** A server that answers when told to. */
function slowServer() {
  const waiting: (() => void)[] = [];
  let revision = 0;
  return {
    save: (): Promise<NoteSaved> =>
      new Promise((resolve) =>
        waiting.push(() => {
          revision += 1;
          resolve({ revision, savedAt: '2026-11-21T12:00:00Z' });
        }),
      ),
    answer: () => waiting.shift()!(),
  };
}

function browser(): QueryClient {
  const client = new QueryClient();
  client.setQueryData([...noteQuery(note.visit).queryKey], note);
  return client;
}

it('who comes back before the save is done goes on in the same draft', async () => {
  const [client, server] = [browser(), slowServer()];
  const draft = openDraft(client, note, server.save);
  draft.write({ plan: 'Rest' });
  const leaving = leaveDraft(client, note.visit, draft);
  expect(openDraft(client, note, server.save)).toBe(draft);
  server.answer();
  await leaving;
  expect(draft.view).toMatchObject({ revision: 1, sections: { plan: 'Rest' } });
});

it('who comes back later reads the note from the server, not what it was when the page first opened', async () => {
  const [client, server] = [browser(), slowServer()];
  const draft = openDraft(client, note, server.save);
  draft.write({ plan: 'Rest' });
  const leaving = leaveDraft(client, note.visit, draft);
  server.answer();
  await leaving;
  expect(client.getQueryData(noteQuery(note.visit).queryKey)).toBeUndefined();
  expect(openDraft(client, note, server.save)).not.toBe(draft);
});

it('what could not be saved is there again', async () => {
  const client = browser();
  const draft = openDraft(client, note, () => Promise.reject(new Error('offline')));
  draft.write({ plan: 'Rest' });
  await leaveDraft(client, note.visit, draft);
  draft.stop();
  const again = openDraft(client, note, () => Promise.reject(new Error('offline')));
  expect(again.view).toMatchObject({ state: 'failed', sections: { plan: 'Rest' } });
});

it('signing out leaves nothing behind', () => {
  const client = browser();
  const draft = openDraft(client, note, () => Promise.reject(new Error('offline')));
  client.clear();
  expect(openDraft(client, note, () => Promise.reject(new Error('offline')))).not.toBe(draft);
});
