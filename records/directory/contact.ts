/** Comparing folded values: contact points, and where in a value a match may begin. */
import { fold, foldPhone } from './fold.ts';

/** "A server defined search" over several parts [FHIR R4 patient.html#search]: any word may begin the match. */
export const anyWord: ReadonlySet<string> = new Set(['name', 'address']);

/** Parameters whose values are phone numbers or addresses of mail. */
export const contactParams: ReadonlySet<string> = new Set(['phone', 'email', 'telecom']);

/** `+1 (555) 010` by its digits, an address of mail by its letters. */
export function foldContact(value: string): string {
  return value.includes('@') ? value.trim().toLowerCase() : foldPhone(value) || fold(value);
}

/** True when a folded value answers a folded prefix for this parameter. */
export function startsWith(param: string, text: string, prefix: string): boolean {
  if (text.startsWith(prefix)) return true;
  return anyWord.has(param) && text.includes(` ${prefix}`);
}
