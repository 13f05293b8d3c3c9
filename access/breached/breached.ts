/** Is a password one of those that everybody tries first? Asked offline: of a small list that comes along, and of a great one where it was loaded. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { askFile } from './filter.ts';

/** Made by generate.ts from a public list (NOTICE.md). */
const common = join(import.meta.dirname, 'common.filter');

export interface Breached {
  /** False alarms: less than 1 in 1,000 for each list that is asked. */
  holds(password: string): boolean;
}

const sha1 = (text: string): Buffer => hash('sha1', text, 'buffer');

/** What stands for letters in passwords that only look hard. */
const disguises: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/**
 * The words to look for: the password as it is, in lower case, and the word in it when all around is digits and signs
 * (`Password2026!`), written twice or with signs for letters too: twelve characters alone do not make these hard.
 */
function formsOf(password: string): string[] {
  const lower = password.toLowerCase();
  const forms = new Set([password, lower]);
  const plain = (text: string) => text.replaceAll(/[@4310!$57]/g, (sign) => disguises[sign]!);
  // At the end `1` and `!` are what they are: a tail, and no letters.
  const untailed = plain(lower.replace(/[^\p{L}]+$/u, ''));
  const cores = [lower, plain(lower), untailed].map((one) =>
    one.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, ''),
  );
  for (const core of cores) {
    const half = core.slice(0, core.length / 2);
    for (const form of half + half === core ? [core, half] : [core])
      // Shorter ones are syllables: whatever stands around them is the password.
      if (form.length >= 4) forms.add(form);
  }
  return [...forms];
}

/**
 * @param file where `npm run afar -- passwords load` puts the great list; asked anew each time, so that a running server
 *   sees it. A file that cannot be read is an error, not a password that may be used.
 */
export function createBreached(file?: string): Breached {
  return {
    holds(password) {
      const hashes = formsOf(password).map(sha1);
      // The great list has whole passwords: of what is only a part of this one it says nothing.
      const whole = hashes.slice(0, 2);
      return askFile(common, hashes) === true || (file ? askFile(file, whole) === true : false);
    },
  };
}
