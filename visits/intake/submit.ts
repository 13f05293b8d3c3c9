/** The intake of an appointment: which questions, the answers so far, and answers handed in. */
import { actsFor, systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, Questionnaire, QuestionnaireResponse } from '@afar/fhir';
import type { Intake, IntakeResult } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { intakeUrl } from '../vocabulary.ts';
import { priorityFor } from '../waiting/triage.ts';
import { answersIn, readAnswers, responseItems } from './answers.ts';
import { defaultIntake } from './default-questionnaire.ts';
import { questionsOf, redFlags } from './questions.ts';
import { tellRedFlag } from './tell-red-flag.ts';

/** The clinic's intake: the active Questionnaire of our canonical url; ours is written when there is none. */
export function intakeOf(house: House): (tenant: number) => Promise<Questionnaire> {
  const known = new Map<number, string>();
  return async (tenant) => {
    const caller = systemCaller(tenant, house.clock, 'intake');
    const id = known.get(tenant);
    if (id !== undefined) {
      const found = await readIfSeen<Questionnaire>(house, caller, 'Questionnaire', id);
      if (found?.status === 'active') return found;
      known.delete(tenant);
    }
    const found = await house.records.search(caller, 'Questionnaire', [
      ['url', intakeUrl],
      ['status', 'active'],
      ['_count', '1'],
    ]);
    let questionnaire = found.entry?.[0]?.resource as Questionnaire | undefined;
    questionnaire ??= (
      await house.records.create<Questionnaire>(caller, defaultIntake, {
        ifNoneExist: `url=${encodeURIComponent(intakeUrl)}&status=active`,
      })
    ).resource;
    known.set(tenant, questionnaire.id!);
    return questionnaire;
  };
}

export async function readIntake(
  house: House,
  caller: Caller,
  row: VisitRow,
  questionnaire: Questionnaire,
): Promise<Intake> {
  const response =
    row.intake === null
      ? undefined
      : await readIfSeen<QuestionnaireResponse>(house, caller, 'QuestionnaireResponse', row.intake);
  return {
    questionnaire: questionnaire.id!,
    title: questionnaire.title ?? '',
    questions: questionsOf(questionnaire.item),
    ...(response && { answers: answersIn(response.item) }),
    ...(row.intake_at !== null && { completedAt: iso(row.intake_at) }),
    redFlag: row.red_flag,
  };
}

function response(
  caller: Caller,
  row: VisitRow,
  questionnaire: Questionnaire,
  answers: ReturnType<typeof readAnswers>,
  now: number,
): QuestionnaireResponse {
  // A proxy answers in her own name.
  const own = actsFor(caller, row.patient) ??
    caller.fhirUser ?? { type: 'Patient', id: row.patient };
  const author = { reference: `${own.type}/${own.id}` };
  return {
    resourceType: 'QuestionnaireResponse',
    ...(row.intake && { id: row.intake }),
    status: row.intake ? 'amended' : 'completed',
    questionnaire: questionnaire.version
      ? `${questionnaire.url}|${questionnaire.version}`
      : questionnaire.url,
    // [FHIR R4 questionnaireresponse.html] has no link to an Appointment: the Appointment points here by supportingInformation.
    subject: { reference: `Patient/${row.patient}` },
    author,
    source: author,
    authored: iso(now),
    item: responseItems(questionnaire.item, answers),
  };
}

/**
 * Stores the answers and links them to the Appointment. A red flag puts the visit first in the queue; the answers are kept, nothing is dropped.
 * @throws Refusal 'invalid' (422) with every fault, 'conflict' once admitted
 */
export async function submitIntake(
  house: House,
  caller: Caller,
  visit: VisitRow,
  questionnaire: Questionnaire,
  body: unknown,
): Promise<IntakeResult> {
  const answers = readAnswers(questionnaire, body);
  const flagged = redFlags(questionnaire, answers);
  const isFlagged = flagged.length > 0;
  const now = house.clock.now();
  const { tenant, rid } = visit;
  await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row || (row.state !== 'booked' && row.state !== 'waiting'))
      throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const resource = response(caller, row, questionnaire, answers, now);
    const stored = row.intake ? await tx.update(resource) : await tx.create(resource);
    if (!row.intake) {
      const appointment = (await tx.read<Appointment>('Appointment', rid)).resource;
      const link = { reference: `QuestionnaireResponse/${stored.rid}` };
      const links = [...(appointment.supportingInformation ?? []), link];
      await tx.update<Appointment>({ ...appointment, supportingInformation: links });
    }
    await changeVisit(tx.sql, row, {
      intake: stored.rid,
      intake_at: now,
      red_flag: isFlagged,
      priority: priorityFor({ ...row, red_flag: isFlagged }),
    });
    if (isFlagged && !row.red_flag) await tellRedFlag(house, tx.sql, row);
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
  return {
    completedAt: iso(now),
    redFlag: flagged.length > 0,
    ...(flagged.length > 0 && { messageKey: 'intake.emergency' as const, flagged }),
  };
}
