/** Languages that interpreters are asked for, named in the reader's own. */

/** The thirty most spoken, the sign languages of our first countries, and those that migrants are most often interpreted from. */
const tags = [
  'am', 'ar', 'ase', 'bn', 'bg', 'de', 'el', 'en', 'es', 'fa', 'fr', 'gu', 'ha', 'he', 'hi', 'ht', 'hu', 'id', 'ins',
  'it', 'ja', 'ko', 'ku', 'mr', 'my', 'ne', 'nl', 'pa', 'pl', 'prs', 'ps', 'pt', 'qu', 'ro', 'ru', 'so', 'sq', 'ssp',
  'sw', 'ta', 'te', 'th', 'ti', 'tl', 'tr', 'uk', 'ur', 'vi', 'yue', 'zh',
]; // oxfmt-ignore

/** Options of a select, in the order of their names. */
export function languageChoices(locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(locale, { type: 'language' });
  return tags
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .toSorted((one, other) => one.label.localeCompare(other.label, locale));
}
