/** Purposes of use [HL7 v3 PurposeOfUse]: which grants and denials speak of what a caller is here for. */

/** Each purpose and the wider one it belongs to. */
const parents: Record<string, string | undefined> = { HMARKT: undefined };
const tree: Record<string, string> = {
  HOPERAT:
    'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN LABELING METAMGT MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV HTEST TRAIN',
  HPAYMT: 'CLMATTCH COVAUTH COVERAGE ELIGDTRM ELIGVER ENROLLM MILDCRG REMITADV',
  HRESCH: 'BIORCH CLINTRCH CLINTRCHNPC CLINTRCHPC PRECLINTRCH DSRCH POARCH TRANSRCH',
  PATRQT: 'FAMRQT PWATRNY SUPNWK',
  PUBHLTH: 'DISASTER THREAT',
  TREAT: 'CLINTRL COC ETREAT BTG ERTREAT POPHLTH',
};
for (const [wider, narrower] of Object.entries(tree)) {
  parents[wider] = undefined;
  for (const one of narrower.split(' ')) parents[one] = wider;
}

/** True for a code of HL7's PurposeOfUse that is known here. */
export const isPurpose = (code: string): boolean => Object.hasOwn(parents, code);

/** Care for somebody in danger: what break-glass opens, whatever consent says. */
export const emergencies: ReadonlySet<string> = new Set(['ETREAT', 'BTG', 'ERTREAT']);

const memo = new Map<string, readonly string[]>();

/**
 * The purposes that cover a request's: its own and the wider one. What is for research serves no treatment, and the other
 * way round. Two rules besides: who asks in the patient's name is covered by all that was given in her name, and treatment
 * also by what break-glass gives.
 *
 * A code that is not HL7's covers itself alone: no grant bears it.
 */
export function purposesServing(purpose: string): readonly string[] {
  let known = memo.get(purpose);
  if (known) return known;
  known = isPurpose(purpose) ? covering(purpose) : [];
  // The codes known here are a handful; a caller cannot fill the memory with her own.
  if (isPurpose(purpose)) memo.set(purpose, known);
  return known;
}

function covering(purpose: string): string[] {
  const wider = parents[purpose] ?? purpose;
  const all = new Set([purpose, wider]);
  if (wider === 'PATRQT') for (const one of tree.PATRQT!.split(' ')) all.add(one);
  if (['TREAT', 'COC', ...emergencies].includes(purpose)) all.add('ETREAT');
  return [...all];
}

/** Who may write into a chart comes for her care, or in her name: nobody writes for research or for payment. */
const writing: ReadonlySet<string> = new Set(['TREAT', 'ETREAT', 'PATRQT', 'FAMRQT']);

/** The purposes under which a grant lets this request write; none for requests that only look. */
export const purposesWriting = (purpose: string): string[] =>
  purposesServing(purpose).filter((one) => writing.has(one));
