/** What reminders say, in the languages of the house: a time at most; no name of anybody, nothing of why. */
import { pushWords, type PushSaid } from '@afar/access';

export interface Said {
  subject: string;
  /** Of a mail; `optOut` is added by whoever sends it. */
  text: string;
  sms: string;
  /** The line before the link that ends such mail. */
  optOut: string;
}

interface VisitAsk {
  /** Absent: the clinic does not let the time be said. */
  at?: number;
  zone?: string;
  url: string;
  path: string;
}

interface Words {
  visit: { subject: string; at(when: string): string; near: string; see: string };
  survey: { subject: string; text: string };
  optOut: string;
}

const en: Words = {
  visit: {
    subject: 'Your appointment',
    at: (when) => `Your appointment is on ${when}.`,
    near: 'An appointment of yours is near.',
    see: 'Sign in to see it, to move it or to cancel it:',
  },
  survey: {
    subject: 'How was your visit?',
    text: 'A few short questions wait for you. You may leave out any of them, and answer without your name:',
  },
  optOut: 'No more of these:',
};
const es: Words = {
  visit: {
    subject: 'Su cita',
    at: (when) => `Su cita es el ${when}.`,
    near: 'Se acerca una cita suya.',
    see: 'Inicie sesión para verla, cambiarla o anularla:',
  },
  survey: {
    subject: '¿Qué tal su visita?',
    text: 'Le esperan unas breves preguntas. Puede dejar cualquiera sin contestar y responder sin su nombre:',
  },
  optOut: 'No recibir más mensajes como este:',
};
const ar: Words = {
  visit: {
    subject: 'موعدك',
    at: (when) => `موعدك يوم ${when}.`,
    near: 'اقترب أحد مواعيدك.',
    see: 'سجّل الدخول لعرضه أو تغييره أو إلغائه:',
  },
  survey: {
    subject: 'كيف كانت زيارتك؟',
    text: 'بانتظارك بضعة أسئلة قصيرة. يمكنك ترك أي منها، والإجابة دون ذكر اسمك:',
  },
  optOut: 'لإيقاف هذه الرسائل:',
};

const wordsOf = (locale: string): Words =>
  /^es\b/i.test(locale) ? es : /^ar\b/i.test(locale) ? ar : en;

/** The day and the clock as she reads them; the zone is named, for whoever travels. */
export function whenOf(at: number, zone: string, locale: string): string {
  const language = wordsOf(locale) === en && !/^en\b/i.test(locale) ? 'en' : locale;
  return new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: zone,
    timeZoneName: 'short',
  }).format(at);
}

const paragraphs = (...all: string[]): string => all.join('\n\n');

export function visitSaid(
  locale: string,
  { at, zone, url, path }: VisitAsk,
): Said & { push: PushSaid } {
  const { visit, optOut } = wordsOf(locale);
  const first =
    at === undefined || zone === undefined ? visit.near : visit.at(whenOf(at, zone, locale));
  return {
    subject: visit.subject,
    text: paragraphs(first, visit.see, url),
    sms: `Afar: ${first}`,
    optOut,
    push: { ...pushWords(locale, 'patient', 'visits'), url: path, ttlSeconds: 3600 },
  };
}

export function surveySaid(locale: string, { url, path }: VisitAsk): Said & { push: PushSaid } {
  const { survey, optOut } = wordsOf(locale);
  return {
    subject: survey.subject,
    text: paragraphs(survey.text, url),
    sms: `Afar: ${survey.subject}`,
    optOut,
    push: { ...pushWords(locale, 'patient', 'surveys'), url: path },
  };
}
