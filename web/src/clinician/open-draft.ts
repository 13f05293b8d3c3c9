/** The draft of a note outlives its editor: whoever comes back finds what she typed, and no second draft fights the first. */
import type { QueryClient } from '@tanstack/react-query';
import type { Note } from '@afar/visits/contract';
import { NoteDraft, type SaveNote } from './note-draft.ts';
import { noteQuery } from './queries.ts';

// In the query cache, because signing out empties it: what was typed must not stay behind for the next person.
const keyOf = (visit: string): string[] => ['note-draft', visit];

/** The draft that is open for this visit, or a new one on the note as the server gave it. */
export function openDraft(client: QueryClient, note: Note, save: SaveNote): NoteDraft {
  const open = client.getQueryData<NoteDraft>(keyOf(note.visit));
  if (open) return open;
  const made = new NoteDraft(note, save);
  client.setQueryDefaults(keyOf(note.visit), { gcTime: Infinity, structuralSharing: false });
  client.setQueryData(keyOf(note.visit), made);
  return made;
}

/**
 * The editor closes: what is typed is saved, and only then forgotten here, so that the next editor reads the server's text. What
 * cannot be saved stays and is tried again.
 */
export async function leaveDraft(
  client: QueryClient,
  visit: string,
  draft: NoteDraft,
): Promise<void> {
  if (!(await draft.flush())) return;
  const { queryKey } = noteQuery(visit);
  // The editor is open again meanwhile: it holds this very draft.
  if (client.getQueryCache().find({ queryKey })?.isActive()) return;
  if (client.getQueryData(keyOf(visit)) === draft) client.removeQueries({ queryKey: keyOf(visit) });
  client.removeQueries({ queryKey });
}

/** Signed: there is nothing to write any more. */
export function closeDraft(client: QueryClient, visit: string): void {
  client.removeQueries({ queryKey: keyOf(visit) });
}
