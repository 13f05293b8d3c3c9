/** What stands between two parts of a line said one after the other: the comma of the reader's script. */
export const comma = (locale: string): string => (/^(?:ar|fa|ur)\b/i.test(locale) ? '، ' : ', ');
