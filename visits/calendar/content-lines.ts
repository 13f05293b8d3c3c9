/** Content lines of iCalendar: escaping, folding, instants [RFC 5545 3.1, 3.3]. */

/** A control character other than tab and line break, which no value may hold [RFC 5545 3.1, CONTROL]. */
function isControl(char: string): boolean {
  const code = char.codePointAt(0)!;
  return (code < 0x20 && char !== '\t' && char !== '\n') || code === 0x7f;
}

const shown = (text: string): string =>
  Array.from(text.replaceAll(/\r\n?/g, '\n'))
    .filter((char) => !isControl(char))
    .join('');

/** [RFC 5545 3.3.11] TEXT: backslash, semicolon, comma and line break are escaped; other controls may not stand in it. */
export function escapeText(text: string): string {
  return shown(text)
    .replaceAll('\\', '\\\\')
    .replaceAll(';', String.raw`\;`)
    .replaceAll(',', String.raw`\,`)
    .replaceAll('\n', String.raw`\n`);
}

/** [RFC 5545 3.2] A parameter's value: quoted where it must be; it has no way to say a quote or a line break. */
export function parameterValue(text: string): string {
  const plain = shown(text).replaceAll(/["\n]/g, "'");
  return /[:;,]/.test(plain) ? `"${plain}"` : plain;
}

const mostOctets = 75;

/** [RFC 5545 3.1] No line is longer than 75 octets; a character of several octets is never cut. */
export function fold(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const char of line) {
    const size = Buffer.byteLength(char);
    // What is continued begins with a space, which counts.
    if (octets + size > mostOctets) {
      parts.push(part);
      part = ' ';
      octets = 1;
    }
    part += char;
    octets += size;
  }
  return [...parts, part].join('\r\n');
}

/** [RFC 5545 3.3.5] Form 2: an instant in UTC, whatever zone a computer is set to. @param ms since epoch */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

export type Line = readonly [name: string, value: string];

export const lines = (all: readonly Line[]): string =>
  all.map(([name, value]) => `${fold(`${name}:${value}`)}\r\n`).join('');
