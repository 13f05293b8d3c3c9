/** Which name of a concept is shown in which language [FHIR R4 valueset-operation-expand.html displayLanguage]. */
import type { Concept, Designation } from '../model.ts';
import type { Label } from './selection.ts';

/** Tags in the order of preference, from `de-CH, de;q=0.8`. */
export function languagesOf(asked: string | undefined): string[] {
  if (!asked) return [];
  return asked
    .slice(0, 200)
    .split(',')
    .map((one) => {
      const [tag = '', weight] = one.trim().split(/\s*;\s*q=/);
      return { tag: tag.toLowerCase(), q: weight === undefined ? 1 : Number(weight) || 0 };
    })
    .filter(({ tag, q }) => tag !== '' && tag !== '*' && q > 0)
    .sort((a, b) => b.q - a.q)
    .map((one) => one.tag);
}

/** `de` is answered by `de-CH`, and `de-CH` by `de` for want of better. */
function speaks(language: string | undefined, tag: string): number {
  const own = language?.toLowerCase();
  if (own === undefined) return 0;
  if (own === tag) return 3;
  if (own.startsWith(`${tag}-`)) return 2;
  return tag.startsWith(`${own}-`) ? 1 : 0;
}

/** Names that are the one to show, by what their use says. */
const preferredUses = new Set([
  'display',
  'preferredForLanguage',
  '900000000000548007',
  'preferred',
]);

export function displayIn(
  concept: Concept,
  label: Label | undefined,
  languages: readonly string[],
  systemLanguage: string | undefined,
): string {
  const own = label?.display ?? concept.display;
  const names = designationsOf(concept, label);
  for (const tag of languages) {
    // The system's own name serves before a mere relative of the language asked for.
    const mine = speaks(systemLanguage, tag);
    let best: { name: Designation; rank: number } | undefined;
    for (const name of names) {
      const spoken = speaks(name.language, tag);
      if (spoken === 0) continue;
      const rank = spoken * 2 + (name.use?.code && preferredUses.has(name.use.code) ? 1 : 0);
      if (!best || rank > best.rank) best = { name, rank };
    }
    if (mine > 0 && mine * 2 + 1 >= (best?.rank ?? 0)) return own;
    if (best) return best.name.value;
  }
  return own;
}

export function designationsOf(concept: Concept, label: Label | undefined): readonly Designation[] {
  return label?.designations.length
    ? [...label.designations, ...concept.designations]
    : concept.designations;
}
