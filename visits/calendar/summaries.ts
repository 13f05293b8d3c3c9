/** What an entry of a calendar says, in the owner's language: by default that there is an appointment, and no more. */
import type { CalendarWords, VisitMode } from '../contract.ts';

interface Words {
  appointment: string;
  with: (name: string) => string;
  modes: Record<VisitMode, string>;
}

const languages: Record<string, Words> = {
  en: {
    appointment: 'Appointment',
    with: (name) => `Appointment with ${name}`,
    modes: {
      video: 'Video visit',
      audio: 'Audio visit',
      chat: 'Chat visit',
      'in-person': 'Visit in person',
    },
  },
  es: {
    appointment: 'Cita',
    with: (name) => `Cita con ${name}`,
    modes: {
      video: 'Visita por vídeo',
      audio: 'Visita por audio',
      chat: 'Visita por chat',
      'in-person': 'Visita en persona',
    },
  },
};

const wordsIn = (locale: string): Words => languages[locale.slice(0, 2)] ?? languages.en!;

/** Name of a subscribed calendar. */
export const calendarName = (locale: string): string => wordsIn(locale).appointment;

export function summaryOf(
  words: CalendarWords,
  locale: string,
  { mode, clinician }: { mode: VisitMode; clinician: string },
): string {
  const said = wordsIn(locale);
  if (words === 'mode') return said.modes[mode];
  return words === 'person' && clinician ? said.with(clinician) : said.appointment;
}
