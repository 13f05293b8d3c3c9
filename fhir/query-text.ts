/** Splitting and unescaping search values: `\,` `\|` `\$` `\\` stand for themselves [FHIR R4 search.html#escaping]. */

/** Splits at each unescaped separator; the parts keep their escapes. */
export function splitEscaped(text: string, separator: string): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && i + 1 < text.length) part += char + text[++i]!;
    else if (char === separator) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part];
}

/** Drops the backslash of the four escapes; any other backslash is an ordinary character. */
export function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\,|$])/g, '$1') : text;
}

/** The inverse of `unescape`, for building a search. */
export function escapeValue(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}
