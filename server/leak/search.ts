/** Finds needles in bytes, and in what the bytes are when inflated. */
import {
  inflatedValue,
  inflatedWithDictionary,
  inflatedWithin,
  ourDictionaries,
} from './inflate.ts';
import type { Hit, Matcher } from './matcher.ts';

const common = new WeakMap<Matcher, Set<string>>();

/** Needles that stand in a dictionary themselves. */
function inDictionaries(matcher: Matcher): Set<string> {
  let known = common.get(matcher);
  if (!known) {
    const hits = ourDictionaries().flatMap((one) => matcher.find(one));
    common.set(matcher, (known = new Set(hits.map((one) => one.needle.text))));
  }
  return known;
}

/**
 * Everything found in the bytes.
 * @param whole they are one value from its first byte to its last, not a part of a file
 */
export function* search(
  matcher: Matcher,
  bytes: Buffer,
  whole: boolean,
): Generator<Hit & { inflated: boolean }> {
  for (const hit of matcher.find(bytes)) yield { ...hit, inflated: false };
  for (const plain of whole ? inflatedValue(bytes) : inflatedWithin(bytes))
    for (const hit of matcher.find(plain)) yield { ...hit, inflated: true };
  if (!whole) return;
  for (const plain of inflatedWithDictionary(bytes))
    for (const hit of matcher.find(plain))
      if (!inDictionaries(matcher).has(hit.needle.text)) yield { ...hit, inflated: true };
}
