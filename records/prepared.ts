/** Names for statements that are built at run time, so that each text is parsed and planned once for a connection. */
import type { Sql } from '@afar/platform';

const names = new Map<string, string>();

/** Shapes beyond this many run unnamed: a stream of ever new texts must not fill every connection's memory. */
const limit = 500;

export function prepared(text: string, values: unknown[]): Sql {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= limit) return { text, values };
    names.set(text, (name = `records.${names.size}`));
  }
  return { name, text, values };
}
