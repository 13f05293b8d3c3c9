/** The note while it is written: sealed, saved over and over, never over somebody else's words. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Composition } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Note, NoteSave, NoteSaved, NoteSections } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { clinicianBrief } from '../people.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import type { VisitRow } from '../visit-row.ts';
import { sectionNames, sectionsIn, signatureOf, textOf } from './composition.ts';

/** 20,000 characters a section: some seven pages; a longer note is a document. */
const longest = 20_000;

export const emptyNote: NoteSections = { subjective: '', objective: '', assessment: '', plan: '' };

export interface Draft {
  revision: number;
  body: Buffer;
  saved_at: number;
  saved_by: string;
}

/** What is sealed of a draft. */
export interface DraftBody extends NoteSections {
  /** Why the supervisor sent it back: stays beside the text until it is handed over again. `at`: ms since epoch. */
  returned?: { text: string; by: string; at: number };
}

/** The revision is part of the seal: an older text put back by hand does not open. */
export const draftContext = (visit: string, revision: number): string =>
  `visits.draft|${visit}|${revision}`;

export async function findDraft(
  sql: Queryable,
  { tenant, rid }: VisitRow,
  lock = false,
): Promise<Draft | undefined> {
  const { rows } = await sql.query<Draft>({
    name: lock ? 'visits.lock-draft' : 'visits.draft',
    text: `select revision, body, saved_at, saved_by from visits.draft
      where tenant = $1 and visit = $2${lock ? ' for update' : ''}`,
    values: [tenant, rid],
  });
  return rows[0];
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readSave(body: unknown): NoteSave {
  const { revision, sections } = (body ?? {}) as { revision?: unknown; sections?: unknown };
  const given = (sections ?? {}) as Record<string, unknown>;
  refuseFaults([
    ...readRevisionFaults(revision),
    ...sectionNames.flatMap((name) =>
      typeof given[name] === 'string' && given[name].length <= longest
        ? []
        : [fault(`sections.${name}`, `text of at most ${longest} characters`)],
    ),
  ]);
  const { subjective, objective, assessment, plan } = given as unknown as NoteSections;
  return { revision: revision as number, sections: { subjective, objective, assessment, plan } };
}

export function readRevisionFaults(revision: unknown): ReturnType<typeof fault>[] {
  return Number.isInteger(revision) && Number(revision) >= 0
    ? []
    : [fault('revision', 'the revision this text was written on')];
}

async function addendaOf(house: House, caller: Caller, row: VisitRow): Promise<Note['addenda']> {
  const { rows } = await house.db.query<{ rid: string }>({
    name: 'visits.addenda',
    text: 'select rid from visits.addendum where tenant = $1 and visit = $2 order by at, rid',
    values: [row.tenant, row.rid],
  });
  return Promise.all(
    rows.map(async ({ rid }) => {
      const { resource } = await house.records.read<Composition>(caller, 'Composition', rid);
      const { by, at } = signatureOf(resource);
      const { id, name } = await clinicianBrief(house, caller, by);
      return {
        composition: rid,
        at,
        by: { id, name },
        text: textOf(resource.section?.[0]?.text?.div),
      };
    }),
  );
}

/** What a trainee handed over, while it waits for its supervisor. */
async function waitingNoteOf(
  house: House,
  caller: Caller,
  row: VisitRow,
): Promise<Note | undefined> {
  if (!row.composition || row.signed_at !== null || !row.supervisor) return undefined;
  const { resource } = await house.records.read<Composition>(
    caller,
    'Composition',
    row.composition,
  );
  const author = resource.author[0]?.reference?.split('/')[1] ?? '';
  const [by, supervisor] = await Promise.all(
    [author, row.supervisor].map((one) => clinicianBrief(house, caller, one)),
  );
  return {
    visit: row.rid,
    revision: 0,
    sections: sectionsIn(resource),
    waiting: {
      composition: row.composition,
      at: resource.date,
      by: { id: by!.id, name: by!.name },
      supervisor: { id: supervisor!.id, name: supervisor!.name },
    },
    addenda: [],
  };
}

/** The signed note with its addenda, or undefined before signing. */
export async function signedNoteOf(
  house: House,
  caller: Caller,
  row: VisitRow,
): Promise<(Note & { signed: NonNullable<Note['signed']> }) | undefined> {
  if (!row.composition || row.signed_at === null) return undefined;
  const { resource } = await house.records.read<Composition>(
    caller,
    'Composition',
    row.composition,
  );
  const { by, at } = signatureOf(resource);
  const { id, name } = await clinicianBrief(house, caller, by);
  return {
    visit: row.rid,
    revision: 0,
    sections: sectionsIn(resource),
    signed: { composition: row.composition, at, by: { id, name } },
    addenda: await addendaOf(house, caller, row),
  };
}

/** The note as it stands: signed, draft, or empty. */
export async function readNote(house: House, caller: Caller, row: VisitRow): Promise<Note> {
  const signed = await signedNoteOf(house, caller, row);
  if (signed) return signed;
  const waiting = await waitingNoteOf(house, caller, row);
  if (waiting) return waiting;
  const draft = await findDraft(house.db, row);
  if (!draft) return { visit: row.rid, revision: 0, sections: emptyNote, addenda: [] };
  const context = draftContext(row.rid, draft.revision);
  const text = await house.records.openFor(caller, row.patient, context, draft.body);
  const { id, name } = await clinicianBrief(house, caller, draft.saved_by);
  const { returned, ...sections } = JSON.parse(text) as DraftBody;
  return {
    visit: row.rid,
    revision: draft.revision,
    sections,
    savedAt: iso(draft.saved_at),
    savedBy: { id, name },
    ...(returned && {
      returned: {
        text: returned.text,
        at: iso(returned.at),
        by: { id: returned.by, name: (await clinicianBrief(house, caller, returned.by)).name },
      },
    }),
    addenda: [],
  };
}

/**
 * Saves on top of the revision it was written on. Nothing is overwritten otherwise: the other's text stays and is returned by the route.
 * @returns undefined when another revision is current
 * @throws Refusal 'conflict' once signed
 */
export async function saveNote(
  house: House,
  caller: Caller,
  row: VisitRow,
  { revision, sections }: NoteSave,
): Promise<NoteSaved | undefined> {
  const now = house.clock.now();
  const { tenant, rid, patient } = row;
  const next = revision + 1;
  const author = caller.fhirUser?.id ?? caller.id;
  return house.records.write(caller, async (tx) => {
    const before = revision ? await findDraft(tx.sql, row) : undefined;
    const kept =
      before?.revision === revision
        ? await tx.openFor(patient, draftContext(rid, revision), before.body)
        : '{}';
    const { returned } = JSON.parse(kept) as Partial<DraftBody>;
    const draft: DraftBody = { ...sections, ...(returned && { returned }) };
    const body = await tx.sealFor(patient, draftContext(rid, next), JSON.stringify(draft));
    // The visit's row is the lock between saving and signing.
    const { rows } = await tx.sql.query<{ composition: string | null }>({
      name: 'visits.signed-for-share',
      text: 'select composition from visits.visit where tenant = $1 and rid = $2 for share',
      values: [tenant, rid],
    });
    if (rows[0]?.composition) throw new Refusal('conflict', { diagnostics: 'the note is signed' });
    const { rowCount } = await tx.sql.query({
      name: revision ? 'visits.save-draft' : 'visits.first-draft',
      text: revision
        ? `update visits.draft set revision = $3, body = $4, saved_at = $5, saved_by = $6
            where tenant = $1 and visit = $2 and revision = $3 - 1`
        : `insert into visits.draft (tenant, visit, revision, body, saved_at, saved_by)
            values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      values: [tenant, rid, next, body, now, author],
    });
    return rowCount ? { revision: next, savedAt: iso(now) } : undefined;
  });
}
