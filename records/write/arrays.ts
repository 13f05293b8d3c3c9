/** Array literals for parameters: one string for a column of many rows is what the driver sends cheapest. */

type Plain = string | number | boolean | null;

/** Values without commas, quotes, braces or backslashes: uuids, numbers, booleans, codes of ours. */
export function plain(values: readonly Plain[]): string {
  return `{${values.map((one) => (one === null ? 'NULL' : one)).join()}}`;
}

/** Any text. */
export function quoted(values: readonly string[]): string {
  return `{${values.map(quote).join()}}`;
}

/** A row's own list, as one element of a text[] that SQL casts back: `x.list::bigint[]`. */
export function lists(values: readonly (readonly Plain[])[]): string {
  return `{${values.map((one) => `"${plain(one)}"`).join()}}`;
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
