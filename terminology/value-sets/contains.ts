/** Is a code in a value set, or in its code system? */
import type { Coding } from '@afar/fhir';
import type { CodeSource, Concept } from '../model.ts';
import { notKnown, shown } from '../refusals.ts';
import { fold } from '@afar/fhir';
import { designationsOf, displayIn } from './display.ts';
import type { Label, Selection } from './selection.ts';

export interface Verdict {
  readonly result: boolean;
  readonly message?: string;
  readonly display?: string;
}

export interface CheckOptions {
  /** False: a code that is not to be chosen by a user is no answer. */
  readonly abstract?: boolean;
  readonly languages: readonly string[];
}

/** @throws Refusal `not-found` when only a system that is not known here could say */
export async function inSelection(
  selection: Selection,
  coding: Coding,
  options: CheckOptions,
): Promise<Verdict> {
  const { system, version, code } = coding;
  if (code === undefined) return { result: false, message: 'No code was given' };
  const parts = selection.parts.filter(
    ({ source }) =>
      (system === undefined || source.url === system) &&
      (version === undefined || source.version === undefined || source.version === version),
  );
  for (const part of parts) {
    const { source, rule } = part;
    if (!(await source.among([code], rule)).has(code)) continue;
    const concept = (await source.find([code])).get(code);
    if (concept) return judged(source, concept, part.labels.get(concept.code), coding, options);
  }
  const what = system === undefined ? shown(code) : `${shown(system)}#${shown(code)}`;
  return { result: false, message: `The code ${what} is not in the value set` };
}

/** @throws Refusal `not-found` when the system lists only some of its codes and not this one */
export async function inSystem(
  source: CodeSource,
  coding: Coding,
  options: CheckOptions,
): Promise<Verdict> {
  const { code, system } = coding;
  if (code === undefined) return { result: false, message: 'No code was given' };
  if (system !== undefined && system !== source.url)
    return { result: false, message: `The code is of another system than ${shown(source.url)}` };
  const concept = (await source.find([code])).get(code);
  if (concept) return judged(source, concept, undefined, coding, options);
  if (source.content === 'fragment' || source.content === 'example')
    throw notKnown(
      `Of the code system ${shown(source.url)} only a part is known here, without this code`,
    );
  return { result: false, message: `The code ${shown(code)} is not known in ${shown(source.url)}` };
}

function judged(
  source: CodeSource,
  concept: Concept,
  label: Label | undefined,
  { display: given }: Coding,
  { abstract, languages }: CheckOptions,
): Verdict {
  const display = displayIn(concept, label, languages, source.language);
  if (abstract === false && concept.abstract)
    return { result: false, message: 'The code is abstract: it is not to be chosen', display };
  if (given !== undefined && !isNameOf(given, concept, label))
    return { result: false, message: `The display "${shown(given)}" is incorrect`, display };
  const message = concept.inactive ? 'The code is not active any more' : undefined;
  return { result: true, display, ...(message && { message }) };
}

const isNameOf = (given: string, concept: Concept, label: Label | undefined): boolean => {
  const asked = fold(given);
  if (label?.display !== undefined && fold(label.display) === asked) return true;
  return (
    fold(concept.display) === asked ||
    designationsOf(concept, label).some((one) => fold(one.value) === asked)
  );
};
