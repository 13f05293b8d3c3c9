/** Every word on screen: i18next with one file per language and surface, fetched when first needed. */
import i18next, { type BackendModule, type ReadCallback } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const languages = { en: 'English', es: 'Español', ar: 'العربية' } as const;
export type Language = keyof typeof languages;

const files = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json');
const storageKey = 'afar.language';

const backend: BackendModule = {
  type: 'backend',
  init() {},
  read(language: string, namespace: string, done: ReadCallback) {
    const load = files[`../locales/${language}/${namespace}.json`];
    if (!load) return done(new Error(`no words for ${language}/${namespace}`), false);
    load().then(
      (file) => done(null, file.default),
      (error: Error) => done(error, false),
    );
  },
};

/** The nearest language we speak to a locale such as `es-MX`. */
export function nearest(locale: string | undefined): Language | undefined {
  const short = locale?.toLowerCase().split('-')[0];
  return short && short in languages ? (short as Language) : undefined;
}

function remembered(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    return undefined; // storage can be switched off: the browser's language serves
  }
}

/** Changes the language of the page; remembered on this device (a preference, not a fact of health). */
export async function speak(language: Language): Promise<void> {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  await i18next.changeLanguage(language);
}

/**
 * What is filled into a sentence, kept from turning its order: in a right-to-left language each name, number or time stands
 * isolated [Unicode UAX #9, FSI U+2068 and PDI U+2069], whichever script it is written in. Left-to-right text stays as it is.
 */
export const isolated = (value: string): string =>
  i18next.dir() === 'rtl' ? `\u2068${value}\u2069` : value;

function mark(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

export async function startWords(): Promise<void> {
  i18next.on('languageChanged', mark);
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: nearest(remembered()) ?? nearest(navigator.language) ?? 'en',
      fallbackLng: 'en',
      ns: ['common', 'shell'],
      defaultNS: 'common',
      // React escapes for the page; what is called escaping here is isolating.
      interpolation: { escapeValue: true, escape: isolated },
      returnNull: false,
    });
}
