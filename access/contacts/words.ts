/** What a push says, in the languages of the house: that something waits, and where. No name, nothing clinical. */
import type { SignInRole } from '../contract.ts';
import type { ContactTopic } from '../contract-contacts.ts';
import type { NoticeKind } from '../notices/kinds.ts';
import type { PushSaid } from './contacts.ts';

/** What she is asked about when she chooses. */
export function topicOfNotice(kind: NoticeKind): ContactTopic {
  if (kind === 'message' || kind === 'message-assigned' || kind === 'message-overdue')
    return 'messages';
  return 'notices';
}

const en: Record<ContactTopic, string> = {
  visits: 'An appointment of yours is near.',
  messages: 'You have a new message.',
  surveys: 'How was your visit? A short question waits for you.',
  notices: 'Something waits for you.',
};
const es: Record<ContactTopic, string> = {
  visits: 'Se acerca una cita suya.',
  messages: 'Tiene un mensaje nuevo.',
  surveys: '¿Qué tal su visita? Le espera una breve pregunta.',
  notices: 'Algo le espera.',
};
const ar: Record<ContactTopic, string> = {
  visits: 'اقترب أحد مواعيدك.',
  messages: 'لديك رسالة جديدة.',
  surveys: 'كيف كانت زيارتك؟ بانتظارك سؤال قصير.',
  notices: 'هناك شيء بانتظارك.',
};

const spoken = (locale: string) => (/^es\b/i.test(locale) ? es : /^ar\b/i.test(locale) ? ar : en);

const pages = (role: SignInRole, topic: ContactTopic): string => {
  if (topic === 'messages') return role === 'patient' ? '/patient/messages' : '/clinician/messages';
  return '/';
};

/** @param locale BCP 47 tag; languages we do not speak get English */
export function pushWords(locale: string, role: SignInRole, topic: ContactTopic): PushSaid {
  return { title: 'Afar', text: spoken(locale)[topic], url: pages(role, topic), tag: topic };
}
