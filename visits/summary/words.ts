/** The words of a summary in the languages it is made in, and which of them a patient reads. */
import type { Patient } from '@afar/fhir';
import ar from './words/ar.json' with { type: 'json' };
import en from './words/en.json' with { type: 'json' };
import es from './words/es.json' with { type: 'json' };

export type SummaryWords = typeof en;
export type SummaryLanguage = 'en' | 'es' | 'ar';

const all: Record<SummaryLanguage, SummaryWords> = { en, es, ar };

/** The nearest language there is to a tag such as `es-MX` [RFC 5646]. */
export function nearestLanguage(tag: string | undefined): SummaryLanguage | undefined {
  const short = tag?.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(all, short) ? (short as SummaryLanguage) : undefined;
}

/** What she speaks by her record: what she prefers, else the first there is. */
export function languageOf(patient: Patient | undefined): SummaryLanguage | undefined {
  const spoken = patient?.communication ?? [];
  const first = spoken.find((one) => one.preferred) ?? spoken[0];
  const codes = [first, ...spoken].flatMap((one) => one?.language.coding ?? []);
  for (const { code } of codes) {
    const found = nearestLanguage(code);
    if (found) return found;
  }
  return undefined;
}

export const wordsIn = (language: SummaryLanguage): SummaryWords => all[language];

export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));

/** Western digits in every language: doses are read beside boxes that carry them. */
export const localeOf = (language: SummaryLanguage): string => `${language}-u-nu-latn`;
