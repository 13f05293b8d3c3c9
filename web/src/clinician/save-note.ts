/** One save of a note: a conflict (409 with the other text) is an answer to show, everything else an error. */
import type { NoteConflict, NoteSaved, NoteSections } from '@afar/visits/contract';
import { ApiError } from '../kit/api.ts';

export async function saveNote(
  visit: string,
  revision: number,
  sections: NoteSections,
): Promise<NoteSaved | NoteConflict> {
  const response = await fetch(`/api/visits/${visit}/note`, {
    method: 'PUT',
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ revision, sections }),
    signal: AbortSignal.timeout(15_000),
  });
  const body = (await response.json().catch(() => undefined)) as
    | NoteSaved
    | NoteConflict
    | { issue?: [] }
    | undefined;
  if (response.ok) return body as NoteSaved;
  if (response.status === 409 && body && 'conflict' in body) return body;
  throw new ApiError(response.status);
}
