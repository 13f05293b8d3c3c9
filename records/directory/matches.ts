/** Whether a directory entry answers one criterion: the same rules as `search/match.ts`, over folded values. */
import type { Criterion, SearchValue } from '@afar/fhir';
import { dateMatches } from '../search/intervals.ts';
import { contactParams, foldContact, startsWith } from './contact.ts';
import { fold, phonetic } from './fold.ts';
import type { Held } from './register.ts';

/** True when the directory can decide the criterion, or narrow it to candidates, without reading the resource. */
export function answersInDirectory(
  criterion: Criterion,
  demographic: ReadonlySet<string>,
): boolean {
  if (criterion.type === 'string') {
    return [undefined, 'exact', 'contains', 'missing'].includes(criterion.modifier);
  }
  if (criterion.type === 'date') return [undefined, 'missing'].includes(criterion.modifier);
  return (
    criterion.type === 'token' &&
    demographic.has(criterion.param) &&
    [undefined, 'not', 'missing'].includes(criterion.modifier)
  );
}

/**
 * May say yes where the resource says no (`:exact` differs in case): the resource is decrypted and has the last word.
 * Never says no where the resource says yes.
 */
export function entryMatches(held: Held, criterion: Criterion, now: number): boolean {
  const { param, modifier, values } = criterion;
  if (modifier === 'missing') {
    const there = (held.strings[param] ?? held.dates[param] ?? held.tokens[param] ?? []).length > 0;
    return there !== criterion.missing;
  }
  const any = values.some((value) => valueMatches(held, param, modifier, value, now));
  return modifier === 'not' ? !any : any;
}

function valueMatches(
  held: Held,
  param: string,
  modifier: Criterion['modifier'],
  value: SearchValue,
  now: number,
): boolean {
  if (value.kind === 'string') {
    const texts = held.strings[param] ?? [];
    if (param === 'phonetic') {
      const sounds = phonetic(value.value);
      return sounds.length > 0 && sounds.every((sound) => texts.includes(sound));
    }
    const text = fold(value.value);
    if (modifier === 'exact') return texts.includes(text);
    if (modifier === 'contains') return texts.some((held) => held.includes(text));
    return texts.some((held) => startsWith(param, held, text));
  }
  if (value.kind === 'date') {
    return (held.dates[param] ?? []).some(([start, end]) =>
      dateMatches(value, { start: start ?? -Infinity, end: end ?? Infinity }, now),
    );
  }
  if (value.kind === 'token') {
    return (held.tokens[param] ?? []).some(([system, code]) => {
      if (value.system !== undefined && value.system !== (system ?? '')) return false;
      if (value.code === undefined) return true;
      if (contactParams.has(param)) return foldContact(value.code) === foldContact(code);
      return value.code === code;
    });
  }
  return false;
}
