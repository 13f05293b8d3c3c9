/** Makes charts: a person's own or a dependant's, with what she agreed to, and a task for the front desk when the person may be known. */
import type { RelatedPerson } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import {
  duplicateTask,
  endOf,
  patientOf,
  relatedOf,
  termsConsent,
  type Reached,
} from './charts.ts';
import type { DependantInput, PersonInput } from './contract.ts';
import { chartsLike } from './duplicates.ts';

/** The link of an account to a dependant (access/accounts/proxies.ts). */
export interface Link {
  related: string;
  patient: string;
  ends?: number;
}

interface Made {
  now: number;
  /** BCP 47 tag. */
  locale: string;
  /** Charts made in the same breath: siblings are no duplicates of one another. */
  made: string[];
}

async function lookFor(
  tx: RecordTx,
  person: PersonInput,
  id: string,
  { now, made }: Made,
): Promise<void> {
  const charts = await chartsLike(tx, person, [id, ...made]);
  if (charts.length > 0) await tx.create(duplicateTask(id, charts, now));
}

/** @returns the id of her chart. @param tx of the house */
export async function enrolSelf(
  tx: RecordTx,
  person: PersonInput,
  reached: Reached,
  making: Made,
): Promise<string> {
  const { rid } = await tx.create(patientOf(person, making.locale, reached));
  making.made.push(rid);
  await tx.create(termsConsent(rid, `Patient/${rid}`, making.now));
  await lookFor(tx, person, rid, making);
  return rid;
}

/** A dependant's chart, and the RelatedPerson whose grant opens it to her. @param tx of the house */
export async function enrolDependant(
  tx: RecordTx,
  dependant: DependantInput,
  by: { account: string; name: string },
  majority: number,
  making: Made,
): Promise<Link> {
  const { rid: patient } = await tx.create(patientOf(dependant, making.locale));
  making.made.push(patient);
  const { rid: related } = await tx.create<RelatedPerson>(
    relatedOf(patient, dependant, by, making.now, majority),
  );
  await tx.create(termsConsent(patient, `RelatedPerson/${related}`, making.now));
  await lookFor(tx, dependant, patient, making);
  const ends = endOf(dependant, majority);
  return { related, patient, ...(ends !== undefined && { ends }) };
}
