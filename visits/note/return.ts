/** A trainee's note goes back to her with her supervisor's remark: a draft again, that nobody signed. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Composition } from '@afar/fhir';
import { tell, type House } from '../house.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { sectionsIn } from './composition.ts';
import { draftContext, type DraftBody } from './draft.ts';

/** @throws Refusal 'invalid' (422) */
export function readRemark(body: unknown): string {
  const text = (body as { text?: unknown } | null)?.text;
  const words = typeof text === 'string' ? text.trim() : '';
  if (!words || words.length > 2_000) refuseFaults([fault('text', '1 to 2000 characters')]);
  return words;
}

/**
 * The text that waited is taken out of the record (only staff ever saw it) and is the draft again, with the remark beside it.
 * @throws Refusal 'conflict' when nothing waits, 'forbidden' to everybody but the named supervisor
 */
export async function returnNote(
  house: House,
  caller: Caller,
  visit: VisitRow,
  remark: string,
): Promise<void> {
  const { tenant, rid } = visit;
  const self = caller.fhirUser?.id;
  if (visit.composition && visit.signed_at === null && visit.supervisor !== self)
    throw new Refusal('forbidden');
  // Her role marks as wrong what she wrote, and takes nothing away: this is the house's deed, by her word.
  const system = {
    ...systemCaller(tenant, house.clock, 'return-note'),
    requestId: caller.requestId,
    ip: caller.ip,
  };
  const now = house.clock.now();
  await house.records.write(system, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.composition || row.signed_at !== null || row.supervisor === null)
      throw new Refusal('conflict', { diagnostics: 'nothing waits for a signature here' });
    if (self === undefined || row.supervisor !== self) throw new Refusal('forbidden');
    const { resource } = await tx.read<Composition>('Composition', row.composition);
    const author = resource.author[0]?.reference?.split('/')[1] ?? self;
    // Minutes since the epoch: above every revision there was, so that no older text fits its seal.
    const revision = Math.floor(now / 60_000);
    const draft: DraftBody = {
      ...sectionsIn(resource),
      returned: { text: remark, by: self, at: now },
    };
    const body = await tx.sealFor(row.patient, draftContext(rid, revision), JSON.stringify(draft));
    await tx.remove('Composition', row.composition);
    await tx.sql.query({
      name: 'visits.returned-draft',
      text: `insert into visits.draft (tenant, visit, revision, body, saved_at, saved_by)
        values ($1, $2, $3, $4, $5, $6)`,
      values: [tenant, rid, revision, body, now, author],
    });
    await changeVisit(tx.sql, row, { composition: null, supervisor: null });
    const trainee = await house.access.accounts.byFhirUser(tenant, {
      type: 'Practitioner',
      id: author,
    });
    if (trainee)
      await house.access.notices.tell(
        { tenant, to: { account: trainee.id }, kind: 'note-returned', about: { visit: rid } },
        tx.sql,
      );
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
}
