/** Whether a directory entry answers one criterion: the same rules as `search/match.ts`, over folded values. */
import type { Criterion, SearchValue } from '@afar/fhir';
import { dateMatches } from '../search/intervals.ts';
import { dateIn, markOf, someValue, tokenIs } from './compact.ts';
import type { Test } from './compact.ts';
import { anyWord, contactParams, foldContact } from './contact.ts';
import { fold, phonetic } from './fold.ts';
import { sourcesOf } from './parts.ts';

/** True when the directory can decide the criterion, or narrow it to candidates, without reading the resource. */
export function answersInDirectory(
  criterion: Pick<Criterion, 'type' | 'param' | 'modifier'>,
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
 * A test of entries, the query's side folded once. It may say yes where the resource says no (`:exact` differs in
 * case): the resource is decrypted and has the last word. It never says no where the resource says yes.
 */
export function matcherOf(criterion: Criterion, now: number): (text: string) => boolean {
  const { param, modifier, values } = criterion;
  const marks = sourcesOf(param).map(markOf);
  const some = (text: string, test: Test) => marks.some((mark) => someValue(text, mark, test));
  if (modifier === 'missing') return (text) => some(text, () => true) !== criterion.missing;
  const tests = values.map((value) => testOf(param, modifier, value, now));
  if (modifier === 'not') return (text) => !tests.some((test) => some(text, test));
  return (text) => tests.some((test) => some(text, test));
}

function testOf(
  param: string,
  modifier: Criterion['modifier'],
  value: SearchValue,
  now: number,
): Test {
  if (value.kind === 'string') return stringTest(param, modifier, value.value);
  if (value.kind === 'date') {
    return (text, from, to) => dateMatches(value, dateIn(text.slice(from, to)), now);
  }
  if (value.kind === 'token') {
    const { system, code } = value;
    const folded = code !== undefined && contactParams.has(param) ? foldContact(code) : code;
    return (text, from, to) => tokenIs(text.slice(from, to), system, folded);
  }
  return () => false;
}

function stringTest(param: string, modifier: Criterion['modifier'], value: string): Test {
  if (param === 'phonetic') {
    const wanted = phonetic(value);
    return (text, from, to) =>
      phonetic(text.slice(from, to)).some((sound) => wanted.includes(sound));
  }
  const asked = fold(value);
  // Signs alone: only `:exact` could mean them, which the resource decides.
  if (asked === '' && modifier !== 'exact') return () => false;
  const has = (text: string, part: string, from: number, to: number) => {
    const at = text.indexOf(part, from);
    return at >= 0 && at + part.length <= to;
  };
  if (modifier === 'contains') return (text, from, to) => has(text, asked, from, to);
  if (modifier === 'exact') {
    return (text, from, to) => to - from === asked.length && text.startsWith(asked, from);
  }
  const starts: Test = (text, from) => text.startsWith(asked, from);
  if (!anyWord.has(param)) return starts;
  const later = ` ${asked}`;
  return (text, from, to) => starts(text, from, to) || has(text, later, from, to);
}
