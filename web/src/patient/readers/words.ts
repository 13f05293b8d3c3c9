/** What was done in a record, in words a person has for it. */
import { useTranslation } from 'react-i18next';
import type { ReaderEntry } from '@afar/access/contract';

type What = ReaderEntry['what'][number];

export function useReaderWords() {
  const { t, i18n } = useTranslation(['readers', 'auditor', 'shell']);
  const type = (name: string): string =>
    i18n.exists(`readers:type.${name}`)
      ? t(`readers:type.${name}` as 'readers:type.Patient')
      : name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return {
    /** "Looked at: results and measurements" */
    what: ({ verb, action, type: kind }: What): string =>
      kind
        ? // Searching for something is looking at it.
          t(`readers:verb.${action.startsWith('search') ? 'R' : verb}`, { what: type(kind) })
        : i18n.exists(`auditor:action.${action}`)
          ? t(`auditor:action.${action}` as 'auditor:action.read')
          : t('readers:other'),
    purpose: (code: string): string =>
      i18n.exists(`readers:purpose.${code}`)
        ? t(`readers:purpose.${code}` as 'readers:purpose.TREAT')
        : code,
    person: ({ kind, name, role }: ReaderEntry['reader']): string =>
      kind === 'you' ? t('readers:you') : (name ?? t(`readers:kind.${kind}`, { role })),
    role: ({ kind, role }: ReaderEntry['reader']): string =>
      kind === 'staff' && i18n.exists(`shell:role.${role}`)
        ? t(`shell:role.${role}` as 'shell:role.nurse')
        : t(`readers:kind.${kind}`),
  };
}
