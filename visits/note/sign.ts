/** Signing a note: what was a draft becomes an attested Composition that nobody changes; addenda stand beside it. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { NoteSections } from '../contract.ts';
import { tell, type House } from '../house.ts';
import { requireLicensed } from '../licensing/licensed.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { addendumTo, signedNote } from './composition.ts';
import { draftContext, findDraft, readRevisionFaults } from './draft.ts';

/** @throws Refusal 'invalid' (422) */
export function readSign(body: unknown): number {
  const revision = (body as { revision?: unknown } | null)?.revision;
  refuseFaults(readRevisionFaults(revision));
  return revision as number;
}

/** @throws Refusal 'invalid' (422) */
export function readAddendum(body: unknown): string {
  const text = (body as { text?: unknown } | null)?.text;
  const words = typeof text === 'string' ? text.trim() : '';
  if (!words || words.length > 20_000) refuseFaults([fault('text', '1 to 20000 characters')]);
  return words;
}

/**
 * Signs exactly the revision that the clinician has before her.
 * @returns false when another revision is current: nothing was signed
 * @throws Refusal 'conflict' when signed already, 'invalid' (422) without assessment or plan, 'licence-required'
 */
export async function sign(
  house: House,
  caller: Caller,
  visit: VisitRow,
  revision: number,
): Promise<boolean> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  const now = house.clock.now();
  const signed = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.encounter || row.composition)
      throw new Refusal('conflict', {
        diagnostics: row?.composition ? 'signed already' : 'not begun',
      });
    const draft = await findDraft(tx.sql, row, true);
    if (draft && draft.revision !== revision) return false;
    const text = draft && (await tx.openFor(row.patient, draftContext(rid, revision), draft.body));
    const note = text ? (JSON.parse(text) as NoteSections) : undefined;
    refuseFaults(
      (['assessment', 'plan'] as const)
        .filter((name) => !note?.[name].trim())
        .map((name) => fault(`sections.${name}`, 'must not be empty when signing')),
    );
    const author = caller.fhirUser!.id;
    const stored = await tx.create(signedNote(row, author, note!, now));
    await changeVisit(tx.sql, row, { composition: stored.rid, signed_at: now });
    await tx.sql.query('delete from visits.draft where tenant = $1 and visit = $2', [tenant, rid]);
    return true;
  });
  if (signed) tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
  return signed;
}

/** @throws Refusal 'conflict' before the note is signed */
export async function addAddendum(
  house: House,
  caller: Caller,
  visit: VisitRow,
  text: string,
): Promise<void> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  const now = house.clock.now();
  await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.composition || row.signed_at === null)
      throw new Refusal('conflict', { diagnostics: 'the note is not signed' });
    const stored = await tx.create(addendumTo(row, caller.fhirUser!.id, text, now));
    await tx.sql.query({
      name: 'visits.add-addendum',
      text: 'insert into visits.addendum (tenant, visit, rid, at) values ($1, $2, $3, $4)',
      values: [tenant, rid, stored.rid, now],
    });
  });
}
